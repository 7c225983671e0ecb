using System.Buffers;
using System.Text.Json;
using Gateway.Contracts.Configuration;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Framing;
using Gateway.Dialects.Sse;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Guarding.Passed;

/// <summary>
/// Knows how an answer that is passed on event by event ends in order when a rule ends it: with the finish reason of a filter, as its dialect has it. It follows what passed by the dialect's own
/// reader and writer, so that what is still open is closed and numbers go on. For one thread.
/// </summary>
internal sealed class PassedEnding
{
    private readonly RequestContext _context;
    private readonly DateTimeOffset _now;
    private readonly ArrayBufferWriter<byte> _written = new();
    private readonly List<ChatEvent> _events = [];
    private readonly SortedDictionary<int, Choice> _choices = [];
    private readonly ResponsesEnding _responses = new();
    private DialectId? _dialect;
    private IChatStreamReader? _reader;
    private IChatStreamWriter? _writer;
    private bool _isLost;
    private bool _isOver;

    private PassedEnding(RequestContext context, DateTimeOffset now) => (_context, _now) = (context, now);

    /// <summary>Null where no rule may end the answer.</summary>
    public static PassedEnding? For(RequestContext context, DateTimeOffset now) =>
        context.Guard is { } state && state.Ran.Policies.Any(static p => !p.IsShadow && p.Rules.Any(static r =>
            r.Entry.Action is GuardrailAction.Block or GuardrailAction.Approve && (r.LooksAt(GuardrailScope.Output) || r.LooksAt(GuardrailScope.ToolCall))))
            ? new PassedEnding(context, now)
            : null;

    /// <summary>Sees an event before it is known whether it passes: its form tells the dialect.</summary>
    public void Came(ReadOnlyMemory<byte> json)
    {
        if (_dialect is not null || _isLost)
        {
            return;
        }

        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 1024 });
            _dialect = DialectOf(document.RootElement);
            if (_dialect == DialectId.OpenAIResponses)
            {
                _responses.Began(document.RootElement);
            }
        }
        catch (JsonException)
        {
            _isLost = true;
        }
    }

    /// <summary>Sees an event that passed, as it passed.</summary>
    public void Passed(ReadOnlyMemory<byte> json, ReadOnlyMemory<byte> name)
    {
        if (_isLost || _dialect is not { } dialect)
        {
            return;
        }

        if (dialect == DialectId.OpenAIResponses)
        {
            _responses.Passed(json);
            return;
        }

        _events.Clear();
        _reader ??= ChatDialects.Get(dialect).CreateStreamReader();
        if (!_reader.Read(name.Span, json.Span, _events))
        {
            // Whoever reads it as that dialect is as lost.
            _isLost = true;
            return;
        }

        foreach (var e in _events)
        {
            Follow(e);
            Write(dialect, e);
        }

        _written.ResetWrittenCount();
    }

    /// <summary>What is still to be said so that the answer ends in order; null where nobody knows. Names are empty where events have none.</summary>
    /// <param name="message">What the rule tells callers, or null.</param>
    public IReadOnlyList<PassedEvent>? End(string? message)
    {
        if (_isLost || _dialect is not { } dialect)
        {
            return null;
        }

        if (dialect == DialectId.OpenAIResponses)
        {
            return _responses.End(message, _context.Http.TraceIdentifier);
        }

        if (_isOver)
        {
            return [];
        }

        if (_choices.Count == 0)
        {
            _choices[0] = new Choice();
        }

        foreach (var (index, choice) in _choices.Where(static c => !c.Value.IsOver).ToList())
        {
            foreach (var (part, kind) in choice.Open)
            {
                Write(dialect, new ChatEvent { Kind = ChatEventKind.PartEnd, Choice = index, Part = part, PartKind = kind });
            }

            if (message is not null)
            {
                var last = new ChatEvent { Kind = ChatEventKind.PartStart, Choice = index, Part = choice.Parts, PartKind = PartKind.Refusal };
                Write(dialect, last);
                Write(dialect, last with { Kind = ChatEventKind.Delta, Text = message });
                Write(dialect, last with { Kind = ChatEventKind.PartEnd });
            }

            Write(dialect, new ChatEvent { Kind = ChatEventKind.Finish, Choice = index, Finish = FinishReason.ContentFilter, FinishDetail = "guardrail" });
        }

        Write(dialect, new ChatEvent { Kind = ChatEventKind.End });
        return Cut(dialect);
    }

    private void Follow(in ChatEvent e)
    {
        if (e.Kind == ChatEventKind.End)
        {
            _isOver = true;
        }

        if (e.Kind is not (ChatEventKind.PartStart or ChatEventKind.PartEnd or ChatEventKind.Finish))
        {
            return;
        }

        if (!_choices.TryGetValue(e.Choice, out var choice))
        {
            _choices[e.Choice] = choice = new Choice();
        }

        switch (e.Kind)
        {
            case ChatEventKind.PartStart:
                choice.Open[e.Part] = e.PartKind;
                choice.Parts = Math.Max(choice.Parts, e.Part + 1);
                break;
            case ChatEventKind.PartEnd:
                choice.Open.Remove(e.Part);
                break;
            default:
                choice.IsOver = true;
                break;
        }
    }

    private void Write(DialectId dialect, in ChatEvent e)
    {
        _writer ??= ChatDialects.Get(dialect).CreateStreamWriter(new AnswerContext
        {
            Id = _context.Http.TraceIdentifier,
            Model = e.Kind == ChatEventKind.Start && e.Name is { Length: > 0 } model ? model : _context.ModelName,
            Created = e.Created is { } seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : _now,
        });
        _writer.Write(e, _written);
    }

    private List<PassedEvent> Cut(DialectId dialect)
    {
        var events = new List<PassedEvent>();
        using IFrameReader frames = dialect == DialectId.BedrockConverse ? new EventStreamFrameReader() : new SseFrameReader();
        for (var rest = _written.WrittenMemory; !rest.IsEmpty;)
        {
            var room = frames.GetMemory();
            var count = Math.Min(room.Length, rest.Length);
            rest[..count].CopyTo(room);
            frames.Advance(count);
            rest = rest[count..];
            while (frames.TryRead(out var frame))
            {
                var opened = frames.Open(frame);
                events.Add(new PassedEvent(opened.Payload.ToArray(), opened.EventName.ToArray(), true));
            }
        }

        return events;
    }

    private static DialectId? DialectOf(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (root.TryGetProperty("choices"u8, out var choices) && choices.ValueKind == JsonValueKind.Array)
        {
            // The first event of some providers has no choice: one that has tells which API it is.
            return choices.GetArrayLength() == 0 ? null : choices[0].ValueKind == JsonValueKind.Object && choices[0].TryGetProperty("delta"u8, out _) ? DialectId.OpenAIChat : DialectId.OpenAICompletions;
        }

        if (root.TryGetProperty("candidates"u8, out _))
        {
            return DialectId.Gemini;
        }

        return DeltaShapes.Text(root, "type") switch
        {
            "message_start" => DialectId.Anthropic,
            "message-start" => DialectId.Cohere,
            "response.created" => DialectId.OpenAIResponses,
            null when root.TryGetProperty("contentBlockIndex"u8, out _) || root.TryGetProperty("role"u8, out _) => DialectId.BedrockConverse,
            _ => null,
        };
    }

    private sealed class Choice
    {
        public SortedDictionary<int, PartKind> Open { get; } = [];

        public int Parts { get; set; }

        public bool IsOver { get; set; }
    }
}
