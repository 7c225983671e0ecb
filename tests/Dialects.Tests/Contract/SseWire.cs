using System.Text;
using Gateway.Dialects.Sse;

namespace Gateway.Dialects.Tests.Contract;

/// <summary>One wire event: its name, empty when it has none, and its payload.</summary>
public readonly record struct WireEvent(byte[] Name, byte[] Payload);

/// <summary>Takes server-sent events apart, from pieces of random sizes.</summary>
public static class SseWire
{
    /// <summary>The events of <paramref name="bytes"/>, which arrive in pieces of at most <paramref name="maxPiece"/> bytes.</summary>
    public static List<WireEvent> Read(ReadOnlyMemory<byte> bytes, Random random, int maxPiece)
    {
        var events = new List<WireEvent>();
        using var reader = new SseFrameReader();
        while (!bytes.IsEmpty)
        {
            var room = reader.GetMemory();
            var size = Math.Min(Math.Min(random.Next(1, maxPiece + 1), bytes.Length), room.Length);
            bytes[..size].CopyTo(room);
            reader.Advance(size);
            bytes = bytes[size..];
            while (reader.TryRead(out var frame))
            {
                var payload = SseData.Find(frame);
                if (!payload.IsEmpty)
                {
                    events.Add(new WireEvent(Name(frame), payload.ToArray()));
                }
            }
        }

        return events;
    }

    private static byte[] Name(ReadOnlyMemory<byte> frame)
    {
        foreach (var line in Encoding.UTF8.GetString(frame.Span).Split('\n', '\r'))
        {
            if (line.StartsWith("event:", StringComparison.Ordinal))
            {
                return Encoding.UTF8.GetBytes(line[6..].Trim());
            }
        }

        return [];
    }
}
