using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Gateway.Guardrails.Engine.Injection;

namespace Gateway.Mcp.Pins;

/// <summary>Looks at the definition of a tool for what is remarkable about it.</summary>
public static class ToolInspection
{
    // Longer ones are seldom descriptions, and scoring costs time.
    private const int MostScored = 20_000;
    private const float InstructionScore = 0.5f;

    // Names that are words of their own stand in many descriptions without meaning a tool.
    private const int ShortestMention = 6;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./");

    /// <summary>Everything remarkable about a tool, at most one remark of each kind.</summary>
    /// <param name="server">The server's id.</param>
    /// <param name="definition">The tool.</param>
    /// <param name="others">The other tools there are, of all servers.</param>
    public static IReadOnlyList<ToolRemark> Inspect(string server, JsonElement definition, KnownTools others)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(others);
        var remarks = new List<ToolRemark>();
        var name = NameOf(definition);
        var texts = Texts(definition).ToList();
        if (texts.FirstOrDefault(static t => HiddenText.IsIn(t.Text)) is { Path: { } hidden })
        {
            remarks.Add(new(RemarkKind.HiddenText, hidden));
        }

        if (Instructions(texts) is { } orders)
        {
            remarks.Add(new(RemarkKind.Instructions, orders));
        }

        if (Mentioned(server, texts, others) is { } mentioned)
        {
            remarks.Add(new(RemarkKind.MentionsOthers, McpIds.Tool(mentioned.Server, mentioned.Name)));
        }

        if (others.AlikeElsewhere(server, name) is { } shadowed)
        {
            remarks.Add(new(RemarkKind.Shadows, McpIds.Tool(shadowed.Server, shadowed.Name)));
        }

        if (others.Before(server, name, BodyOf(definition)) is { } before)
        {
            remarks.Add(new(RemarkKind.Renamed, McpIds.Tool(before.Server, before.Name)));
        }

        if (name.AsSpan().ContainsAnyExcept(NameCharacters))
        {
            remarks.Add(new(RemarkKind.StrangeName, "name"));
        }

        return remarks;
    }

    /// <summary>The name of a tool; empty when it has none.</summary>
    /// <param name="definition">The tool.</param>
    public static string NameOf(JsonElement definition) => Text(definition, "name");

    /// <summary>The description of a tool; empty when it has none.</summary>
    /// <param name="definition">The tool.</param>
    public static string DescriptionOf(JsonElement definition) => Text(definition, "description");

    /// <summary>What a tool amounts to apart from its name: 64 lower-case hex digits.</summary>
    /// <param name="definition">The tool.</param>
    public static string BodyOf(JsonElement definition) => Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Of(writer =>
    {
        writer.WriteStartArray();
        writer.WriteStringValue(DescriptionOf(definition));
        if (definition.ValueKind == JsonValueKind.Object && definition.TryGetProperty("inputSchema", out var schema))
        {
            CanonicalJson.Write(writer, schema);
        }

        writer.WriteEndArray();
    })));

    private static string Text(JsonElement definition, string member) =>
        definition.ValueKind == JsonValueKind.Object && definition.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";

    // Every text and every name of a member, with where it stands.
    private static IEnumerable<(string Path, string Text)> Texts(JsonElement definition)
    {
        if (definition.ValueKind != JsonValueKind.Object)
        {
            yield break;
        }

        foreach (var member in definition.EnumerateObject().Where(static m => ToolFingerprint.Members.Contains(m.Name, StringComparer.Ordinal)))
        {
            foreach (var text in Texts(member.Value, member.Name))
            {
                yield return text;
            }
        }
    }

    private static IEnumerable<(string Path, string Text)> Texts(JsonElement element, string path)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                yield return (path, element.GetString() ?? "");
                break;
            case JsonValueKind.Array:
                foreach (var text in element.EnumerateArray().SelectMany(item => Texts(item, path + "[]")))
                {
                    yield return text;
                }

                break;
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    yield return (path, member.Name);
                    foreach (var text in Texts(member.Value, path + "." + HiddenText.Shown(member.Name)))
                    {
                        yield return text;
                    }
                }

                break;
            default:
                break;
        }
    }

    private static string? Instructions(List<(string Path, string Text)> texts)
    {
        var left = MostScored;
        foreach (var (path, text) in texts)
        {
            // Of a few characters nothing can be said.
            if (text.Length < 20 || left <= 0)
            {
                continue;
            }

            var part = text.AsSpan(0, Math.Min(text.Length, left));
            left -= part.Length;
            var score = InjectionScorer.Score(part, TextSource.Data);
            if (Math.Max(score.Indirect, Math.Max(score.Direct, score.Jailbreak)) >= InstructionScore)
            {
                return path;
            }
        }

        return null;
    }

    // Every word of the texts is looked up, with and without what may be a separator in it or the end of a sentence.
    private static KnownTool? Mentioned(string server, List<(string Path, string Text)> texts, KnownTools others)
    {
        foreach (var (path, text) in texts)
        {
            if (path == "name")
            {
                continue;
            }

            foreach (var characters in (SearchValues<char>[])[NameCharacters, _wordCharacters])
            {
                for (var at = 0; at < text.Length;)
                {
                    var start = text.AsSpan(at).IndexOfAny(characters);
                    if (start < 0)
                    {
                        break;
                    }

                    at += start;
                    var length = text.AsSpan(at).IndexOfAnyExcept(characters);
                    var word = text.AsSpan(at, length < 0 ? text.Length - at : length).TrimEnd("./-");
                    at += length < 0 ? text.Length - at : length;

                    // A compound name is no word of a language.
                    if (word.Length is >= ShortestMention and <= McpIds.MostToolLength && word[1..].ContainsAny(_parts) && others.Elsewhere(server, word.ToString()) is { } mentioned)
                    {
                        return mentioned;
                    }
                }
            }
        }

        return null;
    }

    private static readonly SearchValues<char> _parts = SearchValues.Create("_-ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    private static readonly SearchValues<char> _wordCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
}
