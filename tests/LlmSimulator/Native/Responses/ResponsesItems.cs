using System.Text.Json.Nodes;

namespace Gateway.LlmSimulator.Native.Responses;

/// <summary>Collects events under their sequence numbers.</summary>
internal sealed class ResponsesEvents
{
    private readonly List<Frame> _frames = [];

    public IReadOnlyList<Frame> Frames => _frames;

    public void Add(string type, JsonObject payload, int tokens = 0, bool isEnd = false)
    {
        payload.Insert(0, "type", type);
        payload.Insert(1, "sequence_number", _frames.Count);
        _frames.Add(new Frame(type, payload, tokens, isEnd));
    }
}

/// <summary>One item of the output.</summary>
internal abstract class ResponsesItem
{
    public abstract JsonObject Whole { get; }

    public abstract void Stream(ResponsesEvents to, int index);

    protected static void Added(ResponsesEvents to, int index, JsonObject item) => to.Add("response.output_item.added", new() { ["output_index"] = index, ["item"] = item });

    protected void Finished(ResponsesEvents to, int index) => to.Add("response.output_item.done", new() { ["output_index"] = index, ["item"] = Whole });
}

/// <summary>Text, or a refusal.</summary>
internal sealed class MessageItem(Turn turn) : ResponsesItem
{
    private readonly bool _refused = turn.Finish == TurnFinish.Refused;

    public override JsonObject Whole => Message("completed", [Part(string.Concat(turn.Text))]);

    public override void Stream(ResponsesEvents to, int index)
    {
        Added(to, index, Message("in_progress", []));
        to.Add("response.content_part.added", At(index, new() { ["part"] = Part("") }));
        var kind = _refused ? "response.refusal" : "response.output_text";
        foreach (var piece in turn.Text)
        {
            var delta = new JsonObject { ["delta"] = piece };
            if (!_refused)
            {
                delta["logprobs"] = new JsonArray();
            }

            to.Add(kind + ".delta", At(index, delta), 1);
        }

        to.Add(kind + ".done", At(index, new() { [_refused ? "refusal" : "text"] = string.Concat(turn.Text) }));
        to.Add("response.content_part.done", At(index, new() { ["part"] = Part(string.Concat(turn.Text)) }));
        Finished(to, index);
    }

    private JsonObject At(int index, JsonObject more)
    {
        more.Insert(0, "item_id", "msg_" + turn.Id);
        more.Insert(1, "output_index", index);
        more.Insert(2, "content_index", 0);
        return more;
    }

    private JsonObject Part(string text) => _refused
        ? new() { ["type"] = "refusal", ["refusal"] = text }
        : new() { ["type"] = "output_text", ["annotations"] = new JsonArray(), ["logprobs"] = new JsonArray(), ["text"] = text };

    private JsonObject Message(string status, JsonArray content) => new() { ["id"] = "msg_" + turn.Id, ["type"] = "message", ["status"] = status, ["content"] = content, ["role"] = "assistant" };
}

/// <summary>A summary of thinking, with the whole of it encrypted.</summary>
internal sealed class ReasoningItem(Turn turn) : ResponsesItem
{
    public override JsonObject Whole => Reasoning([Part(string.Concat(turn.Thinking))], turn.Signature);

    public override void Stream(ResponsesEvents to, int index)
    {
        Added(to, index, Reasoning([], null));
        to.Add("response.reasoning_summary_part.added", At(index, new() { ["part"] = Part("") }));
        foreach (var piece in turn.Thinking)
        {
            to.Add("response.reasoning_summary_text.delta", At(index, new() { ["delta"] = piece }), 1);
        }

        to.Add("response.reasoning_summary_text.done", At(index, new() { ["text"] = string.Concat(turn.Thinking) }));
        to.Add("response.reasoning_summary_part.done", At(index, new() { ["part"] = Part(string.Concat(turn.Thinking)) }));
        Finished(to, index);
    }

    private JsonObject At(int index, JsonObject more)
    {
        more.Insert(0, "item_id", "rs_" + turn.Id);
        more.Insert(1, "output_index", index);
        more.Insert(2, "summary_index", 0);
        return more;
    }

    private static JsonObject Part(string text) => new() { ["type"] = "summary_text", ["text"] = text };

    private JsonObject Reasoning(JsonArray summary, string? encrypted)
    {
        var item = new JsonObject { ["id"] = "rs_" + turn.Id, ["type"] = "reasoning", ["summary"] = summary };
        if (encrypted is not null)
        {
            item["encrypted_content"] = encrypted;
        }

        return item;
    }
}

/// <summary>A call of a function.</summary>
internal sealed class CallItem(TurnCall call) : ResponsesItem
{
    public override JsonObject Whole => Item("completed", call.Arguments);

    public override void Stream(ResponsesEvents to, int index)
    {
        Added(to, index, Item("in_progress", ""));
        foreach (var piece in call.Pieces)
        {
            to.Add("response.function_call_arguments.delta", new() { ["item_id"] = "fc_" + call.Id, ["output_index"] = index, ["delta"] = piece }, 1);
        }

        to.Add("response.function_call_arguments.done", new() { ["item_id"] = "fc_" + call.Id, ["output_index"] = index, ["name"] = call.Name, ["arguments"] = call.Arguments });
        Finished(to, index);
    }

    private JsonObject Item(string status, string arguments) => new() { ["id"] = "fc_" + call.Id, ["type"] = "function_call", ["status"] = status, ["arguments"] = arguments, ["call_id"] = call.Id, ["name"] = call.Name };
}
