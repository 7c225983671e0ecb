using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Dialects.Framing;

namespace Gateway.Dialects.Tests.Bedrock;

/// <summary>One recorded answer of Converse: a whole one, or the events of a stream with their names.</summary>
internal sealed record BedrockRecording(string Name, byte[]? Plain, IReadOnlyList<(string Name, string Payload)> Events)
{
    /// <summary>The events as they come over the wire.</summary>
    public byte[] Framed()
    {
        var output = new ArrayBufferWriter<byte>();
        foreach (var (name, payload) in Events)
        {
            EventStreamMessage.WriteEvent(output, Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(payload));
        }

        return output.WrittenSpan.ToArray();
    }
}

/// <summary>Recordings of Converse.</summary>
internal static class BedrockRecordings
{
    public static IEnumerable<BedrockRecording> All()
    {
        var folder = Path.Combine(SourceTree.SharedData, "recorded", "vercel-ai", "packages", "amazon-bedrock", "src", "__fixtures__");
        Assert.SkipUnless(Directory.Exists(folder), "The recordings are not beside the project.");
        foreach (var file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(file);
            if (name.EndsWith(".json", StringComparison.Ordinal))
            {
                yield return new(name, File.ReadAllBytes(file), []);
            }
            else
            {
                yield return new(name, null, [.. File.ReadLines(file).Where(static l => l.Length > 0).Select(static l => JsonElement.Parse(l).EnumerateObject().First()).Select(static e => (e.Name, e.Value.GetRawText()))]);
            }
        }
    }

    /// <summary>Events of a stream that arrives in pieces of the given sizes.</summary>
    public static List<(string Name, byte[] Payload)> Cut(byte[] stream, IReadOnlyList<int> sizes)
    {
        using var reader = new EventStreamFrameReader();
        var events = new List<(string, byte[])>();
        var turn = 0;
        for (var at = 0; at < stream.Length;)
        {
            var memory = reader.GetMemory();
            var size = Math.Min(Math.Min(sizes[turn++ % sizes.Count], stream.Length - at), memory.Length);
            stream.AsSpan(at, size).CopyTo(memory.Span);
            reader.Advance(size);
            at += size;
            while (reader.TryRead(out var frame))
            {
                var open = reader.Open(frame);
                events.Add((Encoding.UTF8.GetString(open.EventName.Span), open.Payload.ToArray()));
            }
        }

        Assert.False(reader.IsMalformed);
        Assert.False(reader.HasPartialFrame);
        return events;
    }
}
