using System.Text.Json;
using System.Text.RegularExpressions;

namespace Gateway.LlmSimulator.Native.Bedrock;

/// <summary>What Bedrock Converse refuses.</summary>
internal static partial class ConverseRules
{
    private static readonly HashSet<string> _fields = Names(
        "messages", "system", "inferenceConfig", "toolConfig", "guardrailConfig", "additionalModelRequestFields", "promptVariables", "additionalModelResponseFieldPaths",
        "requestMetadata", "performanceConfig", "serviceTier", "outputConfig");

    private static readonly HashSet<string> _blocks = Names(
        "text", "image", "document", "video", "audio", "toolUse", "toolResult", "guardContent", "cachePoint", "reasoningContent", "citationsContent", "searchResult");

    public static RuleBreak? Check(JsonElement body)
    {
        foreach (var property in body.EnumerateObject())
        {
            if (!_fields.Contains(property.Name))
            {
                return new($"Malformed input request: #: extraneous key [{property.Name}] is not permitted, please reformat your input and try again.");
            }
        }

        return Inference(body) ?? Tools(body) ?? Messages(body);
    }

    private static RuleBreak? Inference(JsonElement body)
    {
        if (body.Get("system") is { } system && (system.ValueKind != JsonValueKind.Array || system.EnumerateArray().Any(b => b.Get("text") is null && b.Get("cachePoint") is null && b.Get("guardContent") is null)))
        {
            return new("The system field must be a list of SystemContentBlock objects.");
        }

        if (body.Get("inferenceConfig") is not { } config)
        {
            return null;
        }

        foreach (var property in config.EnumerateObject())
        {
            if (property.Name is not ("maxTokens" or "temperature" or "topP" or "stopSequences"))
            {
                return new($"Malformed input request: #/inferenceConfig: extraneous key [{property.Name}] is not permitted");
            }
        }

        return config.Get("maxTokens") is not null && config.GetInt("maxTokens") is not >= 1 ? new("Value at 'inferenceConfig.maxTokens' failed to satisfy constraint: Member must have value greater than or equal to 1")
            : config.Get("temperature") is { } temperature && temperature.GetDouble() is < 0 or > 1 ? new("Value at 'inferenceConfig.temperature' failed to satisfy constraint: Member must have value less than or equal to 1")
            : config.Get("topP") is { } topP && topP.GetDouble() is < 0 or > 1 ? new("Value at 'inferenceConfig.topP' failed to satisfy constraint: Member must have value less than or equal to 1")
            : null;
    }

    private static RuleBreak? Tools(JsonElement body)
    {
        if (body.Get("toolConfig") is not { } config)
        {
            return body.List("messages").SelectMany(m => m.List("content")).Any(b => b.Get("toolUse") is not null || b.Get("toolResult") is not null)
                ? new("The toolConfig field must be defined when using toolUse and toolResult content blocks.")
                : null;
        }

        var tools = config.List("tools").ToList();
        if (tools.Count == 0)
        {
            return new("Value at 'toolConfig.tools' failed to satisfy constraint: Member must have length greater than or equal to 1");
        }

        for (var i = 0; i < tools.Count; i++)
        {
            if (tools[i].Get("toolSpec") is not { } spec)
            {
                if (tools[i].Get("cachePoint") is null && tools[i].Get("systemTool") is null)
                {
                    return new($"toolConfig.tools.{i}: no member of the union is set");
                }

                continue;
            }

            if (!Name().IsMatch(spec.GetText("name") ?? ""))
            {
                return new($"Value at 'toolConfig.tools.{i}.member.toolSpec.name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+");
            }

            if (spec.Get("description") is not null && string.IsNullOrEmpty(spec.GetText("description")))
            {
                return new($"Value at 'toolConfig.tools.{i}.member.toolSpec.description' failed to satisfy constraint: Member must have length greater than or equal to 1");
            }

            if (spec.Get("inputSchema")?.Get("json")?.GetText("type") != "object")
            {
                return new($"The value at toolConfig.tools.{i}.toolSpec.inputSchema.json.type must be one of the following: object.");
            }
        }

        return config.Get("toolChoice") is { } choice && choice.EnumerateObject().Count(p => p.Name is "auto" or "any" or "tool") != 1
            ? new("toolConfig.toolChoice: exactly one of auto, any and tool is to be set")
            : null;
    }

    private static RuleBreak? Messages(JsonElement body)
    {
        var messages = body.List("messages").ToList();
        if (messages.Count == 0)
        {
            return new("The messages field is empty. Add at least one message.");
        }

        IReadOnlyList<string> open = [];
        for (var i = 0; i < messages.Count; i++)
        {
            var role = messages[i].GetText("role");
            if (role != (i % 2 == 0 ? "user" : "assistant"))
            {
                return new(i == 0 ? "A conversation must start with a user message. Try again with a conversation that starts with a user message."
                    : "A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and assistant roles and try again.");
            }

            var content = messages[i].List("content").ToList();
            if (content.Count == 0)
            {
                return new($"The content field in the Message object at messages.{i} is empty. Add a ContentBlock object to the content field and try again.");
            }

            var results = content.Select(b => b.Get("toolResult")?.GetText("toolUseId")).Where(id => id is not null).ToList();
            if (results.Count > open.Count)
            {
                return new($"The number of toolResult blocks at messages.{i}.content exceeds the number of toolUse blocks of previous turn.");
            }

            var missing = open.Where(id => !results.Contains(id)).ToList();
            if (missing.Count > 0)
            {
                return new($"Expected toolResult blocks at messages.{i}.content for the following Ids: {string.Join(", ", missing)}");
            }

            for (var b = 0; b < content.Count; b++)
            {
                if (ConverseBlockRules.Check(content[b], content, _blocks, $"messages.{i}.content.{b}", role!) is { } broken)
                {
                    return broken;
                }
            }

            open = [.. content.Select(b => b.Get("toolUse")?.GetText("toolUseId")).OfType<string>()];
        }

        return open.Count > 0 ? new($"Expected toolResult blocks at messages.{messages.Count}.content for the following Ids: {string.Join(", ", open)}") : null;
    }

    private static HashSet<string> Names(params string[] names) => new(names, StringComparer.Ordinal);

    [GeneratedRegex("^[a-zA-Z0-9_-]{1,64}$")]
    public static partial Regex Name();
}
