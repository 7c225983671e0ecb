using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Tests;

/// <summary>What an answer says, whatever its dialect and however it was cut: what recordings are compared by.</summary>
internal sealed class Said
{
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _thinking = new();

    public string Text => _text.ToString();

    public string Thinking => _thinking.ToString();

    /// <summary>Calls as name and arguments with sorted members; arguments are null where the source has them in pieces.</summary>
    public List<(string Name, string? Arguments)> Tools { get; } = [];

    public List<FinishReason> Finishes { get; } = [];

    public TokenCounts? Usage { get; set; }

    public List<string> Media { get; } = [];

    public void AddText(string? text) => _text.Append(text);

    public void AddThinking(string? text) => _thinking.Append(text);

    private static TokenCounts? Tokens(TokenCounts? usage) => usage is { } counts ? counts with { WebSearches = 0 } : null;

    public static Said Of(ChatAnswer answer)
    {
        var said = new Said { Usage = answer.Usage };
        foreach (var choice in answer.Choices)
        {
            said.Finishes.Add(choice.Finish);
            foreach (var part in choice.Parts)
            {
                switch (part)
                {
                    case TextPart text:
                        said.AddText(text.Text);
                        break;
                    case ReasoningPart reasoning:
                        said.AddThinking(reasoning.Text);
                        break;
                    case ToolCallPart call:
                        said.Tools.Add((call.Name, Canonical(call.Arguments)));
                        break;
                    case MediaPart media:
                        said.Media.Add(media.Data ?? media.Url ?? "");
                        break;
                }
            }
        }

        return said;
    }

    public static void AssertSame(Said expected, Said actual, string id)
    {
        Assert.True(expected.Text == actual.Text, $"{id}: text\nexpected {expected.Text}\nactual   {actual.Text}");
        Assert.True(expected.Thinking == actual.Thinking, $"{id}: thinking\nexpected {expected.Thinking}\nactual   {actual.Thinking}");
        Assert.True(expected.Tools.Count == actual.Tools.Count, $"{id}: {expected.Tools.Count} calls, got {actual.Tools.Count}");
        foreach (var (want, got) in expected.Tools.Zip(actual.Tools))
        {
            Assert.True(want.Name == got.Name && (want.Arguments ?? got.Arguments) == got.Arguments, $"{id}: call {want}, got {got}");
        }

        Assert.True(expected.Finishes.SequenceEqual(actual.Finishes), $"{id}: finish {string.Join(',', expected.Finishes)}, got {string.Join(',', actual.Finishes)}");
        // Searches are counted, and not said again.
        Assert.True(Nullable.Equals(Tokens(expected.Usage), Tokens(actual.Usage)), $"{id}: usage {Show(expected.Usage)}, got {Show(actual.Usage)}");
        Assert.True(expected.Media.SequenceEqual(actual.Media), $"{id}: media");
    }

    /// <summary>JSON with its members sorted and without white space.</summary>
    public static string Canonical(string json)
    {
        try
        {
            return Canonical(JsonNode.Parse(json.Length == 0 ? "{}" : json))?.ToJsonString() ?? "null";
        }
        catch (JsonException)
        {
            return json;
        }
    }

    public static JsonNode? Canonical(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.OrderBy(static m => m.Key, StringComparer.Ordinal).Select(static m => KeyValuePair.Create(m.Key, Canonical(m.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Canonical)]),
        _ => node?.DeepClone(),
    };

    private static string Show(TokenCounts? counts) => counts is { } c
        ? $"in {c.Input} read {c.CacheRead} write {c.CacheWrite} audio {c.AudioInput} image {c.ImageInput} out {c.Output} think {c.Reasoning} audio {c.AudioOutput} image {c.ImageOutput}" : "none";
}
