using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.OpenAI;

/// <summary>One choice of a stream while it is read: which parts are open, and which number each has.</summary>
/// <param name="index">The choice.</param>
/// <param name="answerId">The answer's id, or null.</param>
internal sealed class OpenAIStreamChoice(int index, string? answerId)
{
    private readonly OpenAIStreamToolCalls _toolCalls = new(index, answerId);
    private int _parts;
    private PartKind? _open;
    private int _openPart;
    private int? _reasoningIndex;
    private bool? _reasoningFromDetails;
    private bool _reasoningSealed;
    private bool _reasoningHasText;
    private int _reasonings;
    private int? _firstText;
    private bool _hasCitations;
    private bool _hasRefusal;
    private int? _audioPart;
    private string? _finishWord;
    private string? _stopSequence;
    private bool _finished;

    public void Read(JsonElement delta, JsonElement choice, ICollection<ChatEvent> events)
    {
        ReadReasoning(delta, events);
        if (delta.TryMember("content", out var content))
        {
            if (content.ValueKind == JsonValueKind.String)
            {
                Text(content.GetString()!, events);
            }
            else if (content.ValueKind == JsonValueKind.Array)
            {
                OpenAIParts.ReadContentArray(content, t => Text(t, events), r => Reasoning(r, null, events), r => Refusal(r, events));
            }
        }

        if (delta.StringOf("refusal") is { Length: > 0 } refusal)
        {
            Refusal(refusal, events);
        }

        foreach (var citation in OpenAICitations.ReadAnnotations(delta))
        {
            _hasCitations = true;
            events.Add(Delta(PartKind.Text, Open(PartKind.Text, events)) with { Citation = citation });
        }

        ReadMedia(delta, events);
        if (delta.TryArray("tool_calls", out var calls))
        {
            foreach (var call in calls.EnumerateArray())
            {
                ReadToolCall(call, events);
            }
        }
        else if (delta.TryObject("function_call", out _))
        {
            ReadToolCall(delta, events);
        }

        if (OpenAIParts.ReadSignature(delta) is { } signature)
        {
            events.Add(Delta(PartKind.Text, Open(PartKind.Text, events)) with { Signature = signature });
        }

        ReadLogProbabilities(choice, events);
    }

    /// <summary>A choice of an older completion, which has a text instead of a delta.</summary>
    public void ReadText(JsonElement choice, ICollection<ChatEvent> events)
    {
        Text(choice.StringOf("text") ?? "", events);
        ReadLogProbabilities(choice, events);
    }

    public void FinishWith(string word, JsonElement choice)
    {
        _finishWord = choice.StringOf("native_finish_reason") is { } native && OpenAIFinish.Read(word, false, false) == FinishReason.Other ? native : word;
        _stopSequence = OpenAIFinish.StopSequence(choice) ?? _stopSequence;
    }

    /// <summary>Ends what is open and tells why the choice ended, if the provider said so.</summary>
    public void Close(JsonElement? sources, ICollection<ChatEvent> events)
    {
        if (_finished)
        {
            return;
        }

        if (sources is { } holder && !_hasCitations && _firstText is { } text && _open == PartKind.Text && _openPart == text)
        {
            foreach (var citation in OpenAICitations.ReadSources(holder))
            {
                events.Add(Delta(PartKind.Text, text) with { Citation = citation });
            }
        }

        CloseOpen(events);
        if (_audioPart is { } audio)
        {
            events.Add(End(PartKind.Audio, audio));
            _audioPart = null;
        }

        _toolCalls.Close(events);
        if (_finishWord is null)
        {
            return;
        }

        _finished = true;
        var reason = OpenAIFinish.Read(_finishWord, _toolCalls.Any, _hasRefusal);
        events.Add(new ChatEvent
        {
            Kind = ChatEventKind.Finish, Choice = index, FinishDetail = _finishWord, StopSequence = _stopSequence,
            Finish = reason == FinishReason.Stop && _stopSequence is not null ? FinishReason.StopSequence : reason,
        });
    }

    private void ReadReasoning(JsonElement delta, ICollection<ChatEvent> events)
    {
        var plain = OpenAIReasoning.PlainText(delta);
        var details = OpenAIReasoning.ReadDetails(delta);
        var detailsHaveText = details.Exists(static d => d.Text is { Length: > 0 });
        if (plain is { Length: > 0 } || detailsHaveText)
        {
            // Who sends both says the same twice, or the whole again with its signature: what came first counts.
            _reasoningFromDetails ??= detailsHaveText;
        }

        if (plain is { Length: > 0 } && (_reasoningFromDetails == false || !detailsHaveText))
        {
            Reasoning(plain, null, events);
        }

        foreach (var detail in details)
        {
            ReadDetail(detail, events);
        }
    }

    private void ReadDetail(OpenAIReasoning.Detail detail, ICollection<ChatEvent> events)
    {
        var text = detail.Text is { Length: > 0 } && (_reasoningFromDetails == true || !_reasoningHasText) ? detail.Text : null;
        if (text is null && detail.Signature is null && detail.Encrypted is null)
        {
            return;
        }

        if (_open == PartKind.Reasoning && detail.Index is { } at && at != (_reasoningIndex ?? _reasonings - 1))
        {
            CloseOpen(events);
        }

        if (text is not null)
        {
            Reasoning(text, detail, events);
        }

        if (detail.Signature is not null || detail.Encrypted is not null)
        {
            var part = Open(PartKind.Reasoning, events, detail.Id, detail.IsSummary);
            events.Add(Delta(PartKind.Reasoning, part) with { Signature = detail.Signature, Encrypted = detail.Encrypted });
            _reasoningSealed = true;
        }

        _reasoningIndex = detail.Index ?? _reasoningIndex;
    }

    private void Reasoning(string text, OpenAIReasoning.Detail? detail, ICollection<ChatEvent> events)
    {
        if (text.Length == 0)
        {
            return;
        }

        if (_open == PartKind.Reasoning && _reasoningSealed)
        {
            CloseOpen(events);
        }

        var part = Open(PartKind.Reasoning, events, detail?.Id, detail?.IsSummary ?? false);
        _reasoningHasText = true;
        events.Add(Delta(PartKind.Reasoning, part) with { Text = text });
    }

    private void Text(string text, ICollection<ChatEvent> events)
    {
        if (text.Length > 0)
        {
            var part = Open(PartKind.Text, events);
            _firstText ??= part;
            events.Add(Delta(PartKind.Text, part) with { Text = text });
        }
    }

    private void Refusal(string text, ICollection<ChatEvent> events)
    {
        _hasRefusal = true;
        events.Add(Delta(PartKind.Refusal, Open(PartKind.Refusal, events)) with { Text = text });
    }

    private void ReadMedia(JsonElement delta, ICollection<ChatEvent> events)
    {
        if (delta.TryObject("audio", out var audio))
        {
            if (_audioPart is null)
            {
                CloseOpen(events);
                _audioPart = _parts++;
                events.Add(new ChatEvent
                {
                    Kind = ChatEventKind.PartStart, Choice = index, Part = _audioPart.Value, PartKind = PartKind.Audio, Id = audio.StringOf("id"),
                });
            }

            if (audio.StringOf("data") is { Length: > 0 } || audio.StringOf("transcript") is { Length: > 0 })
            {
                events.Add(Delta(PartKind.Audio, _audioPart.Value) with { Text = audio.StringOf("data"), Transcript = audio.StringOf("transcript") });
            }
        }

        if (!delta.TryArray("images", out var images))
        {
            return;
        }

        foreach (var image in images.EnumerateArray())
        {
            if (image.TryObject("image_url", out var holder) && holder.StringOf("url") is { } url)
            {
                CloseOpen(events);
                var media = OpenAIParts.ReadMedia(MediaKind.Image, url);
                var part = _parts++;
                events.Add(new ChatEvent
                {
                    Kind = ChatEventKind.PartStart, Choice = index, Part = part, PartKind = PartKind.Image, Name = media.MediaType, Url = media.Url,
                });
                if (media.Data is not null)
                {
                    events.Add(Delta(PartKind.Image, part) with { Text = media.Data });
                }

                events.Add(End(PartKind.Image, part));
            }
        }
    }

    private void ReadToolCall(JsonElement call, ICollection<ChatEvent> events)
    {
        CloseOpen(events);
        _toolCalls.Read(call, ref _parts, events);
    }

    private void ReadLogProbabilities(JsonElement choice, ICollection<ChatEvent> events)
    {
        if (choice.TryObject("logprobs", out var probabilities) && (probabilities.TryArray("content", out _) || probabilities.TryArray("refusal", out _)))
        {
            var kind = _open == PartKind.Refusal ? PartKind.Refusal : PartKind.Text;
            if (_open == kind || !_toolCalls.Any)
            {
                events.Add(Delta(kind, Open(kind, events)) with { Raw = probabilities });
            }
        }
    }

    private int Open(PartKind kind, ICollection<ChatEvent> events, string? id = null, bool flag = false)
    {
        if (_open == kind)
        {
            return _openPart;
        }

        CloseOpen(events);
        _open = kind;
        _openPart = _parts++;
        if (kind == PartKind.Reasoning)
        {
            _reasonings++;
            _reasoningHasText = false;
        }

        events.Add(new ChatEvent { Kind = ChatEventKind.PartStart, Choice = index, Part = _openPart, PartKind = kind, Id = id, Flag = flag });
        return _openPart;
    }

    private void CloseOpen(ICollection<ChatEvent> events)
    {
        if (_open is { } kind)
        {
            events.Add(End(kind, _openPart));
            _open = null;
            _reasoningIndex = null;
            _reasoningSealed = false;
        }
    }

    private ChatEvent Delta(PartKind kind, int part) => new() { Kind = ChatEventKind.Delta, Choice = index, Part = part, PartKind = kind };

    private ChatEvent End(PartKind kind, int part) => new() { Kind = ChatEventKind.PartEnd, Choice = index, Part = part, PartKind = kind };
}
