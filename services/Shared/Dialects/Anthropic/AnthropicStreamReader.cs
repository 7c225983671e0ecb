using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Anthropic;

/// <summary>Reads a stream of events.</summary>
internal sealed class AnthropicStreamReader : IChatStreamReader
{
    private readonly SortedDictionary<int, AnthropicStreamBlock> _open = [];
    private UsageTally _tally;
    private string? _id;
    private int _parts;
    private bool _started;
    private bool _finished;
    private bool _ended;
    private bool _failed;
    private bool _structured;
    private bool _calledTool;

    public bool Read(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> payload, ICollection<ChatEvent> events)
    {
        payload = payload.Trim((byte)' ');
        if (_ended || _failed || payload.IsEmpty || payload.SequenceEqual("[DONE]"u8))
        {
            return true;
        }

        if (!LenientJson.TryParseObject(payload, out var root))
        {
            return false;
        }

        switch (root.StringOf("type"))
        {
            case "message_start":
                return Start(root, events);
            case "content_block_start":
                return StartBlock(root, events);
            case "content_block_delta":
                return AddDelta(root, events);
            case "content_block_stop":
                Close((int)(root.LongOf("index") ?? 0), events);
                return true;
            case "message_delta":
                AddMessageDelta(root, events);
                return true;
            case "message_stop":
                Finish(null, null, events);
                End(events);
                return true;
            case "error":
                events.Add(new ChatEvent { Kind = ChatEventKind.Error, Error = AnthropicErrors.Read(0, root) });
                return true;
            default:
                // Pings, and events that are yet to be invented.
                return true;
        }
    }

    public bool Complete(ICollection<ChatEvent> events)
    {
        if (!_ended)
        {
            CloseAll(events);
        }

        return _ended;
    }

    private bool Start(JsonElement root, ICollection<ChatEvent> events)
    {
        if (!root.TryObject("message", out var message))
        {
            return false;
        }

        var id = message.StringOf("id");
        if (_started)
        {
            // Some relays send the beginning twice. A second message within the first is no answer any more: official clients give up there too.
            if (id is not null && id != _id)
            {
                _failed = true;
                CloseAll(events);
                events.Add(new ChatEvent
                {
                    Kind = ChatEventKind.Error,
                    Error = new ChatError { Status = 502, Kind = ChatErrorKind.Api, Message = "The provider began another answer in the middle of this one." },
                });
            }

            return true;
        }

        _started = true;
        _id = id;
        AnthropicJson.ReadUsage(ref _tally, message);
        var tier = message.TryObject("usage", out var usage) ? usage.StringOf("service_tier") : null;
        events.Add(new ChatEvent { Kind = ChatEventKind.Start, Id = id, Name = message.StringOf("model"), ServiceTier = tier, Origin = DialectId.Anthropic });
        AddUsage(events);
        if (message.TryArray("content", out var content))
        {
            var index = int.MinValue;
            foreach (var block in content.EnumerateArray())
            {
                Open(index, block, events);
                Close(index++, events);
            }
        }

        // Where code that the provider runs calls a tool, the whole message comes with its beginning.
        if (message.StringOf("stop_reason") is { } reason)
        {
            Finish(reason, message.StringOf("stop_sequence"), events);
        }

        return true;
    }

    private bool StartBlock(JsonElement root, ICollection<ChatEvent> events)
    {
        if (!root.TryObject("content_block", out var block))
        {
            return false;
        }

        EnsureStarted(events);
        var index = (int)(root.LongOf("index") ?? 0);
        Close(index, events);
        Open(index, block, events);
        return true;
    }

    private bool AddDelta(JsonElement root, ICollection<ChatEvent> events)
    {
        if (!root.TryObject("delta", out var delta))
        {
            return false;
        }

        EnsureStarted(events);
        var index = (int)(root.LongOf("index") ?? 0);
        if (!_open.TryGetValue(index, out var block))
        {
            if (AnthropicStreamBlock.ImpliedBy(delta) is not { } kind)
            {
                return false;
            }

            _open[index] = block = new AnthropicStreamBlock(kind, default);
            block.Start(ref _parts, events);
        }

        block.Add(delta, events);
        return true;
    }

    private void AddMessageDelta(JsonElement root, ICollection<ChatEvent> events)
    {
        EnsureStarted(events);
        AnthropicJson.ReadUsage(ref _tally, root);
        if (root.TryObject("delta", out var delta) && delta.StringOf("stop_reason") is { } reason)
        {
            Finish(reason, delta.StringOf("stop_sequence"), events);
        }

        AddUsage(events);
    }

    private void Open(int index, JsonElement element, ICollection<ChatEvent> events)
    {
        var kind = AnthropicStreamBlock.KindOf(element);
        var block = new AnthropicStreamBlock(kind, element);
        _structured |= block.IsStructuredOutput;
        _calledTool |= kind == PartKind.ToolCall;
        _open[index] = block;
        block.Start(ref _parts, events);
    }

    private void Close(int index, ICollection<ChatEvent> events)
    {
        if (_open.Remove(index, out var block))
        {
            block.End(ref _parts, events);
        }
    }

    private void CloseAll(ICollection<ChatEvent> events)
    {
        while (_open.Count > 0)
        {
            Close(_open.Keys.First(), events);
        }
    }

    private void Finish(string? reason, string? stopSequence, ICollection<ChatEvent> events)
    {
        if (_finished)
        {
            return;
        }

        EnsureStarted(events);
        _finished = true;
        CloseAll(events);
        var finish = AnthropicFinish.Read(reason);
        if (finish == FinishReason.ToolCalls && _structured && !_calledTool)
        {
            finish = FinishReason.Stop;
        }

        events.Add(new ChatEvent { Kind = ChatEventKind.Finish, Finish = finish, FinishDetail = reason, StopSequence = stopSequence });
    }

    private void End(ICollection<ChatEvent> events)
    {
        if (!_ended)
        {
            _ended = true;
            events.Add(new ChatEvent { Kind = ChatEventKind.End });
        }
    }

    private void EnsureStarted(ICollection<ChatEvent> events)
    {
        if (!_started)
        {
            _started = true;
            events.Add(new ChatEvent { Kind = ChatEventKind.Start, Origin = DialectId.Anthropic });
        }
    }

    private void AddUsage(ICollection<ChatEvent> events)
    {
        if (_tally.IsSet)
        {
            events.Add(new ChatEvent { Kind = ChatEventKind.Usage, Usage = _tally.Counts });
        }
    }
}
