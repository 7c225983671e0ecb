using System.Buffers.Binary;
using System.Text;

namespace Gateway.LlmSimulator.Native;

/// <summary>Messages of AWS's event stream: lengths, headers and payload under two CRC-32 sums.</summary>
internal static class EventStream
{
    private const int PreludeBytes = 12;
    private const int SumBytes = 4;

    public static byte[] Event(string type, ReadOnlySpan<byte> payload, bool damaged = false)
    {
        var message = Write(payload, (":event-type", type), (":content-type", "application/json"), (":message-type", "event"));
        if (damaged)
        {
            message[^1] ^= 0xFF;
        }

        return message;
    }

    public static byte[] Exception(string type, ReadOnlySpan<byte> payload)
        => Write(payload, (":exception-type", type), (":content-type", "application/json"), (":message-type", "exception"));

    private static byte[] Write(ReadOnlySpan<byte> payload, params ReadOnlySpan<(string Name, string Value)> headers)
    {
        var head = new List<byte>();
        foreach (var (name, value) in headers)
        {
            const byte IsText = 7;
            head.Add((byte)name.Length);
            head.AddRange(Encoding.ASCII.GetBytes(name));
            head.Add(IsText);
            head.Add((byte)(value.Length >> 8));
            head.Add((byte)value.Length);
            head.AddRange(Encoding.ASCII.GetBytes(value));
        }

        var message = new byte[PreludeBytes + head.Count + payload.Length + SumBytes];
        var span = message.AsSpan();
        BinaryPrimitives.WriteUInt32BigEndian(span, (uint)message.Length);
        BinaryPrimitives.WriteUInt32BigEndian(span[4..], (uint)head.Count);
        BinaryPrimitives.WriteUInt32BigEndian(span[8..], Sum(span[..8]));
        head.CopyTo(message, PreludeBytes);
        payload.CopyTo(span[(PreludeBytes + head.Count)..]);
        BinaryPrimitives.WriteUInt32BigEndian(span[^SumBytes..], Sum(span[..^SumBytes]));
        return message;
    }

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = 0xFFFF_FFFFu;
        foreach (var b in bytes)
        {
            sum ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                sum = (sum >> 1) ^ ((sum & 1) * 0xEDB8_8320u);
            }
        }

        return ~sum;
    }
}
