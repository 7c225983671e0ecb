using System.Buffers;
using System.Text;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Sse;

namespace Gateway.Dialects.Tests.Pairs;

/// <summary>What a stream's reader made of it.</summary>
internal sealed record StreamReading(IReadOnlyList<ChatEvent> Events, bool IsWhole, string? Invalid)
{
    public AnswerAssembler Assemble(DialectId origin)
    {
        var assembler = new AnswerAssembler(origin);
        foreach (var e in Events)
        {
            assembler.Add(e);
        }

        return assembler;
    }
}

/// <summary>Plays server-sent events to a reader, cut anywhere.</summary>
internal static class StreamPlayback
{
    /// <summary>Reads a stream whose bytes arrive in pieces of random length.</summary>
    public static StreamReading ReadSse(IChatDialect dialect, ReadOnlyMemory<byte> body, Random random)
    {
        var reader = dialect.CreateStreamReader();
        var events = new List<ChatEvent>();
        string? invalid = null;
        foreach (var (name, payload) in Frames(body, random))
        {
            if (!reader.Read(Encoding.UTF8.GetBytes(name), payload.Span, events))
            {
                invalid ??= Encoding.UTF8.GetString(payload.Span[..Math.Min(payload.Length, 200)]);
            }
        }

        return new StreamReading(events, reader.Complete(events), invalid);
    }

    /// <summary>Names and payloads of the events; those without payload are left out.</summary>
    public static List<(string Name, ReadOnlyMemory<byte> Payload)> Frames(ReadOnlyMemory<byte> body, Random random)
    {
        using var frames = new SseFrameReader();
        var found = new List<(string, ReadOnlyMemory<byte>)>();
        for (var at = 0; at < body.Length;)
        {
            var length = Math.Min(random.Next(1, 400), body.Length - at);
            for (var sent = 0; sent < length;)
            {
                var memory = frames.GetMemory();
                var piece = Math.Min(memory.Length, length - sent);
                body.Span.Slice(at + sent, piece).CopyTo(memory.Span);
                frames.Advance(piece);
                sent += piece;
                while (frames.TryRead(out var frame))
                {
                    var payload = SseData.Find(frame);
                    if (!payload.IsEmpty)
                    {
                        found.Add((Name(frame.Span), payload.ToArray()));
                    }
                }
            }

            at += length;
        }

        return found;
    }

    /// <summary>Writes a stream, from events to bytes.</summary>
    public static byte[] Write(IChatDialect dialect, IEnumerable<ChatEvent> events, AnswerContext context)
    {
        var writer = dialect.CreateStreamWriter(context);
        var output = new ArrayBufferWriter<byte>();
        foreach (var e in events)
        {
            writer.Write(e, output);
        }

        return output.WrittenSpan.ToArray();
    }

    private static string Name(ReadOnlySpan<byte> frame)
    {
        foreach (var line in Encoding.UTF8.GetString(frame).Split('\n'))
        {
            if (line.StartsWith("event:", StringComparison.Ordinal))
            {
                return line["event:".Length..].Trim();
            }
        }

        return "";
    }
}
