using System.Text.Json;
using System.Text.RegularExpressions;

namespace Gateway.LlmSimulator.Native.Bedrock;

/// <summary>What Bedrock Converse refuses of one content block.</summary>
internal static partial class ConverseBlockRules
{
    public static RuleBreak? Check(JsonElement block, IReadOnlyList<JsonElement> siblings, HashSet<string> kinds, string at, string role)
    {
        var set = block.EnumerateObject().ToList();
        if (set.Count != 1 || !kinds.Contains(set[0].Name))
        {
            return new($"The ContentBlock object at {at} must set one of the following keys: {string.Join(", ", kinds)}.");
        }

        var value = set[0].Value;
        switch (set[0].Name)
        {
            case "text":
                return value.ValueKind != JsonValueKind.String || string.IsNullOrWhiteSpace(value.GetString())
                    ? new($"The text field in the ContentBlock object at {at} is blank. Add text to the text field, and try again.")
                    : null;
            case "toolUse":
                return role != "assistant" ? new($"{at}: toolUse is not allowed in a user message")
                    : !ConverseRules.Name().IsMatch(value.GetText("toolUseId") ?? "") ? new($"Value at '{at}.toolUse.toolUseId' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+")
                    : !ConverseRules.Name().IsMatch(value.GetText("name") ?? "") ? new($"Value at '{at}.toolUse.name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+")
                    : !value.Get("input").IsObject() ? new($"The format of the value at {at}.toolUse.input is invalid. Provide a json object for the field and try again.")
                    : null;
            case "toolResult":
                return role != "user" ? new($"{at}: toolResult is not allowed in an assistant message")
                    : value.Get("content") is not { ValueKind: JsonValueKind.Array } ? new($"{at}.toolResult.content: missing")
                    : value.List("content").Any(c => !c.EnumerateObject().All(p => p.Name is "text" or "json" or "image" or "document" or "video" or "searchResult")) ? new($"{at}.toolResult.content: unexpected member")
                    : value.List("content").Any(c => c.Get("json") is { ValueKind: not JsonValueKind.Object }) ? new($"The format of the value at {at}.toolResult.content.json is invalid. Provide a json object for the field and try again.")
                    : value.GetText("status") is { } status && status is not ("success" or "error") ? new($"Value '{status}' at '{at}.toolResult.status' failed to satisfy constraint")
                    : null;
            case "image":
                return Media(value, at + ".image", "png", "jpeg", "gif", "webp");
            case "document":
                return Media(value, at + ".document", "pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md")
                    ?? (!DocumentName().IsMatch(value.GetText("name") ?? "") ? new($"The {at}.document.name field can only contain alphanumeric characters, whitespace characters, hyphens, parentheses, and square brackets. The name can't contain more than one consecutive whitespace character.")
                        : !siblings.Any(s => s.Get("text") is not null) ? new("A text block must be included when using documents.")
                        : null);
            case "reasoningContent":
                return Reasoning(value, at, role);
            default:
                return null;
        }
    }

    private static RuleBreak? Reasoning(JsonElement value, string at, string role)
    {
        if (role != "assistant")
        {
            return new($"{at}: reasoningContent is not allowed in a user message");
        }

        if (value.Get("reasoningText") is { } text)
        {
            return text.GetText("text") is { } thinking && text.GetText("signature") == Signatures.Sign(thinking)
                ? null
                : new($"The model returned the following errors: {at}: Invalid `signature` in `thinking` block");
        }

        return Signatures.IsRedacted(value.GetText("redactedContent") ?? "") ? null : new($"{at}.reasoningContent: invalid redactedContent");
    }

    private static RuleBreak? Media(JsonElement value, string at, params ReadOnlySpan<string> formats)
    {
        if (!formats.Contains(value.GetText("format")))
        {
            return new($"Value '{value.GetText("format")}' at '{at}.format' failed to satisfy constraint: Member must satisfy enum value set");
        }

        var source = value.Get("source");
        var ok = source?.GetText("bytes") is { Length: > 0 } bytes ? Convert.TryFromBase64String(bytes, new byte[bytes.Length], out _) : source?.Get("s3Location") is not null || source?.GetText("text") is not null;
        return ok ? null : new($"The value at {at}.source is not valid.");
    }

    [GeneratedRegex(@"^(?!.*\s\s)[a-zA-Z0-9\s\-()\[\]]{1,200}$")]
    private static partial Regex DocumentName();
}
