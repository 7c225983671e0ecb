using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine.Json;

namespace Gateway.Edge.Guarding.Passed;

/// <summary>
/// Where the events of each dialect carry pieces of texts, and which texts an event ends. The names of members tell the dialect: nothing else says it where requests are passed through. Events that
/// carry no piece are looked at whole, whatever they are.
/// </summary>
internal static class DeltaShapes
{
    private static readonly string[] _chatTexts = ["content", "refusal", "reasoning_content", "reasoning", "text"];

    public static void Find(JsonElement root, EventReading reading)
    {
        if (root.TryGetProperty("choices"u8, out var choices) && choices.ValueKind == JsonValueKind.Array)
        {
            Each(choices, reading, FindChoice);
        }
        else if (root.TryGetProperty("candidates"u8, out var candidates) && candidates.ValueKind == JsonValueKind.Array)
        {
            Each(candidates, reading, FindCandidate);
        }
        else if (root.TryGetProperty("contentBlockIndex"u8, out _))
        {
            FindConverse(root, reading);
        }
        else if (Text(root, "type") is { } type)
        {
            FindTyped(root, type, reading);
        }
        else if (root.TryGetProperty("done"u8, out var done) && done.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            FindOllama(root, done.ValueKind == JsonValueKind.True, reading);
        }
        else if (root.TryGetProperty("role"u8, out _) || root.TryGetProperty("usageMetadata"u8, out _) || root.TryGetProperty("stopReason"u8, out _))
        {
            // The frame of Converse's and Gemini's streams.
            reading.IsKnown = true;
        }
    }

    private static void Each(JsonElement items, EventReading reading, Action<JsonElement, int, EventReading> find)
    {
        reading.IsKnown = true;
        var position = 0;
        foreach (var item in items.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.Object)
            {
                find(item, Number(item, position), reading);
            }

            position++;
        }
    }

    /// <summary>Chat completions and completions, and what speaks like them.</summary>
    private static void FindChoice(JsonElement choice, int index, EventReading reading)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"c{index}:");
        reading.Add(key + "text", choice, "text");
        if (choice.TryGetProperty("delta"u8, out var delta) && delta.ValueKind == JsonValueKind.Object)
        {
            foreach (var name in _chatTexts)
            {
                reading.Add(key + name, delta, name);
            }

            if (delta.TryGetProperty("content"u8, out var parts) && parts.ValueKind == JsonValueKind.Array)
            {
                FindParts(key, parts, reading);
            }

            if (delta.TryGetProperty("audio"u8, out var audio))
            {
                reading.Add(key + "audio", audio, "transcript");
            }

            FindChatCalls(key, delta, reading);
        }

        if (choice.TryGetProperty("finish_reason"u8, out var reason) && reason.ValueKind == JsonValueKind.String)
        {
            reading.Finish(key, reason, "content_filter");
        }
    }

    private static void FindParts(string key, JsonElement parts, EventReading reading)
    {
        foreach (var part in parts.EnumerateArray())
        {
            if (part.ValueKind != JsonValueKind.Object)
            {
                continue;
            }

            reading.Add(key + "content", part, "text");
            if (part.TryGetProperty("thinking"u8, out var thinking) && thinking.ValueKind == JsonValueKind.Array)
            {
                foreach (var thought in thinking.EnumerateArray())
                {
                    reading.Add(key + "thinking", thought, "text");
                }
            }
        }
    }

    private static void FindChatCalls(string key, JsonElement delta, EventReading reading)
    {
        if (delta.TryGetProperty("function_call"u8, out var old) && old.ValueKind == JsonValueKind.Object)
        {
            FindCall(key + "f:", old, old, reading);
        }

        if (!delta.TryGetProperty("tool_calls"u8, out var calls) || calls.ValueKind != JsonValueKind.Array)
        {
            return;
        }

        var position = 0;
        foreach (var call in calls.EnumerateArray())
        {
            if (call.ValueKind == JsonValueKind.Object && call.TryGetProperty("function"u8, out var function))
            {
                FindCall(string.Create(CultureInfo.InvariantCulture, $"{key}t{Number(call, position)}:"), call, function, reading);
            }

            position++;
        }
    }

    private static void FindCall(string key, JsonElement call, JsonElement function, EventReading reading)
    {
        reading.Call(key, Text(function, "name"));
        reading.SayOnce(call, "id");
        reading.SayOnce(function, "name");
        reading.Add(key, function, "arguments", GuardrailScope.ToolCall, reading.ToolOf(key), isJson: true);
    }

    /// <summary>Gemini.</summary>
    private static void FindCandidate(JsonElement candidate, int index, EventReading reading)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"g{index}:");
        if (candidate.TryGetProperty("content"u8, out var content) && content.ValueKind == JsonValueKind.Object && content.TryGetProperty("parts"u8, out var parts) && parts.ValueKind == JsonValueKind.Array)
        {
            foreach (var part in parts.EnumerateArray())
            {
                if (part.ValueKind == JsonValueKind.Object)
                {
                    reading.Add(key + (part.TryGetProperty("thought"u8, out var thought) && thought.ValueKind == JsonValueKind.True ? "thought" : "text"), part, "text");
                }
            }
        }

        if (candidate.TryGetProperty("finishReason"u8, out var reason) && reason.ValueKind == JsonValueKind.String)
        {
            reading.Finish(key, reason, "SAFETY");
        }
    }

    /// <summary>Bedrock's Converse.</summary>
    private static void FindConverse(JsonElement root, EventReading reading)
    {
        reading.IsKnown = true;
        var key = $"b{Index(root, "contentBlockIndex")}:";
        if (root.TryGetProperty("start"u8, out var start) && start.ValueKind == JsonValueKind.Object)
        {
            reading.Call(key, start.TryGetProperty("toolUse"u8, out var use) ? Text(use, "name") : null);
        }
        else if (root.TryGetProperty("delta"u8, out var delta) && delta.ValueKind == JsonValueKind.Object)
        {
            reading.Add(key + "text", delta, "text");
            if (delta.TryGetProperty("toolUse"u8, out var input))
            {
                reading.Add(key + "call", input, "input", GuardrailScope.ToolCall, reading.ToolOf(key), isJson: true);
            }

            if (delta.TryGetProperty("reasoningContent"u8, out var reasoning))
            {
                reading.Add(key + "reasoning", reasoning, "text");
            }
        }
        else
        {
            reading.Ends.Add(key);
        }
    }

    private static void FindTyped(JsonElement root, string type, EventReading reading)
    {
        switch (type)
        {
            case "content_block_start" or "content_block_delta" or "content_block_stop":
                FindBlock(root, type, $"a{Index(root, "index")}:", reading);
                break;
            case "message_start" or "message_delta" or "ping" or "error" or "message-start" or "citation-start" or "citation-end" or "tool-call-start" or "content-start":
                reading.IsKnown = true;
                if (type == "tool-call-start" && Inner(root, "delta", "message", "tool_calls", "function") is { } named)
                {
                    reading.Call($"h{Index(root, "index")}:call", Text(named, "name"));
                }

                break;
            case "message_stop" or "message-end":
                (reading.IsKnown, reading.EndsAll) = (true, true);
                break;
            case "content-delta" or "tool-plan-delta" or "tool-call-delta" or "content-end" or "tool-call-end":
                FindCohere(root, type, $"h{Index(root, "index")}:", reading);
                break;
            default:
                NamedEvents.Find(root, type, reading);
                break;
        }
    }

    /// <summary>Anthropic.</summary>
    private static void FindBlock(JsonElement root, string type, string key, EventReading reading)
    {
        reading.IsKnown = true;
        if (type == "content_block_stop")
        {
            reading.Ends.Add(key);
        }
        else if (type == "content_block_start")
        {
            reading.Call(key, root.TryGetProperty("content_block"u8, out var block) ? Text(block, "name") : null);
        }
        else if (root.TryGetProperty("delta"u8, out var delta) && delta.ValueKind == JsonValueKind.Object)
        {
            reading.Add(key + "text", delta, "text");
            reading.Add(key + "thinking", delta, "thinking");
            reading.Add(key + "call", delta, "partial_json", GuardrailScope.ToolCall, reading.ToolOf(key), isJson: true);
            if (Text(delta, "type") == "signature_delta")
            {
                // What was signed ends here.
                reading.Ends.Add(key + "thinking");
            }
        }
    }

    private static void FindCohere(JsonElement root, string type, string key, EventReading reading)
    {
        reading.IsKnown = true;
        if (type.EndsWith("-end", StringComparison.Ordinal))
        {
            reading.Ends.Add(key);
        }
        else if (type == "content-delta" && Inner(root, "delta", "message", "content") is { } content)
        {
            reading.Add(key + "text", content, "text");
            reading.Add(key + "thinking", content, "thinking");
        }
        else if (type == "tool-plan-delta" && Inner(root, "delta", "message") is { } message)
        {
            reading.Add("hp:", message, "tool_plan");
        }
        else if (Inner(root, "delta", "message", "tool_calls", "function") is { } function)
        {
            reading.Add(key + "call", function, "arguments", GuardrailScope.ToolCall, reading.ToolOf(key + "call"), isJson: true);
        }
    }

    private static void FindOllama(JsonElement root, bool isDone, EventReading reading)
    {
        reading.IsKnown = true;
        reading.Add("o:response", root, "response");
        if (root.TryGetProperty("message"u8, out var message))
        {
            reading.Add("o:content", message, "content");
            reading.Add("o:thinking", message, "thinking");
        }

        reading.EndsAll = isDone;
    }

    internal static string? Text(JsonElement parent, string member) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? JsonTexts.Read(JsonMarshal.GetRawUtf8Value(value)[1..^1]) : null;

    private static int Number(JsonElement parent, int position) =>
        parent.TryGetProperty("index"u8, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : position;

    internal static string Index(JsonElement parent, string member) =>
        parent.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetRawText() : "";

    private static JsonElement? Inner(JsonElement root, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty(name, out root))
            {
                return null;
            }
        }

        return root.ValueKind == JsonValueKind.Object ? root : null;
    }
}
