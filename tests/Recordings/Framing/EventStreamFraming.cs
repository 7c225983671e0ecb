using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace Gateway.Recordings.Framing;

/// <summary>One message of an AWS event stream.</summary>
/// <param name="Headers">Its string headers, such as <c>:event-type</c>.</param>
/// <param name="Payload">Its payload.</param>
public sealed record EventStreamMessage(IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Payload);

/// <summary>
/// AWS's binary event stream, written and read without the product's code, which it is there to judge. A message is: total length
/// and length of the headers (4 bytes each, big endian), CRC-32 of those eight bytes, headers, payload, CRC-32 of all before.
/// </summary>
public static class EventStreamFraming
{
    private const int PreludeBytes = 12;
    private const int TrailerBytes = 4;
    private const byte StringHeader = 7;

    private static readonly uint[] _table = [.. Enumerable.Range(0, 256).Select(static n => Enumerable.Range(0, 8).Aggregate((uint)n, static (c, _) => (c & 1) == 1 ? 0xEDB88320u ^ (c >> 1) : c >> 1))];

    /// <summary>CRC-32 as zlib and AWS compute it.</summary>
    public static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc = _table[(byte)(crc ^ b)] ^ (crc >> 8);
        }

        return ~crc;
    }

    /// <summary>One message of string headers and a payload.</summary>
    public static byte[] Write(IEnumerable<KeyValuePair<string, string>> headers, ReadOnlySpan<byte> payload)
    {
        using var head = new MemoryStream();
        foreach (var (name, value) in headers)
        {
            var n = Encoding.UTF8.GetBytes(name);
            var v = Encoding.UTF8.GetBytes(value);
            head.WriteByte((byte)n.Length);
            head.Write(n);
            head.WriteByte(StringHeader);
            head.WriteByte((byte)(v.Length >> 8));
            head.WriteByte((byte)v.Length);
            head.Write(v);
        }

        var message = new byte[PreludeBytes + head.Length + payload.Length + TrailerBytes];
        BinaryPrimitives.WriteInt32BigEndian(message, message.Length);
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(4), (int)head.Length);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(8), Crc32(message.AsSpan(0, 8)));
        head.ToArray().CopyTo(message, PreludeBytes);
        payload.CopyTo(message.AsSpan(PreludeBytes + (int)head.Length));
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(message.Length - TrailerBytes), Crc32(message.AsSpan(0, message.Length - TrailerBytes)));
        return message;
    }

    /// <summary>An event with a JSON payload, as Bedrock sends them.</summary>
    public static byte[] Event(string type, ReadOnlySpan<byte> payload)
        => Write([new(":event-type", type), new(":content-type", "application/json"), new(":message-type", "event")], payload);

    /// <summary>Every message of a whole stream.</summary>
    /// <exception cref="InvalidDataException">A length or checksum is wrong, or bytes are left over.</exception>
    public static IReadOnlyList<EventStreamMessage> Read(ReadOnlyMemory<byte> stream)
    {
        var messages = new List<EventStreamMessage>();
        while (!stream.IsEmpty)
        {
            var all = stream.Span;
            if (all.Length < PreludeBytes + TrailerBytes || BinaryPrimitives.ReadInt32BigEndian(all) is var length && (length > all.Length || length < PreludeBytes + TrailerBytes))
            {
                throw new InvalidDataException("an event stream ends inside a message");
            }

            var headLength = BinaryPrimitives.ReadInt32BigEndian(all[4..]);
            if (BinaryPrimitives.ReadUInt32BigEndian(all[8..]) != Crc32(all[..8]) || BinaryPrimitives.ReadUInt32BigEndian(all[(length - TrailerBytes)..]) != Crc32(all[..(length - TrailerBytes)]))
            {
                throw new InvalidDataException("an event stream's checksum is wrong");
            }

            messages.Add(new EventStreamMessage(Headers(all.Slice(PreludeBytes, headLength)), stream[(PreludeBytes + headLength)..(length - TrailerBytes)]));
            stream = stream[length..];
        }

        return messages;
    }

    /// <summary>The JSON events that InvokeModel's stream carries, each base64 in <c>{"bytes": …}</c>.</summary>
    public static IEnumerable<string> InvokeModelEvents(ReadOnlyMemory<byte> stream)
    {
        foreach (var message in Read(stream))
        {
            using var document = JsonDocument.Parse(message.Payload);
            yield return Encoding.UTF8.GetString(document.RootElement.GetProperty("bytes").GetBytesFromBase64());
        }
    }

    private static Dictionary<string, string> Headers(ReadOnlySpan<byte> bytes)
    {
        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        while (!bytes.IsEmpty)
        {
            var name = Encoding.UTF8.GetString(bytes.Slice(1, bytes[0]));
            bytes = bytes[(1 + bytes[0])..];
            if (bytes[0] != StringHeader)
            {
                throw new InvalidDataException($"header {name} is of type {bytes[0]}, not a string");
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(bytes[1..]);
            headers[name] = Encoding.UTF8.GetString(bytes.Slice(3, length));
            bytes = bytes[(3 + length)..];
        }

        return headers;
    }
}
