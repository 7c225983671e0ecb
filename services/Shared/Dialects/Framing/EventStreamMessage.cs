using System.Buffers;
using System.Buffers.Binary;

namespace Gateway.Dialects.Framing;

/// <summary>Writes messages of an Amazon event stream.</summary>
public static class EventStreamMessage
{
    private const int PreludeBytes = 12;
    private const int ChecksumBytes = 4;
    private const byte StringValue = 7;

    /// <summary>Writes an event with a JSON payload.</summary>
    public static void WriteEvent(IBufferWriter<byte> output, ReadOnlySpan<byte> eventType, ReadOnlySpan<byte> payload) =>
        Write(output, "event"u8, ":event-type"u8, eventType, payload);

    /// <summary>Writes an exception with a JSON payload.</summary>
    public static void WriteException(IBufferWriter<byte> output, ReadOnlySpan<byte> exceptionType, ReadOnlySpan<byte> payload) =>
        Write(output, "exception"u8, ":exception-type"u8, exceptionType, payload);

    /// <summary>Writes a message with the headers of another one.</summary>
    /// <param name="output">Takes the message.</param>
    /// <param name="like">A whole message whose headers are used.</param>
    /// <param name="payload">The payload.</param>
    public static void WriteLike(IBufferWriter<byte> output, ReadOnlySpan<byte> like, ReadOnlySpan<byte> payload)
    {
        ArgumentNullException.ThrowIfNull(output);
        var headers = (int)BinaryPrimitives.ReadUInt32BigEndian(like[4..]);
        var total = PreludeBytes + headers + payload.Length + ChecksumBytes;
        var message = output.GetSpan(total)[..total];
        BinaryPrimitives.WriteUInt32BigEndian(message, (uint)total);
        BinaryPrimitives.WriteUInt32BigEndian(message[4..], (uint)headers);
        BinaryPrimitives.WriteUInt32BigEndian(message[8..], Crc32.Compute(message[..8]));
        like.Slice(PreludeBytes, headers).CopyTo(message[PreludeBytes..]);
        payload.CopyTo(message[(PreludeBytes + headers)..]);
        BinaryPrimitives.WriteUInt32BigEndian(message[^ChecksumBytes..], Crc32.Compute(message[..^ChecksumBytes]));
        output.Advance(total);
    }

    private static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> messageType, ReadOnlySpan<byte> typeHeader, ReadOnlySpan<byte> type, ReadOnlySpan<byte> payload)
    {
        var headers = HeaderLength(typeHeader, type) + HeaderLength(":content-type"u8, "application/json"u8) + HeaderLength(":message-type"u8, messageType);
        var total = PreludeBytes + headers + payload.Length + ChecksumBytes;
        var message = output.GetSpan(total)[..total];
        BinaryPrimitives.WriteUInt32BigEndian(message, (uint)total);
        BinaryPrimitives.WriteUInt32BigEndian(message[4..], (uint)headers);
        BinaryPrimitives.WriteUInt32BigEndian(message[8..], Crc32.Compute(message[..8]));
        var rest = message[PreludeBytes..];
        WriteHeader(ref rest, typeHeader, type);
        WriteHeader(ref rest, ":content-type"u8, "application/json"u8);
        WriteHeader(ref rest, ":message-type"u8, messageType);
        payload.CopyTo(rest);
        BinaryPrimitives.WriteUInt32BigEndian(message[^ChecksumBytes..], Crc32.Compute(message[..^ChecksumBytes]));
        output.Advance(total);
    }

    private static int HeaderLength(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => 1 + name.Length + 1 + 2 + value.Length;

    private static void WriteHeader(ref Span<byte> rest, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        rest[0] = (byte)name.Length;
        name.CopyTo(rest[1..]);
        rest = rest[(1 + name.Length)..];
        rest[0] = StringValue;
        BinaryPrimitives.WriteUInt16BigEndian(rest[1..], (ushort)value.Length);
        value.CopyTo(rest[3..]);
        rest = rest[(3 + value.Length)..];
    }
}
