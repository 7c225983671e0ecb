using System.Text.Json;

namespace Gateway.Recordings.Meanings;

/// <summary>Chat completions and the older completions, of OpenAI and compatible providers.</summary>
internal sealed class OpenAIMeaning(MeaningDraft draft, bool isStream) : IMeaningSource
{
    private bool _done;
    private bool _finished;
    private bool _refused;
    private int _anonymous;

    public void Read(string name, JsonElement json)
    {
        draft.Flaw(_done, "an event after [DONE]");
        if (MeaningReader.ErrorOf(json) is { } error && json.Get("choices") is null)
        {
            draft.Error = error;
            return;
        }

        if (json.Get("usage") is { ValueKind: JsonValueKind.Object } usage)
        {
            draft.Usage = Usage(usage);
        }
        else if (json.Get("x_groq")?.Get("usage") is { } groq)
        {
            draft.Usage = Usage(groq);
        }

        foreach (var choice in json.Items("choices"))
        {
            if (choice.Long("index") != 0)
            {
                continue;
            }

            var message = choice.Get(isStream ? "delta" : "message") ?? choice.Get("message") ?? choice.Get("delta") ?? default;
            _ = draft.Text.Append(choice.Text("text")).Append(Content(message)).Append(message.Text("refusal")).Append(message.Get("audio")?.Text("transcript"));
            _refused |= message.Text("refusal") is { Length: > 0 };
            foreach (var call in message.Items("tool_calls"))
            {
                Call(call);
            }

            if (message.Get("function_call") is { } function)
            {
                _ = draft.Call("function", function.Text("name")).Append(function.Text("arguments"));
            }

            if (choice.Text("finish_reason") is { Length: > 0 } finish)
            {
                _finished = true;
                draft.Ending = finish switch
                {
                    "stop" or "end_turn" or "eos" => Ending.Stop,
                    "length" or "max_tokens" or "model_length" => Ending.Length,
                    "tool_calls" or "function_call" or "tool_use" => Ending.Tools,
                    "content_filter" or "refusal" => Ending.Filter,
                    _ => Ending.Other,
                };
            }
        }
    }

    public void Done() => _done = true;

    public void End()
    {
        // Some providers leave [DONE] out; whoever answers a caller must not.
        draft.IsComplete = !isStream || _finished || (_done && draft.Usage is not null);
        draft.Flaw(isStream && _finished && !_done && draft.Error is null, "no [DONE]");
        draft.Ending = _refused && draft.Ending == Ending.Stop ? Ending.Filter : draft.Ending;
        draft.Flaw(isStream && _done && draft.Error is not null, "[DONE] after an error");
    }

    /// <summary>
    /// Some providers count thinking beside the completion instead of within it: then it is more than that, or only all three make the total.
    /// </summary>
    private static SeenUsage Usage(JsonElement usage)
    {
        var (prompt, completion, total) = (usage.Long("prompt_tokens"), usage.Long("completion_tokens"), usage.Long("total_tokens"));
        var thinking = usage.Get("completion_tokens_details")?.Long("reasoning_tokens") ?? 0;
        var cached = new[] { usage.Get("prompt_tokens_details")?.Long("cached_tokens") ?? 0, usage.Long("prompt_cache_hit_tokens"), usage.Long("cached_tokens"), usage.Long("num_cached_tokens") }.Max();
        return new SeenUsage(prompt, thinking > completion || (thinking > 0 && total == prompt + completion + thinking) ? completion + thinking : completion, Math.Min(cached, prompt));
    }

    private static string? Content(JsonElement message)
        => message.Get("content") is { ValueKind: JsonValueKind.Array } parts
            ? string.Concat(parts.EnumerateArray().Where(p => p.Text("type") is "text" or null).Select(p => p.Text("text")))
            : message.Text("content");

    private void Call(JsonElement call)
    {
        object key = !isStream ? ++_anonymous : call.Get("index") is { } index ? (object)index.GetInt32() : call.Text("id") ?? "only";
        var function = call.Get("function") ?? call.Get("custom") ?? default;
        var arguments = draft.Call(key, function.Text("name"));
        _ = function.Get("arguments") is { ValueKind: JsonValueKind.Object } parsed ? arguments.Append(parsed.GetRawText()) : arguments.Append(function.Text("arguments") ?? function.Text("input"));
        if (call.Get("custom") is not null)
        {
            draft.IsFree(key);
        }

        draft.Flaw(!isStream && call.Text("id") is null, "a tool call without id");
    }
}
