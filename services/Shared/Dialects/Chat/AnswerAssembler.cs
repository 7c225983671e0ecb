using System.Text;
using System.Text.Json;

namespace Gateway.Dialects.Chat;

/// <summary>Puts the events of a stream together to the whole answer. Not thread-safe.</summary>
/// <param name="origin">Dialect the stream was read from.</param>
public sealed class AnswerAssembler(DialectId origin)
{
    private readonly SortedDictionary<int, ChoiceDraft> _choices = [];
    private string? _id;
    private string? _model;
    private string? _serviceTier;
    private long? _created;
    private TokenCounts? _usage;

    /// <summary>Characters collected so far, for callers who bound what they keep.</summary>
    public long Length { get; private set; }

    /// <summary>True when the stream's end came.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>What went wrong in the middle of the stream, or null.</summary>
    public ChatError? Error { get; private set; }

    /// <summary>Adds what one event says.</summary>
    public void Add(in ChatEvent e)
    {
        switch (e.Kind)
        {
            case ChatEventKind.Start:
                _id = e.Id ?? _id;
                _model = e.Name ?? _model;
                _created = e.Created ?? _created;
                _serviceTier = e.ServiceTier ?? _serviceTier;
                break;
            case ChatEventKind.PartStart or ChatEventKind.Delta or ChatEventKind.PartEnd:
                Length += (e.Text?.Length ?? 0) + (e.Transcript?.Length ?? 0);
                Choice(e.Choice).Part(e).Add(e, Choice(e.Choice));
                break;
            case ChatEventKind.Usage:
                _usage = e.Usage;
                _serviceTier = e.ServiceTier ?? _serviceTier;
                break;
            case ChatEventKind.Finish:
                Choice(e.Choice).Finish = e;
                break;
            case ChatEventKind.Error:
                Error = e.Error;
                break;
            case ChatEventKind.End:
                IsComplete = true;
                break;
        }
    }

    /// <summary>The answer so far; whole when <see cref="IsComplete"/>.</summary>
    public ChatAnswer Build()
    {
        var answer = new ChatAnswer { Origin = origin, Id = _id, Model = _model, Created = _created, ServiceTier = _serviceTier, Usage = _usage };
        foreach (var (index, draft) in _choices)
        {
            var choice = new ChatChoice { Index = index, LogProbabilities = draft.LogProbabilities() };
            foreach (var part in draft.Parts.Values)
            {
                choice.Parts.Add(part.Build());
            }

            if (draft.Finish is { } finish)
            {
                choice.Finish = finish.Finish;
                choice.FinishDetail = finish.FinishDetail;
                choice.StopSequence = finish.StopSequence;
            }
            else
            {
                choice.Finish = FinishReason.Other;
            }

            answer.Choices.Add(choice);
        }

        return answer;
    }

    private ChoiceDraft Choice(int index)
    {
        if (!_choices.TryGetValue(index, out var draft))
        {
            _choices[index] = draft = new ChoiceDraft();
        }

        return draft;
    }

    private sealed class ChoiceDraft
    {
        private readonly List<JsonElement> _logProbabilities = [];

        public SortedDictionary<int, PartDraft> Parts { get; } = [];

        public ChatEvent? Finish { get; set; }

        public PartDraft Part(in ChatEvent e)
        {
            if (!Parts.TryGetValue(e.Part, out var part))
            {
                Parts[e.Part] = part = new PartDraft(e.PartKind);
            }

            return part;
        }

        public void AddLogProbabilities(JsonElement value) => _logProbabilities.Add(value);

        /// <summary>The pieces joined: each is an object of arrays, one entry a token.</summary>
        public JsonElement? LogProbabilities()
        {
            if (_logProbabilities.Count <= 1)
            {
                return _logProbabilities.Count == 0 ? null : _logProbabilities[0];
            }

            using var buffer = new MemoryStream();
            using (var writer = new Utf8JsonWriter(buffer))
            {
                writer.WriteStartObject();
                foreach (var name in (ReadOnlySpan<string>)["content", "refusal"])
                {
                    var entries = _logProbabilities.Where(p => p.ValueKind == JsonValueKind.Object && p.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array)
                        .SelectMany(p => p.GetProperty(name).EnumerateArray()).ToList();
                    if (entries.Count == 0)
                    {
                        writer.WriteNull(name);
                        continue;
                    }

                    writer.WriteStartArray(name);
                    foreach (var entry in entries)
                    {
                        entry.WriteTo(writer);
                    }

                    writer.WriteEndArray();
                }

                writer.WriteEndObject();
            }

            return JsonElement.Parse(buffer.ToArray());
        }
    }

    private sealed class PartDraft(PartKind kind)
    {
        private readonly StringBuilder _text = new();
        private readonly List<Citation> _citations = [];
        private List<string>? _media;
        private StringBuilder? _transcript;
        private ChatEvent _start;
        private Signature? _signature;
        private Signature? _encrypted;

        public void Add(in ChatEvent e, ChoiceDraft choice)
        {
            if (e.Kind == ChatEventKind.PartStart)
            {
                _start = e;
            }

            _signature = e.Signature ?? _signature;
            _encrypted = e.Encrypted ?? _encrypted;
            if (e.Kind != ChatEventKind.Delta)
            {
                return;
            }

            if (e.Transcript is not null)
            {
                (_transcript ??= new StringBuilder()).Append(e.Transcript);
            }

            if (e.Citation is not null)
            {
                _citations.Add(e.Citation);
            }

            if (e.Raw is { } logProbabilities)
            {
                choice.AddLogProbabilities(logProbabilities);
            }

            if (kind is PartKind.Audio or PartKind.Image)
            {
                if (e.Text is { Length: > 0 })
                {
                    (_media ??= []).Add(e.Text);
                }
            }
            else
            {
                _text.Append(e.Text);
            }
        }

        public ContentPart Build()
        {
            switch (kind)
            {
                case PartKind.Reasoning:
                    return new ReasoningPart { Text = _text.ToString(), Id = _start.Id, IsSummary = _start.Flag, Signature = _signature, Encrypted = _encrypted };
                case PartKind.Refusal:
                    return new RefusalPart(_text.ToString());
                case PartKind.ToolCall:
                    return new ToolCallPart
                    {
                        Id = _start.Id ?? "", Name = _start.Name ?? "", IsCustom = _start.Flag, Arguments = _text.ToString(), Signature = _signature,
                    };
                case PartKind.Audio or PartKind.Image:
                    return new MediaPart(kind == PartKind.Audio ? MediaKind.Audio : MediaKind.Image)
                    {
                        Id = _start.Id, MediaType = _start.Name, Url = _start.Url, Data = _media is null ? null : Join(_media), Transcript = _transcript?.ToString(),
                    };
                case PartKind.Opaque:
                    return new OpaquePart(_start.Origin, _start.Name ?? "", _start.Raw ?? default);
                default:
                    var text = new TextPart(_text.ToString()) { Signature = _signature };
                    text.Citations.AddRange(_citations);
                    return text;
            }
        }

        /// <summary>Joins base64 texts. Each may have been encoded for itself, with its own padding.</summary>
        private static string Join(List<string> pieces)
        {
            if (pieces.Count == 1 || pieces.SkipLast(1).All(static p => p.Length % 4 == 0 && p[^1] != '='))
            {
                return string.Concat(pieces);
            }

            using var bytes = new MemoryStream();
            foreach (var piece in pieces)
            {
                var decoded = new byte[piece.Length];
                if (!Convert.TryFromBase64String(piece, decoded, out var count))
                {
                    return string.Concat(pieces);
                }

                bytes.Write(decoded, 0, count);
            }

            return Convert.ToBase64String(bytes.GetBuffer(), 0, (int)bytes.Length);
        }
    }
}
