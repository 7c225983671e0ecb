using System.Text;
using System.Text.Json.Nodes;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Tests.Anthropic;

namespace Gateway.Dialects.Tests.Bedrock;

/// <summary>What an answer says, taken from its wire form without the code under test, and from the neutral form for comparison.</summary>
internal sealed class BedrockSummary
{
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _thinking = new();
    private readonly List<string> _calls = [];
    private string? _finish;
    private (long Input, long Read, long Write, long Output) _usage;

    public static BedrockSummary OfAnswer(byte[] body)
    {
        var summary = new BedrockSummary();
        var root = JsonNode.Parse(body)!;
        foreach (var block in root["output"]!["message"]!["content"]!.AsArray())
        {
            summary._text.Append((string?)block!["text"]);
            if (block["reasoningContent"] is { } reasoning)
            {
                summary._thinking.Append((string?)reasoning["reasoningText"]?["text"]).Append((string?)reasoning["reasoningText"]?["signature"]).Append((string?)reasoning["redactedContent"]);
            }

            if (block["toolUse"] is { } call)
            {
                summary._calls.Add($"{call["toolUseId"]} {call["name"]} {AnthropicSummary.Canonical(call["input"])}");
            }
        }

        summary._finish = (string?)root["stopReason"];
        summary.AddUsage(root["usage"]);
        return summary;
    }

    public static BedrockSummary OfEvents(IEnumerable<(string Name, string Payload)> events)
    {
        var summary = new BedrockSummary();
        var calls = new SortedDictionary<int, (string Head, StringBuilder Input)>();
        foreach (var (name, payload) in events)
        {
            var e = JsonNode.Parse(payload)!;
            var index = (int?)e["contentBlockIndex"] ?? 0;
            switch (name)
            {
                case "contentBlockStart" when e["start"]!["toolUse"] is { } call:
                    calls[index] = (call["toolUseId"] + " " + call["name"] + " ", new StringBuilder());
                    break;
                case "contentBlockDelta":
                    var delta = e["delta"]!;
                    summary._text.Append((string?)delta["text"]);
                    summary._thinking.Append((string?)delta["reasoningContent"]?["text"]).Append((string?)delta["reasoningContent"]?["signature"]).Append((string?)delta["reasoningContent"]?["redactedContent"]);
                    if (delta["toolUse"]?["input"] is { } input)
                    {
                        calls[index].Input.Append((string?)input);
                    }

                    break;
                case "messageStop":
                    summary._finish = (string?)e["stopReason"];
                    break;
                case "metadata":
                    summary.AddUsage(e["usage"]);
                    break;
            }
        }

        summary._calls.AddRange(calls.Values.Select(static c => c.Head + AnthropicSummary.Canonical(JsonNode.Parse(c.Input.Length == 0 ? "{}" : c.Input.ToString()))));
        return summary;
    }

    public static BedrockSummary Of(ChatAnswer answer)
    {
        var summary = new BedrockSummary();
        var choice = Assert.Single(answer.Choices);
        foreach (var part in choice.Parts)
        {
            switch (part)
            {
                case TextPart text:
                    summary._text.Append(text.Text);
                    break;
                case ReasoningPart thought:
                    summary._thinking.Append(thought.Text).Append(thought.Signature?.Value).Append(thought.Encrypted?.Value);
                    break;
                case ToolCallPart call:
                    summary._calls.Add($"{call.Id} {call.Name} {AnthropicSummary.Canonical(JsonNode.Parse(call.Arguments.Length == 0 ? "{}" : call.Arguments))}");
                    break;
            }
        }

        summary._finish = choice.FinishDetail;
        var usage = answer.Usage ?? default;
        summary._usage = (usage.Input, usage.CacheRead, usage.CacheWrite, usage.Output + usage.Reasoning);
        return summary;
    }

    public override string ToString() => $"text: {_text}\nthinking: {_thinking}\ncalls: {string.Join('\n', _calls)}\nfinish: {_finish}\nusage: {_usage}";

    private void AddUsage(JsonNode? usage) => _usage = (
        (long?)usage?["inputTokens"] ?? 0, (long?)usage?["cacheReadInputTokens"] ?? 0, (long?)usage?["cacheWriteInputTokens"] ?? 0, (long?)usage?["outputTokens"] ?? 0);
}
