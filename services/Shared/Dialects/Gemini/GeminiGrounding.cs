using System.Text;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Gemini;

/// <summary>
/// Sources: <c>groundingMetadata</c> lists them (<c>groundingChunks</c>) and says which statement rests on which (<c>groundingSupports</c>, whose positions count
/// bytes of UTF-8 within a part); <c>citationMetadata</c> names sources of text that was recited.
/// </summary>
internal static class GeminiGrounding
{
    private const int MaxCitations = 1000;

    /// <summary>The sources of a candidate's text, each with the text part it belongs to.</summary>
    /// <param name="candidate">The candidate.</param>
    /// <param name="textAt">The text of the part at a position among the candidate's parts; null when it is no text.</param>
    /// <param name="last">Position of the last text part, which sources without a position belong to.</param>
    public static List<(int Part, Citation Citation)> Read(JsonElement candidate, Func<int, string?> textAt, int last)
    {
        var citations = new List<(int, Citation)>();
        var parts = new Dictionary<int, Positions>();
        if (candidate.CamelMember("groundingMetadata") is { } grounding)
        {
            ReadGrounding(grounding, At, citations);
        }

        if (candidate.CamelMember("citationMetadata") is { } metadata)
        {
            var (part, positions) = At(null);
            foreach (var source in (metadata.CamelMember("citationSources") ?? metadata.CamelMember("citations") ?? default).Items().Take(MaxCitations))
            {
                citations.Add((part, new Citation
                {
                    Url = source.StringOf("uri"),
                    Title = source.StringOf("title"),
                    Start = positions.FromBytes(source.CamelMember("startIndex")?.Int() ?? 0),
                    End = positions.FromBytes(source.CamelMember("endIndex")?.Int()),
                    Origin = DialectId.Gemini,
                    Raw = source,
                }));
            }
        }

        return citations;

        (int Part, Positions Positions) At(int? index)
        {
            var part = index is { } known && textAt(known) is not null ? known : last;
            if (!parts.TryGetValue(part, out var positions))
            {
                parts[part] = positions = new Positions(textAt(part) ?? "");
            }

            return (part, positions);
        }
    }

    /// <summary>Writes the member <c>groundingMetadata</c>, if there is any source.</summary>
    /// <param name="writer">Receives it.</param>
    /// <param name="texts">The texts with their sources, and the positions among the candidate's parts; a source without positions belongs to its whole text.</param>
    /// <param name="joined">True for a stream, in which positions run on over all texts.</param>
    public static void Write(Utf8JsonWriter writer, IReadOnlyList<(int Part, string Text, IReadOnlyList<Citation> Citations)> texts, bool joined)
    {
        var chunks = texts.SelectMany(static t => t.Citations).Select(static c => (c.Url, c.Title, c.CitedText)).Distinct().ToList();
        if (chunks.Count == 0)
        {
            return;
        }

        writer.WriteStartObject("groundingMetadata");
        writer.WriteStartArray("groundingChunks");
        foreach (var (url, title, cited) in chunks)
        {
            writer.WriteStartObject();
            writer.WriteStartObject(url is null ? "retrievedContext" : "web");
            writer.WriteOptional("uri", url);
            writer.WriteOptional("title", title);
            writer.WriteOptional("text", url is null ? cited : null);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("groundingSupports");
        var offset = 0;
        foreach (var (part, text, citations) in texts)
        {
            var positions = new Positions(text);
            foreach (var group in citations.GroupBy(c => (Start: c.End is null ? 0 : c.Start ?? 0, End: c.End ?? text.Length)))
            {
                writer.WriteStartObject();
                writer.WriteStartObject("segment");
                if (!joined && part > 0)
                {
                    writer.WriteNumber("partIndex", part);
                }

                writer.WriteNumber("startIndex", offset + positions.ToBytes(group.Key.Start));
                writer.WriteNumber("endIndex", offset + positions.ToBytes(group.Key.End));
                writer.WriteString("text", positions.Slice(group.Key.Start, group.Key.End));
                writer.WriteEndObject();
                writer.WriteStartArray("groundingChunkIndices");
                foreach (var index in group.Select(c => chunks.IndexOf((c.Url, c.Title, c.CitedText))).Distinct())
                {
                    writer.WriteNumberValue(index);
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            offset += joined ? positions.ToBytes(text.Length) : 0;
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void ReadGrounding(JsonElement grounding, Func<int?, (int Part, Positions Positions)> at, List<(int, Citation)> citations)
    {
        var chunks = (grounding.CamelMember("groundingChunks") ?? default).Items().Take(MaxCitations).ToList();
        var supports = (grounding.CamelMember("groundingSupports") ?? default).Items().Take(MaxCitations).ToList();
        if (supports.Count == 0)
        {
            citations.AddRange(chunks.Select(c => (at(null).Part, Read(c, null, null))));
            return;
        }

        foreach (var support in supports)
        {
            var segment = support.Member("segment") ?? default;
            var (part, positions) = at(segment.CamelMember("partIndex")?.Int() ?? 0);
            var start = positions.FromBytes(segment.CamelMember("startIndex")?.Int() ?? 0);
            var end = positions.FromBytes(segment.CamelMember("endIndex")?.Int());
            foreach (var index in (support.CamelMember("groundingChunkIndices") ?? default).Items())
            {
                if (index.Int() is { } chunk && chunk >= 0 && chunk < chunks.Count && citations.Count < MaxCitations)
                {
                    citations.Add((part, Read(chunks[chunk], start, end)));
                }
            }
        }
    }

    private static Citation Read(JsonElement chunk, int? start, int? end)
    {
        var web = chunk.Member("web");
        var source = web ?? chunk.CamelMember("retrievedContext") ?? chunk.Member("maps") ?? default;
        return new Citation
        {
            Url = source.StringOf("uri"),
            Title = source.StringOf("title"),
            CitedText = web is null ? source.StringOf("text") : null,
            Start = start,
            End = end,
            Origin = DialectId.Gemini,
            Raw = chunk,
        };
    }

    /// <summary>Positions in one text, in bytes of UTF-8 and in characters.</summary>
    private sealed class Positions(string text)
    {
        private readonly bool _ascii = Ascii.IsValid(text);
        private byte[]? _bytes;

        public int? FromBytes(int? position)
        {
            if (position is not { } bytes)
            {
                return null;
            }

            if (_ascii)
            {
                return Math.Clamp(bytes, 0, text.Length);
            }

            _bytes ??= Encoding.UTF8.GetBytes(text);
            return Encoding.UTF8.GetCharCount(_bytes, 0, Math.Clamp(bytes, 0, _bytes.Length));
        }

        public int ToBytes(int position)
        {
            position = Math.Clamp(position, 0, text.Length);
            return _ascii ? position : Encoding.UTF8.GetByteCount(text.AsSpan(0, position));
        }

        public string Slice(int start, int end)
        {
            start = Math.Clamp(start, 0, text.Length);
            return text[start..Math.Clamp(end, start, text.Length)];
        }
    }
}
