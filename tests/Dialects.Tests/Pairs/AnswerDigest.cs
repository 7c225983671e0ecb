using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Tests.Pairs;

/// <summary>What must survive a translation: said as one value so that two can be compared and a difference be read.</summary>
internal sealed record AnswerDigest
{
    public required string Text { get; init; }

    public string Reasoning { get; init; } = "";

    public string Refusal { get; init; } = "";

    /// <summary>Name and arguments, in order; JSON arguments in one canonical form.</summary>
    public required IReadOnlyList<string> Calls { get; init; }

    public required FinishReason Finish { get; init; }

    public TokenCounts? Usage { get; init; }

    public static AnswerDigest Of(ChatAnswer answer)
    {
        var choice = answer.Choices.Count > 0 ? answer.Choices[0] : new ChatChoice { Finish = FinishReason.Other };
        return new AnswerDigest
        {
            Text = string.Concat(choice.Parts.OfType<TextPart>().Select(static p => p.Text)),
            Reasoning = string.Concat(choice.Parts.OfType<ReasoningPart>().Select(static p => p.Text)),
            Refusal = string.Concat(choice.Parts.OfType<RefusalPart>().Select(static p => p.Text)),
            Calls = [.. choice.Parts.OfType<ToolCallPart>().Select(static p => Call(p.Name, p.Arguments, p.IsCustom))],
            Finish = choice.Finish,
            Usage = answer.Usage,
        };
    }

    /// <summary>
    /// A call as one text. Free text, and arguments that were cut before they were whole JSON, are said as dialects say them whose arguments are objects: as
    /// the one argument <c>input</c>.
    /// </summary>
    public static string Call(string name, string arguments, bool isCustom) =>
        $"{name}({(isCustom ? new JsonObject { ["input"] = arguments }.ToJsonString() : Canonical(arguments))})";

    /// <summary>One text for all JSON texts of the same value: members sorted, numbers by value.</summary>
    public static string Canonical(string json)
    {
        if (string.IsNullOrWhiteSpace(json))
        {
            return "{}";
        }

        try
        {
            return Sort(JsonNode.Parse(json))?.ToJsonString() ?? "null";
        }
        catch (JsonException)
        {
            return new JsonObject { ["input"] = json }.ToJsonString();
        }
    }

    public static JsonNode? Sort(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.OrderBy(static m => m.Key, StringComparer.Ordinal).Select(static m => KeyValuePair.Create(m.Key, Sort(m.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sort)]),
        JsonValue value when value.GetValueKind() == JsonValueKind.Number && double.TryParse(value.ToJsonString(), out var number) => JsonValue.Create(number),
        _ => node?.DeepClone(),
    };

    /// <summary>What differs, in words; null when nothing does.</summary>
    public string? Differs(AnswerDigest other)
    {
        return Unequal("text", Text, other.Text) ?? Unequal("reasoning", Reasoning, other.Reasoning) ?? Unequal("refusal", Refusal, other.Refusal)
            ?? Unequal("calls", string.Join('\n', Calls), string.Join('\n', other.Calls)) ?? Unequal("finish", Finish.ToString(), other.Finish.ToString())
            ?? Unequal("usage", Say(Usage), Say(other.Usage));
    }

    private static string? Unequal(string what, string expected, string actual)
    {
        if (string.Equals(expected, actual, StringComparison.Ordinal))
        {
            return null;
        }

        var at = expected.Zip(actual).TakeWhile(static pair => pair.First == pair.Second).Count();
        var from = Math.Max(0, at - 20);
        return $"{what} differs at {at}: expected …{expected[from..Math.Min(expected.Length, at + 60)]}…, got …{actual[from..Math.Min(actual.Length, at + 60)]}…";
    }

    private static string Say(TokenCounts? usage) => usage is not { } u ? "none"
        : $"input {u.Input} read {u.CacheRead} write {u.CacheWrite} audio {u.AudioInput} image {u.ImageInput}, output {u.Output} reasoning {u.Reasoning} audio {u.AudioOutput} image {u.ImageOutput}";
}
