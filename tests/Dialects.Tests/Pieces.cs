using System.Text;
using Gateway.Dialects.Sse;

namespace Gateway.Dialects.Tests;

/// <summary>Byte streams re-cut at random boundaries, as networks do.</summary>
internal static class Pieces
{
    public static IEnumerable<ReadOnlyMemory<byte>> Cut(ReadOnlyMemory<byte> bytes, int seed)
    {
        var random = new Random(seed);
        var most = random.Next(3) switch { 0 => 3, 1 => 40, _ => 4000 };
        for (var at = 0; at < bytes.Length;)
        {
            var length = Math.Min(random.Next(1, most), bytes.Length - at);
            yield return bytes.Slice(at, length);
            at += length;
        }
    }

    /// <summary>Names and payloads of server-sent events that arrive in random pieces.</summary>
    public static List<(string Name, byte[] Payload)> SseEvents(ReadOnlyMemory<byte> stream, int seed)
    {
        using var reader = new SseFrameReader();
        var events = new List<(string, byte[])>();
        foreach (var piece in Cut(stream, seed))
        {
            for (var rest = piece; !rest.IsEmpty;)
            {
                var room = reader.GetMemory();
                var taken = Math.Min(room.Length, rest.Length);
                rest[..taken].CopyTo(room);
                reader.Advance(taken);
                rest = rest[taken..];
                while (reader.TryRead(out var frame))
                {
                    var payload = SseData.Find(frame).ToArray();
                    if (payload.Length > 0)
                    {
                        events.Add((NameOf(Encoding.UTF8.GetString(frame.Span)), payload));
                    }
                }
            }
        }

        return events;
    }

    private static string NameOf(string frame) =>
        frame.Split('\r', '\n').FirstOrDefault(static l => l.StartsWith("event:", StringComparison.Ordinal))?[6..].Trim() ?? "";
}
