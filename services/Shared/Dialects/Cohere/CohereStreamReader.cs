using System.Text;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Cohere;

/// <summary>
/// Reads a stream of events, told apart by the member <c>type</c>. A text stays open past its <c>content-end</c>, because its citations may come after it.
/// </summary>
internal sealed class CohereStreamReader : IChatStreamReader
{
    private PartKind _open;
    private Signature? _mark;
    private int _part = -1;
    private bool _callHasArguments;
    private bool _started;
    private bool _ended;
    private bool _failed;

    /// <inheritdoc/>
    public bool Read(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> payload, ICollection<ChatEvent> events)
    {
        if (payload.IsEmpty || payload.SequenceEqual("[DONE]"u8) || _failed)
        {
            return true;
        }

        if (!LenientJson.TryParseObject(payload, out var root))
        {
            return false;
        }

        var type = root.StringOf("type") ?? Encoding.UTF8.GetString(eventName);
        var message = root.Member("delta")?.Member("message") ?? default;
        if (!_started && type is not "")
        {
            _started = true;
            events.Add(new ChatEvent { Kind = ChatEventKind.Start, Id = root.StringOf("id"), Origin = DialectId.Cohere });
        }

        switch (type)
        {
            case "content-start" or "content-delta":
                ReadContent(message.Member("content") ?? default, type == "content-start", root, events);
                break;
            case "tool-plan-delta":
                ReadText(message.StringOf("tool_plan"), PartKind.Reasoning, CohereReasoning.Plan, events);
                break;
            case "tool-call-start" or "tool-call-delta":
                ReadCall(message.Member("tool_calls") ?? default, type == "tool-call-start", events);
                break;
            case "tool-call-end":
                Close(events);
                break;
            case "citation-start":
                ReadCitation(message.Member("citations") ?? default, events);
                break;
            case "message-end":
                ReadEnd(root.Member("delta") ?? root, events);
                break;
            case "" when root.StringOf("message") is not null:
                Fail(CohereErrors.Read(0, payload), events);
                break;
        }

        return true;
    }

    /// <inheritdoc/>
    public bool Complete(ICollection<ChatEvent> events) => _ended && !_failed;

    private void ReadContent(JsonElement content, bool starts, JsonElement root, ICollection<ChatEvent> events)
    {
        if (starts && _open != 0)
        {
            Close(events);
        }

        if (content.StringOf("thinking") is { Length: > 0 } thinking)
        {
            ReadText(thinking, PartKind.Reasoning, CohereReasoning.Thinking, events);
        }

        if (content.StringOf("text") is { Length: > 0 } text)
        {
            ReadText(text, PartKind.Text, null, events);
        }

        if (_open == PartKind.Text && root.Member("delta")?.Member("logprobs") is { } probabilities && CohereAnswerReader.LogProbabilities(probabilities) is { } read)
        {
            events.Add(Delta() with { Raw = read });
        }
    }

    private void ReadText(string? text, PartKind kind, Signature? mark, ICollection<ChatEvent> events)
    {
        if (text is not { Length: > 0 })
        {
            return;
        }

        if (_open != kind || _mark != mark)
        {
            Open(kind, new ChatEvent { Kind = ChatEventKind.PartStart }, events);
            _mark = mark;
            events.Add(Delta() with { Text = text, Signature = mark });
            return;
        }

        events.Add(Delta() with { Text = text });
    }

    private void ReadCall(JsonElement call, bool starts, ICollection<ChatEvent> events)
    {
        var function = call.Member("function") ?? default;
        if (starts)
        {
            Open(PartKind.ToolCall, new ChatEvent { Kind = ChatEventKind.PartStart, Id = call.StringOf("id"), Name = function.StringOf("name") }, events);
            _callHasArguments = false;
        }

        if (_open == PartKind.ToolCall && function.StringOf("arguments") is { Length: > 0 } arguments && (_callHasArguments || arguments.Trim() != "null"))
        {
            _callHasArguments = true;
            events.Add(Delta() with { Text = arguments });
        }
    }

    private void ReadCitation(JsonElement citation, ICollection<ChatEvent> events)
    {
        if (_open != PartKind.Text)
        {
            return;
        }

        foreach (var read in citation.ItemsOrSelf().SelectMany(CohereCitations.Read))
        {
            events.Add(Delta() with { Citation = read });
        }
    }

    private void ReadEnd(JsonElement delta, ICollection<ChatEvent> events)
    {
        if (_ended)
        {
            return;
        }

        if (delta.StringOf("error") is { Length: > 0 } error)
        {
            Fail(new ChatError { Status = 502, Kind = ChatErrorKind.Api, Message = error, Type = delta.StringOf("finish_reason") }, events);
            return;
        }

        Close(events);
        _ended = true;
        var reason = delta.StringOf("finish_reason");
        events.Add(new ChatEvent { Kind = ChatEventKind.Finish, Finish = CohereFinish.Read(reason), FinishDetail = reason });
        if (delta.Member("usage") is { } usage && CohereUsage.Read(usage) is { } counts)
        {
            events.Add(new ChatEvent { Kind = ChatEventKind.Usage, Usage = counts });
        }

        events.Add(new ChatEvent { Kind = ChatEventKind.End });
    }

    private void Fail(ChatError error, ICollection<ChatEvent> events)
    {
        _failed = true;
        events.Add(new ChatEvent { Kind = ChatEventKind.Error, Error = error });
    }

    private void Open(PartKind kind, in ChatEvent start, ICollection<ChatEvent> events)
    {
        Close(events);
        _open = kind;
        _part++;
        events.Add(start with { Part = _part, PartKind = kind });
    }

    private void Close(ICollection<ChatEvent> events)
    {
        if (_open == 0)
        {
            return;
        }

        if (_open == PartKind.ToolCall && !_callHasArguments)
        {
            events.Add(Delta() with { Text = "{}" });
        }

        events.Add(new ChatEvent { Kind = ChatEventKind.PartEnd, Part = _part, PartKind = _open });
        _open = 0;
        _mark = null;
    }

    private ChatEvent Delta() => new() { Kind = ChatEventKind.Delta, Part = _part, PartKind = _open };
}
