using System.Text;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Gemini;

/// <summary>One candidate of a stream under way: which part is open, and what is known of its end.</summary>
internal sealed class GeminiCandidate(int index, string? answerId)
{
    private readonly StringBuilder _text = new();
    private PartKind _open;
    private bool _signed;
    private int _part = -1;
    private int _textPart = -1;
    private int _calls;
    private string? _mediaType;
    private GeminiPartialArgs? _args;
    private Signature? _callSignature;
    private List<Citation>? _citations;

    /// <summary>The finish reason, or null before it came.</summary>
    public string? FinishReason { get; private set; }

    /// <summary>Takes what one event says of this candidate.</summary>
    /// <returns>False when it cannot be understood.</returns>
    public bool Read(JsonElement candidate, ICollection<ChatEvent> events)
    {
        foreach (var raw in candidate.Member("content")?.Member("parts")?.ItemsOrSelf() ?? [])
        {
            if (!ReadPart(GeminiPart.Read(raw), events))
            {
                return false;
            }
        }

        if (candidate.CamelMember("logprobsResult") is { } result && GeminiLogprobs.Read(result) is { } probabilities && _open == PartKind.Text)
        {
            events.Add(Delta() with { Raw = probabilities });
        }

        if (_textPart >= 0 && GeminiGrounding.Read(candidate, at => at == 0 ? _text.ToString() : null, 0) is { Count: > 0 } citations)
        {
            // Each report is of all sources so far.
            _citations = [.. citations.Select(static c => c.Citation)];
        }

        FinishReason = candidate.CamelMember("finishReason")?.Text() is { Length: > 0 } reason and not "FINISH_REASON_UNSPECIFIED" ? reason : FinishReason;
        return true;
    }

    /// <summary>Ends what is open and tells the finish.</summary>
    public void Finish(ICollection<ChatEvent> events)
    {
        if (_citations is not null && _open == PartKind.Text)
        {
            foreach (var citation in _citations)
            {
                events.Add(Delta() with { Citation = citation });
            }
        }

        Close(events);
        events.Add(new ChatEvent { Kind = ChatEventKind.Finish, Choice = index, Finish = GeminiFinish.Read(FinishReason, _calls > 0), FinishDetail = FinishReason });
    }

    private bool ReadPart(in GeminiPart part, ICollection<ChatEvent> events)
    {
        var encrypted = false;
        var signature = part.SignatureText is { } value ? GeminiSignatures.Read(value, out encrypted) : null;
        if (part.FunctionCall is { } call)
        {
            return ReadCall(call, signature, events);
        }

        if (part.Media() is { } media)
        {
            ReadMedia(media, events);
        }
        else if (part.Other is { } other)
        {
            Open(PartKind.Opaque, events, new ChatEvent { Kind = ChatEventKind.PartStart, Raw = part.Raw, Origin = DialectId.Gemini, Name = other });
            Close(events);
        }
        else if (encrypted)
        {
            WriteEncrypted(signature, events);
        }
        else
        {
            ReadText(part.Text ?? "", part.Thought ? PartKind.Reasoning : PartKind.Text, signature, events);
        }

        return true;
    }

    private void ReadText(string text, PartKind kind, Signature? signature, ICollection<ChatEvent> events)
    {
        if (text.Length == 0)
        {
            if (signature is null)
            {
                return;
            }

            if (_signed || _open is not (PartKind.Text or PartKind.Reasoning) || (_open == PartKind.Reasoning && kind == PartKind.Text))
            {
                WriteEncrypted(signature, events);
                return;
            }

            _signed = true;
            events.Add(Delta() with { Signature = signature });
            return;
        }

        // Reasoning ends with its signature; what follows is other reasoning. A text goes on: its first piece may have been signed.
        if (_open != kind || (_signed && kind == PartKind.Reasoning))
        {
            Open(kind, events, new ChatEvent { Kind = ChatEventKind.PartStart });
        }

        if (kind == PartKind.Text)
        {
            _text.Append(text);
            _textPart = _part;
        }

        _signed |= signature is not null;
        events.Add(Delta() with { Text = text, Signature = signature });
    }

    // A signature without anything it belongs to: it has to come back at this place, and means nothing to anyone else.
    private void WriteEncrypted(Signature? signature, ICollection<ChatEvent> events)
    {
        Open(PartKind.Reasoning, events, new ChatEvent { Kind = ChatEventKind.PartStart });
        events.Add(Delta() with { Encrypted = signature });
        Close(events);
    }

    private void ReadMedia(MediaPart media, ICollection<ChatEvent> events)
    {
        var kind = media.Kind == MediaKind.Audio ? PartKind.Audio : PartKind.Image;
        // Speech comes in pieces of one recording, pictures one by one.
        if (kind == PartKind.Image || _open != kind || _mediaType != media.MediaType)
        {
            Open(kind, events, new ChatEvent { Kind = ChatEventKind.PartStart, Name = media.MediaType, Url = media.Url });
            _mediaType = media.MediaType;
        }

        if (media.Data is { Length: > 0 } data)
        {
            events.Add(Delta() with { Text = data });
        }

        if (kind == PartKind.Image)
        {
            Close(events);
        }
    }

    private bool ReadCall(JsonElement call, Signature? signature, ICollection<ChatEvent> events)
    {
        var goesOn = call.CamelMember("willContinue")?.Flag() == true;
        var pieces = call.CamelMember("partialArgs");
        var args = call.Member("args");
        if (call.StringOf("name") is { Length: > 0 } name)
        {
            var id = call.StringOf("id") is { Length: > 0 } given ? given : GeminiCallIds.ForAnswer(answerId, index, _calls, $"{name}|{signature?.Value}");
            Open(PartKind.ToolCall, events, new ChatEvent { Kind = ChatEventKind.PartStart, Id = id, Name = name });
            _calls++;
            _args = new GeminiPartialArgs();
            _callSignature = signature;
            if (!goesOn && pieces is null)
            {
                events.Add(Delta() with { Text = args is { ValueKind: JsonValueKind.Object } whole ? whole.Compact() : "{}" });
                _args = null;
                Close(events);
                return true;
            }
        }
        else if (_open != PartKind.ToolCall || _args is null)
        {
            // An empty call where none is open ends nothing.
            return pieces is null && args is null;
        }

        _callSignature = signature ?? _callSignature;
        if (args is { } more)
        {
            _args.AddWhole(more);
        }

        if (pieces is { } list && !_args.Add(list))
        {
            return false;
        }

        if (!goesOn)
        {
            Close(events);
        }

        return true;
    }

    private void Open(PartKind kind, ICollection<ChatEvent> events, ChatEvent start)
    {
        Close(events);
        _open = kind;
        _signed = false;
        _part++;
        events.Add(start with { Choice = index, Part = _part, PartKind = kind });
    }

    private void Close(ICollection<ChatEvent> events)
    {
        if (_open == 0)
        {
            return;
        }

        if (_args is { } args)
        {
            events.Add(Delta() with { Text = args.Build() });
            _args = null;
        }

        events.Add(new ChatEvent { Kind = ChatEventKind.PartEnd, Choice = index, Part = _part, PartKind = _open, Signature = _callSignature });
        _callSignature = null;
        _open = 0;
    }

    private ChatEvent Delta() => new() { Kind = ChatEventKind.Delta, Choice = index, Part = _part, PartKind = _open };
}
