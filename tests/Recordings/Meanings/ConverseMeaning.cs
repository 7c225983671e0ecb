using System.Text.Json;

namespace Gateway.Recordings.Meanings;

/// <summary>Bedrock Converse.</summary>
internal sealed class ConverseMeaning(MeaningDraft draft, bool isStream) : IMeaningSource
{
    private bool _started;
    private bool _stopped;
    private long? _open;

    public void Read(string name, JsonElement json)
    {
        if (!isStream)
        {
            var index = 0L;
            foreach (var block in json.Get("output")?.Get("message")?.Items("content") ?? [])
            {
                _ = draft.Text.Append(block.Text("text")).AppendJoin("", block.Get("citationsContent")?.Items("content").Select(c => c.Text("text")) ?? []);
                if (block.Get("toolUse") is { } use)
                {
                    _ = draft.Call(index, use.Text("name")).Append(use.Get("input")?.GetRawText());
                }

                index++;
            }

            Usage(json);
            Stop(json);
            return;
        }

        var place = json.Long("contentBlockIndex");
        switch (name)
        {
            case "messageStart":
                draft.Flaw(_started, "messageStart twice");
                _started = true;
                break;
            case "contentBlockStart":
                _open = place;
                if (json.Get("start")?.Get("toolUse") is { } use)
                {
                    _ = draft.Call(place, use.Text("name"));
                }

                break;
            case "contentBlockDelta":
                draft.Flaw(_open is not null && _open != place, "a delta inside of another block");
                _open = place;
                var delta = json.Get("delta") ?? default;
                _ = draft.Text.Append(delta.Text("text"));
                if (delta.Get("toolUse") is { } input)
                {
                    _ = draft.Call(place, null).Append(input.Text("input"));
                }

                break;
            case "contentBlockStop":
                draft.Flaw(_open is not null && _open != place, "a stop outside of its block");
                _open = null;
                break;
            case "messageStop":
                draft.Flaw(_open is not null, "messageStop inside of a block");
                _stopped = true;
                Stop(json);
                break;
            case "metadata":
                Usage(json);
                break;
            case var exception when exception.StartsWith("exception:", StringComparison.Ordinal):
                draft.Error = json.Text("message") ?? json.Text("Message") ?? "(no message)";
                break;
            default:
                break;
        }
    }

    public void Done() => draft.Flaw(true, "[DONE] in a Converse stream");

    public void End()
    {
        draft.IsComplete = !isStream || _stopped;
        draft.Flaw(isStream && _stopped && !_started, "no messageStart");
        draft.Flaw(_stopped && draft.Error is not null, "messageStop beside an error");
    }

    private void Usage(JsonElement json)
    {
        if (json.Get("usage") is { ValueKind: JsonValueKind.Object } usage)
        {
            var read = usage.Long("cacheReadInputTokens");
            draft.Usage = new SeenUsage(usage.Long("inputTokens") + read + usage.Long("cacheWriteInputTokens"), usage.Long("outputTokens"), read);
        }
    }

    private void Stop(JsonElement json) => draft.Ending = json.Text("stopReason") switch
    {
        null => Ending.None,
        "end_turn" or "stop_sequence" => Ending.Stop,
        "max_tokens" or "model_context_window_exceeded" => Ending.Length,
        "tool_use" => Ending.Tools,
        "content_filtered" or "guardrail_intervened" => Ending.Filter,
        _ => Ending.Other,
    };
}
