using System.Text.Json;

namespace Gateway.Recordings.Meanings;

/// <summary>Anthropic messages.</summary>
internal sealed class AnthropicMeaning(MeaningDraft draft, bool isStream) : IMeaningSource
{
    private readonly Dictionary<long, string> _blocks = [];
    private long? _open;
    private int _starts;
    private bool _stopped;
    private long _input;
    private long _created;
    private long _read;
    private long _output;
    private bool _counted;

    public void Read(string name, JsonElement json)
    {
        if (!isStream)
        {
            Message(json);
            return;
        }

        var type = json.Text("type");
        draft.Flaw(name.Length > 0 && name != type, "an event named otherwise than its type");
        draft.Flaw(_stopped, "an event after message_stop");
        draft.Flaw(_starts == 0 && type is not ("message_start" or "ping" or "error"), "an event before message_start");
        switch (type)
        {
            case "message_start":
                draft.Flaw(++_starts > 1, "message_start twice");
                Usage(json.Get("message")?.Get("usage"));
                End(json.Get("message")?.Text("stop_reason"));
                var given = 1_000L;
                foreach (var block in json.Get("message")?.Items("content") ?? [])
                {
                    Block(block, given++);
                }

                break;
            case "content_block_start":
                var index = json.Long("index");
                draft.Flaw(_open is not null, "a block inside of another");
                draft.Flaw(_blocks.ContainsKey(index), "an index used twice");
                _open = index;
                _blocks[index] = json.Get("content_block")?.Text("type") ?? "";
                Block(json.Get("content_block") ?? default, index);
                break;
            case "content_block_delta":
                draft.Flaw(_open != json.Long("index"), "a delta outside of its block");
                Delta(json.Get("delta") ?? default, json.Long("index"));
                break;
            case "content_block_stop":
                draft.Flaw(_open != json.Long("index"), "a stop outside of its block");
                _open = null;
                break;
            case "message_delta":
                draft.Flaw(_open is not null, "message_delta inside of a block");
                Usage(json.Get("usage"));
                End(json.Get("delta")?.Text("stop_reason"));
                break;
            case "message_stop":
                _stopped = true;
                break;
            case "error":
                draft.Error = MeaningReader.ErrorOf(json) ?? "(no message)";
                break;
            default:
                break;
        }
    }

    public void Done() => draft.Flaw(true, "[DONE] in an Anthropic stream");

    public void End()
    {
        draft.IsComplete = !isStream || _stopped;
        draft.Flaw(_stopped && draft.Error is not null, "message_stop after an error");
        draft.Usage = _counted ? new SeenUsage(_input + _created + _read, _output, _read) : null;
    }

    private void Message(JsonElement json)
    {
        if (json.Text("type") == "error")
        {
            draft.Error = MeaningReader.ErrorOf(json);
            return;
        }

        var index = 0;
        foreach (var block in json.Items("content"))
        {
            Block(block, index++);
        }

        Usage(json.Get("usage"));
        End(json.Text("stop_reason"));
    }

    private void Block(JsonElement block, long index)
    {
        switch (block.Text("type"))
        {
            case "text":
                _ = draft.Text.Append(block.Text("text"));
                break;
            case "tool_use":
                var arguments = draft.Call(index, block.Text("name"));
                if (block.Get("input") is { } input && (!isStream || input.EnumerateObject().Any()))
                {
                    _ = arguments.Append(input.GetRawText());
                }

                break;
            default:
                break;
        }
    }

    private void Delta(JsonElement delta, long index)
    {
        switch (delta.Text("type"))
        {
            case "text_delta":
                _ = draft.Text.Append(delta.Text("text"));
                break;
            case "input_json_delta" when _blocks.GetValueOrDefault(index) == "tool_use":
                _ = draft.Call(index, null).Append(delta.Text("partial_json"));
                break;
            default:
                break;
        }
    }

    private void Usage(JsonElement? usage)
    {
        if (usage is not { ValueKind: JsonValueKind.Object } given)
        {
            return;
        }

        // Later events repeat only what changed, and what they say replaces.
        _counted = true;
        _input = given.Get("input_tokens") is null ? _input : given.Long("input_tokens");
        _created = given.Get("cache_creation_input_tokens") is null ? _created : given.Long("cache_creation_input_tokens");
        _read = given.Get("cache_read_input_tokens") is null ? _read : given.Long("cache_read_input_tokens");
        _output = given.Get("output_tokens") is null ? _output : given.Long("output_tokens");
    }

    private void End(string? reason) => draft.Ending = reason switch
    {
        null => draft.Ending,
        "end_turn" or "stop_sequence" => Ending.Stop,
        "max_tokens" or "model_context_window_exceeded" => Ending.Length,
        "tool_use" => Ending.Tools,
        "refusal" => Ending.Filter,
        _ => Ending.Other,
    };
}
