using System.Text.Json;

namespace Gateway.Recordings.Meanings;

/// <summary>OpenAI responses; a stream is read from its deltas and items, and held against the whole it ends with.</summary>
internal sealed class ResponsesMeaning(MeaningDraft draft, bool isStream) : IMeaningSource
{
    private readonly SortedDictionary<(long Item, long Part), string> _texts = [];
    private readonly HashSet<object> _open = [];
    private bool _started;
    private bool _ended;
    private bool _refused;
    private long _sequence = -1;

    public void Read(string name, JsonElement json)
    {
        if (!isStream)
        {
            Whole(json, withOutput: true);
            return;
        }

        draft.Flaw(_ended && json.Text("type")?.StartsWith("response.", StringComparison.Ordinal) == true && json.Get("response") is not null, "an event after the end");
        if (json.Get("sequence_number") is { } number)
        {
            draft.Flaw(number.GetInt64() <= _sequence, "sequence numbers do not grow");
            _sequence = number.GetInt64();
        }

        var item = json.Get("item") ?? default;
        switch (json.Text("type"))
        {
            case "response.created":
                draft.Flaw(_started, "created twice");
                _started = true;
                break;
            case "response.output_text.delta" or "response.refusal.delta":
                _refused |= json.Text("type") == "response.refusal.delta";
                _texts[Place(json)] = _texts.GetValueOrDefault(Place(json)) + json.Text("delta");
                draft.Flaw(!_open.Contains(json.Long("output_index")), "a delta outside of its item");
                break;
            case "response.output_text.done" or "response.refusal.done":
                // Some recordings were thinned out; the end of a part has all of it.
                _texts[Place(json)] = json.Text("text") ?? json.Text("refusal") ?? _texts.GetValueOrDefault(Place(json), "");
                break;
            case "response.function_call_arguments.delta" or "response.custom_tool_call_input.delta":
                draft.Flaw(!_open.Contains(json.Long("output_index")), "a delta outside of its item");
                break;
            case "response.output_item.added":
                draft.Flaw(!_started, "an item before the start");
                _ = _open.Add(json.Long("output_index"));
                break;
            case "response.output_item.done":
                _ = _open.Remove(json.Long("output_index"));
                Call(item, json.Long("output_index"));
                break;
            case "response.completed" or "response.incomplete" or "response.failed":
                _ended = true;
                Whole(json.Get("response") ?? default, withOutput: false);
                break;
            case "error":
                draft.Error ??= json.Text("message") ?? MeaningReader.ErrorOf(json) ?? "(no message)";
                break;
            default:
                break;
        }
    }

    public void Done()
    {
    }

    public void End()
    {
        _ = draft.Text.AppendJoin("", _texts.Values);
        draft.IsComplete = !isStream || (_ended && draft.Error is null);
        draft.Flaw(isStream && _ended && _open.Count > 0 && draft.Error is null, "an item without end");
    }

    private static (long Item, long Part) Place(JsonElement json) => (json.Long("output_index"), json.Long("content_index"));

    private void Whole(JsonElement response, bool withOutput)
    {
        if (response.Get("usage") is { ValueKind: JsonValueKind.Object } usage)
        {
            draft.Usage = new SeenUsage(usage.Long("input_tokens"), usage.Long("output_tokens"), usage.Get("input_tokens_details")?.Long("cached_tokens") ?? 0);
        }

        if (response.Get("error") is { ValueKind: JsonValueKind.Object } error)
        {
            draft.Error ??= error.Text("message") ?? "(no message)";
        }

        var place = 0;
        foreach (var item in withOutput ? response.Items("output") : [])
        {
            if (item.Text("type") == "message")
            {
                foreach (var part in item.Items("content"))
                {
                    _ = draft.Text.Append(part.Text("text") ?? part.Text("refusal"));
                    _refused |= part.Text("refusal") is { Length: > 0 };
                }
            }

            Call(item, place++);
        }

        draft.Ending = response.Text("status") switch
        {
            "completed" => _refused ? Ending.Filter : Ending.Stop,
            "incomplete" => response.Get("incomplete_details")?.Text("reason") == "content_filter" ? Ending.Filter : Ending.Length,
            _ => Ending.Other,
        };
    }

    private void Call(JsonElement item, long place)
    {
        if (item.Text("type") is "function_call" or "custom_tool_call")
        {
            _ = draft.Call(place, item.Text("name")).Append(item.Text("arguments") ?? Meaning.FreeText(item.Text("input")));
        }
    }
}
