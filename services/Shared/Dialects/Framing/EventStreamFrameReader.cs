using System.Buffers.Binary;

namespace Gateway.Dialects.Framing;

/// <summary>
/// Cuts an Amazon event stream (<c>application/vnd.amazon.eventstream</c>) into messages: total length, length of the headers and their checksum, headers, payload,
/// checksum of all. The name of an event is its <c>:event-type</c>; of an exception its <c>:exception-type</c>, of an error its <c>:error-code</c>.
/// </summary>
/// <param name="maxFrameBytes">Longest message in bytes.</param>
public sealed class EventStreamFrameReader(int maxFrameBytes = Sse.SseFrameReader.DefaultMaxFrameBytes) : IFrameReader
{
    private const int PreludeBytes = 12;
    private const int ChecksumBytes = 4;
    private const byte StringValue = 7;

    private FrameBuffer _buffer = new(4096);

    /// <inheritdoc/>
    public bool HasPartialFrame => _buffer.Length > 0;

    /// <inheritdoc/>
    public bool Overflowed { get; private set; }

    /// <inheritdoc/>
    public bool IsMalformed { get; private set; }

    /// <inheritdoc/>
    public Memory<byte> GetMemory() => _buffer.GetMemory();

    /// <inheritdoc/>
    public void Advance(int count) => _buffer.Advance(count);

    /// <inheritdoc/>
    public bool TryRead(out ReadOnlyMemory<byte> frame)
    {
        frame = default;
        var held = _buffer.Held;
        if (IsMalformed || Overflowed || held.Length < PreludeBytes)
        {
            return false;
        }

        var total = BinaryPrimitives.ReadUInt32BigEndian(held);
        var headers = BinaryPrimitives.ReadUInt32BigEndian(held[4..]);
        if (Crc32.Compute(held[..8]) != BinaryPrimitives.ReadUInt32BigEndian(held[8..])
            || total < PreludeBytes + ChecksumBytes || headers > total - PreludeBytes - ChecksumBytes)
        {
            IsMalformed = true;
            return false;
        }

        Overflowed = total > maxFrameBytes;
        if (Overflowed || held.Length < total)
        {
            return false;
        }

        var length = (int)total;
        if (Crc32.Compute(held[..(length - ChecksumBytes)]) != BinaryPrimitives.ReadUInt32BigEndian(held[(length - ChecksumBytes)..]))
        {
            IsMalformed = true;
            return false;
        }

        frame = _buffer.Take(0, length);
        return true;
    }

    /// <inheritdoc/>
    public StreamFrame Open(ReadOnlyMemory<byte> frame)
    {
        var headersEnd = PreludeBytes + (int)BinaryPrimitives.ReadUInt32BigEndian(frame.Span[4..]);
        return new StreamFrame(FindName(frame[PreludeBytes..headersEnd]), frame[headersEnd..^ChecksumBytes]);
    }

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();

    private static ReadOnlyMemory<byte> FindName(ReadOnlyMemory<byte> headers)
    {
        while (headers.Length > 1 && headers.Length > headers.Span[0] + 1)
        {
            var nameLength = headers.Span[0];
            var name = headers.Span.Slice(1, nameLength);
            var type = headers.Span[1 + nameLength];
            var rest = headers[(2 + nameLength)..];
            if (ValueLength(type, rest.Span) is not { } length || length > rest.Length)
            {
                break;
            }

            if (type == StringValue && (name.SequenceEqual(":event-type"u8) || name.SequenceEqual(":exception-type"u8) || name.SequenceEqual(":error-code"u8)))
            {
                return rest[2..length];
            }

            headers = rest[length..];
        }

        return default;
    }

    /// <summary>Length of a header's value, its own length field included; null for a type that does not exist.</summary>
    private static int? ValueLength(byte type, ReadOnlySpan<byte> value) => type switch
    {
        0 or 1 => 0,
        2 => 1,
        3 => 2,
        4 => 4,
        5 or 8 => 8,
        6 or StringValue when value.Length >= 2 => 2 + BinaryPrimitives.ReadUInt16BigEndian(value),
        9 => 16,
        _ => null,
    };
}
