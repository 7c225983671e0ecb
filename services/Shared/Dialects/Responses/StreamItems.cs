using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Responses;

/// <summary>Follows the output items of a provider's stream and tells their parts.</summary>
internal sealed class StreamItems
{
    private readonly SortedDictionary<long, StreamItem> _items = [];
    private readonly PartTeller _teller = new();

    /// <summary>True when the provider searches X for the model.</summary>
    public bool SearchesX { get; set; }

    public bool HasToolCalls => _teller.Count(PartKind.ToolCall) > 0;

    public bool HasRefusal => _teller.Count(PartKind.Refusal) > 0;

    /// <summary>Reads one event of an item.</summary>
    public void Read(string type, JsonElement e, ICollection<ChatEvent> events)
    {
        switch (type)
        {
            case "response.output_item.added" when e.TryObject("item", out var added):
                Begin(Index(e), added, events);
                break;
            case "response.output_item.done" when e.TryObject("item", out var done):
                End(Index(e), done, events);
                break;
            case "response.content_part.added" or "response.content_part.done" when e.TryObject("part", out var part):
                ReadContent(Find(e, "message"), Position(e, "content_index"), part, type.EndsWith("done", StringComparison.Ordinal), events);
                break;
            case "response.output_text.delta":
                var text = Content(Find(e, "message"), Position(e, "content_index"), PartKind.Text, events);
                _teller.Tell(text, e.StringOf("delta"), OutputReader.LogProbabilities(e), events);
                break;
            case "response.output_text.done":
                _teller.Complete(Content(Find(e, "message"), Position(e, "content_index"), PartKind.Text, events), e.StringOf("text"), events);
                break;
            case "response.output_text.annotation.added" when e.TryObject("annotation", out var annotation):
                _teller.Cite(Content(Find(e, "message"), Position(e, "content_index"), PartKind.Text, events), Annotations.Read(annotation), events);
                break;
            case "response.refusal.delta":
                _teller.Tell(Content(Find(e, "message"), Position(e, "content_index"), PartKind.Refusal, events), e.StringOf("delta"), null, events);
                break;
            case "response.refusal.done":
                _teller.Complete(Content(Find(e, "message"), Position(e, "content_index"), PartKind.Refusal, events), e.StringOf("refusal"), events);
                break;
            case "response.reasoning_summary_text.delta" or "response.reasoning_summary.delta":
                ReadReasoning(Find(e, "reasoning"), Position(e, "summary_index"), isRaw: false, e.StringOf("delta"), events);
                break;
            case "response.reasoning_text.delta" or "response.reasoning.delta":
                ReadReasoning(Find(e, "reasoning"), Position(e, "content_index"), isRaw: true, e.StringOf("delta"), events);
                break;
            case "response.function_call_arguments.delta" or "response.custom_tool_call_input.delta":
                if (Find(e, null) is { } call && call.Parts.TryGetValue(0, out var arguments))
                {
                    _teller.Tell(arguments, e.StringOf("delta"), null, events);
                }

                break;
            case "response.function_call_arguments.done" or "response.custom_tool_call_input.done":
                if (Find(e, null) is { } whole && whole.Parts.TryGetValue(0, out var all))
                {
                    _teller.Complete(all, e.StringOf("arguments") ?? e.StringOf("input"), events);
                }

                break;
        }
    }

    /// <summary>Reads the output that the terminator repeats: what was not told yet is told now.</summary>
    public void ReadOutput(JsonElement output, ICollection<ChatEvent> events)
    {
        var index = 0;
        var told = _items.Count > 0;
        foreach (var item in output.EnumerateArray())
        {
            var at = index++;
            if (_items.TryGetValue(at, out var known) && known.Type == OutputReader.TypeOf(item))
            {
                if (!known.IsDone)
                {
                    End(at, item, events);
                }
            }
            else if (!told || _teller.Count(KindOf(item)) == 0)
            {
                // Positions and ids may differ from those of the stream; what the stream had nothing of cannot be a repetition.
                End(_items.Count == 0 ? at : _items.Keys.Max() + 1, item, events);
            }
        }
    }

    /// <summary>Ends every part that is open.</summary>
    public void EndAll(ICollection<ChatEvent> events) => _teller.EndAll(events);

    private StreamItem Begin(long index, JsonElement item, ICollection<ChatEvent> events)
    {
        if (_items.TryGetValue(index, out var known) && known.Type.Length > 0)
        {
            return known;
        }

        var state = new StreamItem(OutputReader.TypeOf(item)) { Id = item.StringOf("id") };
        _items[index] = state;
        BeginCall(state, item, events);
        return state;
    }

    private void BeginCall(StreamItem state, JsonElement item, ICollection<ChatEvent> events)
    {
        // A call without a name cannot be told yet; its end has all of it.
        if (state.Type is "function_call" or "custom_tool_call" && state.Parts.Count == 0 && !OutputReader.IsHosted(item, SearchesX)
            && OutputReader.CallId(item).Length > 0 && item.StringOf("name") is { Length: > 0 } name)
        {
            var custom = OutputReader.IsCustom(item);
            state.Parts[0] = _teller.Begin(
                new ChatEvent { Kind = ChatEventKind.PartStart, PartKind = PartKind.ToolCall, Id = OutputReader.CallId(item), Name = name, Flag = custom }, events);
        }
    }

    private void End(long index, JsonElement item, ICollection<ChatEvent> events)
    {
        var state = Begin(index, item, events);
        if (state.IsDone)
        {
            return;
        }

        state.IsDone = true;
        switch (state.Type)
        {
            case "message":
                EndMessage(state, item, events);
                break;
            case "reasoning":
                EndReasoning(state, item, events);
                break;
            case "function_call" or "custom_tool_call" when !OutputReader.IsHosted(item, SearchesX):
                BeginCall(state, item, events);
                if (state.Parts.TryGetValue(0, out var call))
                {
                    _teller.Complete(call, item.StringOf("arguments") ?? item.StringOf("input"), events);
                    _teller.End(call, null, events);
                }

                break;
            case "image_generation_call" when item.StringOf("result") is { Length: > 0 } result:
                var image = OutputReader.ReadImage(item, result);
                var begun = _teller.Begin(new ChatEvent { Kind = ChatEventKind.PartStart, PartKind = PartKind.Image, Id = image.Id, Name = image.MediaType, Url = image.Url }, events);
                _teller.Tell(begun, image.Data, null, events);
                _teller.End(begun, null, events);
                break;
            default:
                var opaque = new ChatEvent { Kind = ChatEventKind.PartStart, PartKind = PartKind.Opaque, Origin = DialectId.OpenAIResponses, Raw = item, Name = state.Type };
                _teller.End(_teller.Begin(opaque, events), null, events);
                break;
        }
    }

    private void EndMessage(StreamItem state, JsonElement item, ICollection<ChatEvent> events)
    {
        if (item.TryArray("content", out var contents))
        {
            var index = 0;
            foreach (var content in contents.EnumerateArray())
            {
                ReadContent(state, index++, content, done: true, events);
            }
        }

        foreach (var part in state.Parts.Values)
        {
            _teller.End(part, null, events);
        }
    }

    private void EndReasoning(StreamItem state, JsonElement item, ICollection<ChatEvent> events)
    {
        var (text, isSummary) = OutputReader.ReasoningText(item);
        var encrypted = EncryptedReasoning.FromProvider(item.StringOf("id") ?? state.Id, item.StringOf("encrypted_content"));
        if (state.Parts.Count == 0 && text.Length == 0 && encrypted is null)
        {
            return;
        }

        var part = Reasoning(state, isRaw: !isSummary, events);
        if (state.IsRawReasoning == !isSummary)
        {
            _teller.Complete(part, text, events);
        }

        _teller.End(part, encrypted, events);
    }

    private void ReadContent(StreamItem state, int position, JsonElement content, bool done, ICollection<ChatEvent> events)
    {
        switch (OutputReader.TypeOf(content))
        {
            case "output_text" or "text":
                var text = Content(state, position, PartKind.Text, events);
                _teller.Complete(text, content.StringOf("text"), events);
                if (done && !text.HasLogProbabilities && OutputReader.LogProbabilities(content) is { } logProbabilities)
                {
                    _teller.Tell(text, null, logProbabilities, events);
                }

                if (content.TryArray("annotations", out var annotations))
                {
                    foreach (var annotation in annotations.EnumerateArray().Skip(text.Citations).ToList())
                    {
                        _teller.Cite(text, Annotations.Read(annotation), events);
                    }
                }

                break;
            case "refusal":
                _teller.Complete(Content(state, position, PartKind.Refusal, events), content.StringOf("refusal"), events);
                break;
            case "reasoning_text" or "reasoning" when done && state.Type == "reasoning" && state.Parts.Count == 0:
                ReadReasoning(state, position, isRaw: true, content.StringOf("text"), events);
                break;
        }
    }

    private void ReadReasoning(StreamItem state, int paragraph, bool isRaw, string? delta, ICollection<ChatEvent> events)
    {
        if (string.IsNullOrEmpty(delta) || (state.IsRawReasoning is { } kind && kind != isRaw))
        {
            return;
        }

        var part = Reasoning(state, isRaw, events);
        if (paragraph != state.Paragraph && part.Told.Length > 0)
        {
            _teller.Tell(part, "\n\n", null, events);
        }

        state.Paragraph = paragraph;
        _teller.Tell(part, delta, null, events);
    }

    private StreamPart Reasoning(StreamItem state, bool isRaw, ICollection<ChatEvent> events)
    {
        if (!state.Parts.TryGetValue(0, out var part))
        {
            state.IsRawReasoning = isRaw;
            var start = new ChatEvent { Kind = ChatEventKind.PartStart, PartKind = PartKind.Reasoning, Id = state.Id, Flag = !isRaw };
            state.Parts[0] = part = _teller.Begin(start, events);
        }

        return part;
    }

    private StreamPart Content(StreamItem state, int position, PartKind kind, ICollection<ChatEvent> events)
    {
        if (!state.Parts.TryGetValue(position, out var part))
        {
            state.Parts[position] = part = _teller.Begin(new ChatEvent { Kind = ChatEventKind.PartStart, PartKind = kind }, events);
        }

        return part;
    }

    /// <summary>The item an event speaks of. An item that was never announced is made up, where its type is known.</summary>
    private StreamItem Find(JsonElement e, string? type)
    {
        var index = Index(e);
        if (!_items.TryGetValue(index, out var item))
        {
            _items[index] = item = new StreamItem(type ?? "") { Id = e.StringOf("item_id") };
        }

        return item;
    }

    /// <summary>Position in the output; where it is missing, that of the item of the same id, else a new one.</summary>
    private long Index(JsonElement e)
    {
        if (e.LongOf("output_index") is { } index)
        {
            return index;
        }

        var id = e.StringOf("item_id") ?? (e.TryObject("item", out var item) ? item.StringOf("id") : null);
        foreach (var (key, known) in _items)
        {
            if (id is not null && known.Id == id)
            {
                return key;
            }
        }

        return _items.Count == 0 ? 0 : id is null ? _items.Keys.Max() : _items.Keys.Max() + 1;
    }

    private static int Position(JsonElement e, string name) => e.IntOf(name) ?? 0;

    private static PartKind KindOf(JsonElement item) => OutputReader.TypeOf(item) switch
    {
        "message" => PartKind.Text,
        "reasoning" => PartKind.Reasoning,
        "function_call" or "custom_tool_call" => PartKind.ToolCall,
        "image_generation_call" => PartKind.Image,
        _ => PartKind.Opaque,
    };
}
