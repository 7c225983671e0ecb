using System.Text.Json;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Tests.Cohere;

/// <summary>Reads what Cohere's answers say, without the code under test. A plan is thinking.</summary>
internal static class CohereSaid
{
    public static Said Plain(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        var root = document.RootElement;
        var said = new Said { Usage = Usage(root) };
        var message = root.GetProperty("message");
        if (message.TryGetProperty("content", out var content))
        {
            foreach (var item in content.EnumerateArray())
            {
                if (item.GetProperty("type").GetString() == "thinking")
                {
                    said.AddThinking(item.GetProperty("thinking").GetString());
                }
                else
                {
                    said.AddText(item.GetProperty("text").GetString());
                }
            }
        }

        if (message.TryGetProperty("tool_plan", out var plan))
        {
            said.AddThinking(plan.GetString());
        }

        if (message.TryGetProperty("tool_calls", out var calls))
        {
            foreach (var call in calls.EnumerateArray())
            {
                var function = call.GetProperty("function");
                said.Tools.Add((function.GetProperty("name").GetString()!, Arguments(function.GetProperty("arguments").GetString()!)));
            }
        }

        said.Finishes.Add(Finish(root.GetProperty("finish_reason").GetString()!));
        return said;
    }

    public static Said Stream(IEnumerable<(string Name, byte[] Payload)> events)
    {
        var said = new Said();
        var arguments = new SortedDictionary<int, (string Name, string Text)>();
        foreach (var (name, payload) in events)
        {
            using var document = JsonDocument.Parse(payload);
            var root = document.RootElement;
            Assert.Equal(root.GetProperty("type").GetString(), name);
            var index = root.TryGetProperty("index", out var number) ? number.GetInt32() : 0;
            switch (name)
            {
                case "content-delta":
                    var content = root.GetProperty("delta").GetProperty("message").GetProperty("content");
                    said.AddText(content.TryGetProperty("text", out var text) ? text.GetString() : null);
                    said.AddThinking(content.TryGetProperty("thinking", out var thinking) ? thinking.GetString() : null);
                    break;
                case "tool-plan-delta":
                    said.AddThinking(root.GetProperty("delta").GetProperty("message").GetProperty("tool_plan").GetString());
                    break;
                case "tool-call-start":
                    arguments[index] = (root.GetProperty("delta").GetProperty("message").GetProperty("tool_calls").GetProperty("function").GetProperty("name").GetString()!, "");
                    break;
                case "tool-call-delta":
                    arguments[index] = (arguments[index].Name, arguments[index].Text + root.GetProperty("delta").GetProperty("message").GetProperty("tool_calls").GetProperty("function").GetProperty("arguments").GetString());
                    break;
                case "message-end":
                    said.Finishes.Add(Finish(root.GetProperty("delta").GetProperty("finish_reason").GetString()!));
                    said.Usage = Usage(root.GetProperty("delta"));
                    break;
            }
        }

        said.Tools.AddRange(arguments.Values.Select(static a => (a.Name, (string?)Arguments(a.Text))));
        return said;
    }

    private static string Arguments(string text) => Said.Canonical(text is "null" or "" ? "{}" : text);

    private static FinishReason Finish(string word) => word switch
    {
        "COMPLETE" => FinishReason.Stop,
        "MAX_TOKENS" => FinishReason.Length,
        "TOOL_CALL" => FinishReason.ToolCalls,
        "STOP_SEQUENCE" => FinishReason.StopSequence,
        _ => FinishReason.Other,
    };

    private static TokenCounts? Usage(JsonElement root)
    {
        if (!root.TryGetProperty("usage", out var usage))
        {
            return null;
        }

        var tokens = usage.GetProperty("tokens");
        var cached = usage.TryGetProperty("cached_tokens", out var c) ? c.GetInt64() : 0;
        return new TokenCounts { Input = tokens.GetProperty("input_tokens").GetInt64() - cached, CacheRead = cached, Output = tokens.GetProperty("output_tokens").GetInt64() };
    }
}
