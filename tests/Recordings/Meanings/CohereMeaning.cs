using System.Text.Json;

namespace Gateway.Recordings.Meanings;

/// <summary>Cohere chat, version 2.</summary>
internal sealed class CohereMeaning(MeaningDraft draft, bool isStream) : IMeaningSource
{
    private bool _started;
    private bool _ended;

    public void Read(string name, JsonElement json)
    {
        if (!isStream)
        {
            var whole = json.Get("message") ?? default;
            _ = draft.Text.Append(whole.Text("content") ?? string.Concat(whole.Items("content").Where(c => c.Text("type") == "text").Select(c => c.Text("text"))));
            var number = 0L;
            foreach (var call in whole.Items("tool_calls"))
            {
                // A call without arguments has the word null there.
                var arguments = call.Get("function")?.Text("arguments");
                _ = draft.Call(number++, call.Get("function")?.Text("name")).Append(arguments == "null" ? "{}" : arguments);
            }

            Finish(json);
            return;
        }

        var message = json.Get("delta")?.Get("message") ?? default;
        var index = json.Long("index");
        switch (json.Text("type"))
        {
            case "message-start":
                draft.Flaw(_started, "message-start twice");
                _started = true;
                break;
            case "content-start" or "content-delta":
                draft.Flaw(!_started, "content before message-start");
                _ = draft.Text.Append(message.Get("content")?.Text("text"));
                break;
            case "tool-call-start" or "tool-call-delta":
                var function = message.Get("tool_calls")?.Get("function") ?? default;
                _ = draft.Call(index, function.Text("name")).Append(function.Text("arguments"));
                break;
            case "message-end":
                draft.Flaw(_ended, "message-end twice");
                _ended = true;
                Finish(json.Get("delta") ?? default);
                break;
            default:
                break;
        }
    }

    public void Done() => draft.Flaw(!_ended, "[DONE] before message-end");

    public void End() => draft.IsComplete = !isStream || (_ended && draft.Error is null);

    private void Finish(JsonElement answer)
    {
        if (answer.Get("usage") is { ValueKind: JsonValueKind.Object } usage && (usage.Get("tokens") ?? usage.Get("billed_units")) is { } tokens)
        {
            draft.Usage = new SeenUsage(tokens.Long("input_tokens"), tokens.Long("output_tokens"), usage.Long("cached_tokens"));
        }

        draft.Error = answer.Text("error");
        draft.Ending = answer.Text("finish_reason") switch
        {
            null => Ending.None,
            "COMPLETE" or "STOP_SEQUENCE" => Ending.Stop,
            "MAX_TOKENS" => Ending.Length,
            "TOOL_CALL" => Ending.Tools,
            "ERROR_TOXIC" => Ending.Filter,
            _ => Ending.Other,
        };
    }
}
