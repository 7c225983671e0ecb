using Gateway.Contracts.Configuration;
using Gateway.Dialects.Chat;
using Gateway.Edge.Pipeline;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Changes;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Edge.Guarding.Output;

/// <summary>
/// Guards an answer in no dialect: a stage between the reader of a provider's stream and the writer of the caller's. A whole answer is played through the same stage, so that both
/// forms of an answer give the same text. For one thread.
/// </summary>
internal sealed class EventGuard
{
    /// <summary>Most characters of an answer that are held back at once; one that needs more is ended.</summary>
    public const int MostHeld = 4 * 1024 * 1024;

    private readonly GuardState _state;
    private readonly PolicySet _policies;
    private readonly GuardContext _context;
    private readonly PseudonymRestorer? _restorer;
    private readonly bool _stopsEarly;
    private readonly int _choicesAsked;
    private readonly SortedDictionary<int, ChoiceGuard> _choices = [];
    private readonly Dictionary<(int Choice, int Part), PartKind> _kinds = [];
    private readonly Dictionary<(int Choice, int Part), Signature> _signatures = [];
    private long _held;
    private bool _isOver;

    private EventGuard(GuardState state, PolicySet policies, GuardContext context, PseudonymRestorer? restorer, bool stopsEarly, int choices)
    {
        (_state, _policies, _context, _restorer, _stopsEarly, _choicesAsked) = (state, policies, context, restorer, stopsEarly, Math.Max(1, choices));
        Changes = restorer is not null || policies.Policies.Any(static p => !p.IsShadow && p.Rules.Any(static r => r.Entry.Action != GuardrailAction.Flag && (r.LooksAt(GuardrailScope.Output) || r.LooksAt(GuardrailScope.ToolCall))));
    }

    /// <summary>True when what passes may be another text than what came.</summary>
    public bool Changes { get; }

    /// <summary>True when a rule ended the answer, or a choice of it.</summary>
    public bool IsBlocked { get; private set; }

    /// <summary>True when what passed is not what came.</summary>
    public bool IsChanged { get; private set; }

    /// <summary>True when more is held back than may be.</summary>
    public bool IsOverfull => _held > MostHeld;

    /// <summary>Whether answers of a request are looked at or changed at all.</summary>
    public static bool AppliesTo(RequestContext context) =>
        context.Guard is { } state && (state.Ran.LooksAt(GuardrailScope.Output) || state.Ran.LooksAt(GuardrailScope.ToolCall) || state.Conversation is { Pseudonyms.Count: > 0 });

    /// <summary>The guard of a request's answer; null where nothing applies.</summary>
    /// <param name="context">The request.</param>
    /// <param name="stopsEarly">True for a stream, whose end a rule may bring about before the provider does.</param>
    public static EventGuard? For(RequestContext context, bool stopsEarly)
    {
        if (!AppliesTo(context))
        {
            return null;
        }

        var state = context.Guard!;
        return new EventGuard(
            state,
            state.Ran,
            new GuardContext { Substitutes = state.Conversation, SystemPrompts = state.SystemPrompts, Clock = state.Clock },
            state.Conversation is { Pseudonyms: { Count: > 0 } pseudonyms } ? new PseudonymRestorer(pseudonyms) : null,
            stopsEarly,
            context.Envelope.Choices);
    }

    /// <summary>Takes one event.</summary>
    /// <param name="e">The event.</param>
    /// <param name="output">Receives what passes on.</param>
    public void Pass(in ChatEvent e, List<ChatEvent> output)
    {
        if (_isOver)
        {
            return;
        }

        switch (e.Kind)
        {
            case ChatEventKind.PartStart or ChatEventKind.Delta or ChatEventKind.PartEnd or ChatEventKind.Finish:
                Choice(e.Choice).Take(e, output);
                if (_stopsEarly && IsBlocked && _choices.Count >= _choicesAsked && _choices.Values.All(static c => c.IsOver))
                {
                    _isOver = true;
                    output.Add(new ChatEvent { Kind = ChatEventKind.End });
                }

                break;
            default:
                _isOver = e.Kind == ChatEventKind.End;
                output.Add(e);
                break;
        }
    }

    /// <summary>A text of an answer, to be pushed through.</summary>
    public OutputChannel Open(GuardrailScope place, string? tool = null, bool isJson = false) => new(_policies, place, _context, _restorer, tool, isJson);

    /// <summary>Takes over what a text came to.</summary>
    public void Close(OutputChannel channel)
    {
        IsChanged |= channel.IsChanged;
        Note(channel.Outcome);
        channel.Dispose();
    }

    public void Note(GuardOutcome outcome) => _state.Note(outcome.Notes);

    public void Hold(int characters) => _held += characters;

    public void Opened(int choice, int part, PartKind kind) => _kinds[(choice, part)] = kind;

    public PartKind KindOf(int choice, int part) => _kinds.GetValueOrDefault((choice, part), PartKind.Text);

    /// <summary>Keeps a signature until its text is known to be what was signed.</summary>
    public void Keep(int choice, int part, Signature signature) => _signatures[(choice, part)] = signature;

    public Signature? Kept(int choice, int part) => _signatures.GetValueOrDefault((choice, part));

    public void Blocked() => (IsBlocked, IsChanged, _state.IsAnswerBlocked) = (true, true, true);

    /// <summary>A source with its words looked at as if they were part of the answer.</summary>
    public Citation Guard(Citation citation)
    {
        if (!Changes)
        {
            return citation;
        }

        var (cited, title) = (Whole(citation.CitedText), Whole(citation.Title));
        var isSame = cited == citation.CitedText && title == citation.Title;
        IsChanged |= !isSame;

        // Where it begins and ends was told for the text as the provider wrote it.
        return new Citation
        {
            Url = citation.Url, Title = title, CitedText = cited, Document = citation.Document, Origin = citation.Origin, Raw = isSame ? citation.Raw : null,
            Start = IsChanged ? null : citation.Start, End = IsChanged ? null : citation.End,
        };
    }

    private string? Whole(string? text)
    {
        if (text is null)
        {
            return null;
        }

        using var channel = Open(GuardrailScope.Output);
        var passed = channel.Push(text) + channel.Complete();
        Note(channel.Outcome);
        return channel.IsStopped ? null : passed;
    }

    private ChoiceGuard Choice(int index)
    {
        if (!_choices.TryGetValue(index, out var choice))
        {
            _choices[index] = choice = new ChoiceGuard(index, this);
        }

        return choice;
    }
}
