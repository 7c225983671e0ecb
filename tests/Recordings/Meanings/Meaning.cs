using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Recordings.Meanings;

/// <summary>Why an answer ended, whatever the dialect calls it.</summary>
public enum Ending
{
    /// <summary>None was given.</summary>
    None,

    /// <summary>The model was done, or met a stop sequence.</summary>
    Stop,

    /// <summary>A limit of tokens.</summary>
    Length,

    /// <summary>Tools are to be called.</summary>
    Tools,

    /// <summary>Refused or filtered.</summary>
    Filter,

    /// <summary>Something else.</summary>
    Other,
}

/// <summary>A call of one of the caller's tools; arguments are canonical JSON, or the raw text where they are none.</summary>
public sealed record SeenCall(string Name, string Arguments);

/// <summary>Tokens as a caller would sum them.</summary>
/// <param name="Prompt">All tokens of the prompt, cached ones included.</param>
/// <param name="Completion">All tokens of the answer, thinking included.</param>
/// <param name="CacheRead">Of the prompt those read from a cache.</param>
public sealed record SeenUsage(long Prompt, long Completion, long CacheRead);

/// <summary>
/// What an answer of any dialect says, read without the product's code so that it can judge it: the visible text, the calls of
/// the caller's tools, why it ended, the tokens, and whether it is well formed.
/// </summary>
public sealed record Meaning
{
    /// <summary>All visible text of the first choice, refusals included.</summary>
    public string Text { get; init; } = "";

    /// <summary>Calls of the caller's tools in order.</summary>
    public IReadOnlyList<SeenCall> Calls { get; init; } = [];

    /// <summary>Why it ended.</summary>
    public Ending Ending { get; init; }

    /// <summary>The tokens; null when the answer does not tell.</summary>
    public SeenUsage? Usage { get; init; }

    /// <summary>The message of an error, as a whole answer or inside a stream.</summary>
    public string? Error { get; init; }

    /// <summary>Whether a stream has what tells its dialect's clients that it is complete; always true for other answers.</summary>
    public bool IsComplete { get; init; } = true;

    /// <summary>What clients of the dialect would stumble over; empty when all is well.</summary>
    public IReadOnlyList<string> Flaws { get; init; } = [];

    /// <summary>JSON with sorted members and without insignificant space; the text itself when it is no JSON; <c>{}</c> for none.</summary>
    public static string Canonical(string json)
    {
        if (string.IsNullOrWhiteSpace(json) || json.Trim() == "null")
        {
            return "{}";
        }

        try
        {
            return Sorted(JsonNode.Parse(json))?.ToJsonString() ?? "null";
        }
        catch (JsonException)
        {
            return json.Trim();
        }
    }

    /// <summary>The input of a tool that takes free text, as dialects without such tools have to write it.</summary>
    internal static string FreeText(string? input) => input is null ? "" : new JsonObject { ["input"] = input }.ToJsonString();

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject o => new JsonObject(o.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Sorted(p.Value)))),
        JsonArray a => new JsonArray([.. a.Select(Sorted)]),
        JsonValue v when v.GetValueKind() == JsonValueKind.Number => JsonValue.Create(v.TryGetValue(out double d) ? d : 0),
        _ => node?.DeepClone(),
    };
}

/// <summary>Collects a meaning while a stream is read.</summary>
internal sealed class MeaningDraft
{
    private readonly List<(string Name, StringBuilder Arguments)> _calls = [];
    private readonly Dictionary<object, int> _byKey = [];
    private readonly HashSet<int> _free = [];

    public StringBuilder Text { get; } = new();

    public List<string> Flaws { get; } = [];

    public Ending Ending { get; set; }

    public SeenUsage? Usage { get; set; }

    public string? Error { get; set; }

    public bool IsComplete { get; set; } = true;

    /// <summary>The call of a key, begun with its name when it is new.</summary>
    public StringBuilder Call(object key, string? name)
    {
        if (!_byKey.TryGetValue(key, out var at))
        {
            _byKey[key] = at = _calls.Count;
            _calls.Add((name ?? "", new StringBuilder()));
        }
        else if (_calls[at].Name.Length == 0 && !string.IsNullOrEmpty(name))
        {
            _calls[at] = (name, _calls[at].Arguments);
        }

        return _calls[at].Arguments;
    }

    /// <summary>The call of a key takes free text.</summary>
    public void IsFree(object key) => _free.Add(_byKey[key]);

    public void Flaw(bool isOne, string what)
    {
        if (isOne)
        {
            Flaws.Add(what);
        }
    }

    public Meaning Finish() => new()
    {
        Text = Text.ToString(),
        Calls = [.. _calls.Select((c, i) => new SeenCall(c.Name, Meaning.Canonical(_free.Contains(i) ? Meaning.FreeText(c.Arguments.ToString()) : c.Arguments.ToString())))],
        Ending = _calls.Count > 0 && Ending == Ending.Stop ? Ending.Tools : Ending,
        Usage = Usage,
        Error = Error,
        IsComplete = IsComplete,
        Flaws = Flaws,
    };
}
