using System.Text;
using System.Text.Json;
using Gateway.Dialects.Anthropic;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Bedrock;

/// <summary>
/// Reads a stream of ConverseStream. Only tool calls announce their block; texts and reasoning begin with their first delta, and some relays leave the stops
/// out. Blocks never overlap.
/// </summary>
internal sealed class BedrockStreamReader : IChatStreamReader
{
    private int _parts;
    private int _openIndex = -1;
    private PartKind? _open;
    private bool _openIsStructured;
    private Signature? _signature;
    private Signature? _encrypted;
    private bool _started;
    private bool _finished;
    private bool _ended;
    private bool _structured;
    private bool _calledTool;

    public bool Read(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> payload, ICollection<ChatEvent> events)
    {
        if (!LenientJson.TryParseObject(payload, out var root))
        {
            return false;
        }

        var name = Encoding.UTF8.GetString(eventName);
        if (name.Length == 0 && root.EnumerateObject().FirstOrDefault() is { Value.ValueKind: JsonValueKind.Object } only)
        {
            // Without framing the event is an object with its name as the one member.
            (name, root) = (only.Name, only.Value);
        }

        switch (name)
        {
            case "messageStart":
                EnsureStarted(events);
                return true;
            case "contentBlockStart":
                StartBlock(root, events);
                return true;
            case "contentBlockDelta":
                return AddDelta(root, events);
            case "contentBlockStop":
                if (root.IntOf("contentBlockIndex") == _openIndex)
                {
                    Close(events);
                }

                return true;
            case "messageStop":
                Finish(root, events);
                return true;
            case "metadata":
                AddMetadata(root, events);
                return true;
            default:
                if (ConverseStreamScan.IsException(eventName.IsEmpty ? Encoding.UTF8.GetBytes(name) : eventName))
                {
                    events.Add(new ChatEvent { Kind = ChatEventKind.Error, Error = BedrockErrors.Read(0, JsonOutput.Raw(root), name) });
                }

                return true;
        }
    }

    public bool Complete(ICollection<ChatEvent> events)
    {
        Close(events);
        if (_finished)
        {
            End(events);
        }

        return _finished;
    }

    private void StartBlock(JsonElement root, ICollection<ChatEvent> events)
    {
        EnsureStarted(events);
        Close(events);
        _openIndex = root.IntOf("contentBlockIndex") ?? 0;
        if (!root.TryObject("start", out var start) || start.EnumerateObject().FirstOrDefault() is not { Value.ValueKind: JsonValueKind.Object } kind)
        {
            return;
        }

        if (kind.NameEquals("toolUse"u8) && kind.Value.StringOf("type") is null)
        {
            var name = kind.Value.StringOf("name");
            _openIsStructured = name == AnthropicJson.StructuredTool;
            _structured |= _openIsStructured;
            _calledTool |= !_openIsStructured;
            Open(_openIsStructured ? PartKind.Text : PartKind.ToolCall, events, kind.Value.StringOf("toolUseId"), name);
        }
        else
        {
            // A tool that Bedrock itself runs, or its result.
            events.Add(new ChatEvent { Kind = ChatEventKind.PartStart, Part = _parts, PartKind = PartKind.Opaque, Name = kind.Name, Raw = start, Origin = DialectId.BedrockConverse });
            _open = PartKind.Opaque;
        }
    }

    private bool AddDelta(JsonElement root, ICollection<ChatEvent> events)
    {
        if (!root.TryObject("delta", out var delta))
        {
            return false;
        }

        EnsureStarted(events);
        var index = root.IntOf("contentBlockIndex") ?? 0;
        if (index != _openIndex)
        {
            Close(events);
            _openIndex = index;
        }

        if (delta.StringOf("text") is { } text)
        {
            AddText(PartKind.Text, text, events);
        }
        else if (delta.TryObject("toolUse", out var call))
        {
            if (_open is null)
            {
                return false;
            }

            AddText(_open.Value, call.StringOf("input"), events);
        }
        else if (delta.TryObject("reasoningContent", out var reasoning))
        {
            AddText(PartKind.Reasoning, reasoning.StringOf("text"), events);
            _signature = reasoning.StringOf("signature") is { Length: > 0 } signature ? Signature.Read(DialectId.BedrockConverse, signature) : _signature;
            _encrypted = reasoning.StringOf("redactedContent") is { Length: > 0 } blob ? BedrockSignatures.ReadBlob(blob) : _encrypted;
        }
        else if (delta.TryObject("citation", out var citation))
        {
            AddText(PartKind.Text, null, events);
            events.Add(new ChatEvent { Kind = ChatEventKind.Delta, Part = _parts, PartKind = PartKind.Text, Citation = BedrockCitations.Read(citation) });
        }

        return true;
    }

    private void AddText(PartKind kind, string? text, ICollection<ChatEvent> events)
    {
        if (_open is null)
        {
            Open(kind, events, null, null);
        }

        if (text is { Length: > 0 } && _open is not PartKind.Opaque)
        {
            events.Add(new ChatEvent { Kind = ChatEventKind.Delta, Part = _parts, PartKind = _open!.Value, Text = text });
        }
    }

    private void Open(PartKind kind, ICollection<ChatEvent> events, string? id, string? name)
    {
        _open = kind;
        var isCall = kind == PartKind.ToolCall;
        events.Add(new ChatEvent { Kind = ChatEventKind.PartStart, Part = _parts, PartKind = kind, Id = isCall ? id : null, Name = isCall ? name : null });
    }

    private void Close(ICollection<ChatEvent> events)
    {
        if (_open is { } kind)
        {
            events.Add(new ChatEvent { Kind = ChatEventKind.PartEnd, Part = _parts++, PartKind = kind, Signature = _signature, Encrypted = _encrypted });
        }

        _open = null;
        _openIndex = -1;
        _openIsStructured = false;
        _signature = null;
        _encrypted = null;
    }

    private void Finish(JsonElement root, ICollection<ChatEvent> events)
    {
        EnsureStarted(events);
        Close(events);
        if (_finished)
        {
            return;
        }

        _finished = true;
        var reason = root.StringOf("stopReason");
        var finish = BedrockFinish.Read(reason);
        if (finish == FinishReason.ToolCalls && _structured && !_calledTool)
        {
            finish = FinishReason.Stop;
        }

        events.Add(new ChatEvent { Kind = ChatEventKind.Finish, Finish = finish, FinishDetail = reason, StopSequence = BedrockAnswerReader.StopSequence(root) });
    }

    private void AddMetadata(JsonElement root, ICollection<ChatEvent> events)
    {
        EnsureStarted(events);
        var counts = default(TokenCounts);
        var reader = new Utf8JsonReader(JsonOutput.Raw(root));
        reader.Read();
        if (BedrockUsage.ReadMember(ref reader, ref counts))
        {
            events.Add(new ChatEvent
            {
                Kind = ChatEventKind.Usage, Usage = counts, ServiceTier = root.TryObject("serviceTier", out var tier) ? tier.StringOf("type") : null,
            });
        }

        // The last event of a stream.
        if (_finished)
        {
            End(events);
        }
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
            events.Add(new ChatEvent { Kind = ChatEventKind.Start, Origin = DialectId.BedrockConverse });
        }
    }
}
