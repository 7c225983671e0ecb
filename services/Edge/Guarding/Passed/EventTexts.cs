using System.Text.Json;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Errors;
using Gateway.Edge.Guarding.Output;
using Gateway.Edge.Pipeline;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Changes;
using Gateway.Guardrails.Engine.Policies;
using Gateway.Guardrails.Engine.Requests;

namespace Gateway.Edge.Guarding.Passed;

/// <summary>An event on its way to the caller.</summary>
/// <param name="Json">Its payload.</param>
/// <param name="Name">Its name where the framing has one.</param>
/// <param name="IsInserted">True for one that the provider did not send: the rest of a text that was held back.</param>
internal readonly record struct PassedEvent(ReadOnlyMemory<byte> Json, ReadOnlyMemory<byte> Name, bool IsInserted);

/// <summary>
/// Guards events that are passed on in their provider's form. Texts that come in pieces go through the guard of streams, so that together they are what the whole gives; what is held back when a
/// text ends goes with its last event, or in one more of the same form. Every other text of an event is looked at whole. What rules do not change stays the provider's, byte for byte. For one thread.
/// </summary>
internal sealed class EventTexts
{
    private const int MostChannels = 10_000;

    private readonly RequestContext _context;
    private readonly GuardState _state;
    private readonly PolicySet _policies;
    private readonly EventReading _reading = new();
    private readonly Dictionary<string, Channel> _channels = new(StringComparer.Ordinal);
    private PseudonymRestorer? _restorer;

    private EventTexts(RequestContext context) => (_context, _state, _policies) = (context, context.Guard!, context.Guard!.Ran);

    /// <summary>True once nothing more may pass.</summary>
    public bool IsOver => Failure is not null;

    /// <summary>Why nothing more may pass; null while it may.</summary>
    public Failure? Failure { get; private set; }

    /// <summary>What a rule decided that ended the answer; null where none did.</summary>
    public GuardOutcome? Stopped { get; private set; }

    /// <summary>Tells that a text that came in pieces has ended: its channel, and whether rules changed it.</summary>
    public event Action<string, bool>? Ended;

    /// <summary>The guard of a request's events; null where nothing applies.</summary>
    public static EventTexts? For(RequestContext context) => OutputGuard.AppliesTo(context) ? new EventTexts(context) : null;

    /// <summary>The same where it is not known yet whether something will apply: a session's conversation begins empty.</summary>
    public static EventTexts Always(RequestContext context) => new(context);

    /// <summary>Whether policies can do what they say over the events of a session, which is not held: rules that are asked about whole answers cannot. A policy that fails open is noted, and the others stand in the way.</summary>
    public static Failure? Check(RequestContext context)
    {
        foreach (var policy in context.Guard?.Ran.Policies ?? [])
        {
            var asking = policy.Rules.Where(static r => r.Detector is null && (r.LooksAt(GuardrailScope.Output) || r.LooksAt(GuardrailScope.ToolCall))).ToList();
            if (asking.Count > 0 && policy is { IsShadow: false, FailsClosed: true })
            {
                return GuardFailures.AnswerUnasked(policy.Entry.Id);
            }

            context.Guard!.Note(asking.Select(r => new RuleNote(policy.Entry.Id, r.Index, r.Descriptor.Name, r.Entry.Action, policy.Entry.Mode) { Failure = "events" }));
        }

        return null;
    }

    /// <summary>Takes an event.</summary>
    /// <param name="json">Its payload, valid until the next one.</param>
    /// <param name="name">Its name where the framing has one.</param>
    /// <param name="output">Receives what goes on in its place.</param>
    public void Pass(ReadOnlyMemory<byte> json, ReadOnlyMemory<byte> name, List<PassedEvent> output)
    {
        if (IsOver)
        {
            return;
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 1024 });
        }
        catch (JsonException)
        {
            // The end marker of OpenAI's streams, and whatever else is no JSON.
            if (json.Span.SequenceEqual("[DONE]"u8))
            {
                End(null, output, json, name, null);
                if (!IsOver)
                {
                    output.Add(new PassedEvent(json, name, false));
                }
            }
            else
            {
                Unseen(json, name, output);
            }

            return;
        }

        using (document)
        {
            _reading.Read(json, document.RootElement);
            var others = RequestTexts.ReadAnswer(json, document.RootElement);
            _state.HasUnseen |= others.HasMedia || _reading.Media.Count > 0;
            if (!_reading.IsKnown && others.All.Any(static t => t.Length > 0) && PassedAnswers.Unseen(_context) is { } unseen)
            {
                // Texts may come in pieces that nobody knows how to put together.
                Failure = unseen;
                return;
            }

            Pass(json, name, others, output);
        }
    }

    /// <summary>Says that nothing follows: what is held back goes.</summary>
    public void Complete(List<PassedEvent> output)
    {
        if (!IsOver)
        {
            End(null, output, default, default, null);
        }

        foreach (var channel in _channels.Values)
        {
            channel.Text.Dispose();
        }

        _channels.Clear();
    }

    private void Pass(ReadOnlyMemory<byte> json, ReadOnlyMemory<byte> name, RequestTexts others, List<PassedEvent> output)
    {
        var edits = new EventEdits(json);
        foreach (var delta in _reading.Deltas)
        {
            var channel = Open(delta);
            edits.Set(delta, channel.Text.Push(JsonText(json, delta)));
            if (channel.Text.IsStopped)
            {
                Stop(channel.Text.Outcome);
            }
        }

        // Also of an event that ends the answer: what it has besides goes along.
        if (!TryLookAt(others, edits))
        {
            return;
        }

        if (!IsOver)
        {
            foreach (var end in _reading.EndsAll ? [""] : _reading.Ends)
            {
                End(end, output, json, name, edits);
            }
        }

        if (!IsOver && HeldTooMuch())
        {
            Failure = GuardFailures.Unavailable();
        }

        if (IsOver && _reading.EndsAll && _reading.Deltas.Count == 0)
        {
            // It would say that the answer is whole.
            return;
        }

        foreach (var (start, length, filtered) in IsOver ? _reading.Finishes : [])
        {
            edits.Set(start, length, filtered);
        }

        output.Add(new PassedEvent(edits.Apply(), name, false));
        foreach (var delta in _reading.Deltas)
        {
            if (_channels.TryGetValue(delta.Channel, out var channel))
            {
                channel.Keep(json, delta, _reading, name);
            }
        }
    }

    /// <summary>Looks at what does not come in pieces.</summary>
    /// <returns>False when the event must not pass.</returns>
    private bool TryLookAt(RequestTexts others, EventEdits edits)
    {
        var pieces = _reading.Deltas.Select(static d => d.Start).ToHashSet();
        var whole = others.All.Where(t => t.Length > 0 && t.Form != TextForm.Tells && !pieces.Contains(t.Start) && !_reading.Media.Contains(t.Start)).ToList();
        foreach (var tells in others.All.Where(static t => t.Form == TextForm.Tells))
        {
            edits.Tells(tells.Start, tells.Length);
        }

        if (whole.Count == 0)
        {
            return true;
        }

        var outcome = GuardEngine.Check([.. whole.Select(static t => t.Text)], _policies, Context());
        _state.Note(outcome.Notes);
        if (outcome.Verdict is GuardVerdict.Block or GuardVerdict.Approve)
        {
            Stop(outcome);
            return false;
        }

        var restorer = Restorer();
        for (var i = 0; i < whole.Count; i++)
        {
            var text = outcome.Texts[i];
            edits.Set(whole[i], restorer?.Restore(text.Text, text.IsJson) ?? text.Text);
        }

        return true;
    }

    private void End(string? prefix, List<PassedEvent> output, ReadOnlyMemory<byte> json, ReadOnlyMemory<byte> name, EventEdits? edits)
    {
        foreach (var (key, channel) in _channels.Where(c => prefix is null || c.Key.StartsWith(prefix, StringComparison.Ordinal)).ToList())
        {
            var rest = channel.Text.Complete();
            if (channel.Text.IsStopped)
            {
                Stop(channel.Text.Outcome);
            }

            if (rest.Length > 0 && edits?.TryAppend(key, rest) != true && channel.Again(rest) is { } again)
            {
                output.Add(again);
            }

            _state.Note(channel.Text.Outcome.Notes);
            Ended?.Invoke(key, channel.Text.IsRewritten);
            channel.Text.Dispose();
            _channels.Remove(key);
            if (IsOver)
            {
                return;
            }
        }
    }

    private void Stop(GuardOutcome outcome)
    {
        _state.IsAnswerBlocked = true;
        _state.Note(outcome.Notes);
        Stopped = outcome;
        Failure = outcome.IsFailure ? GuardFailures.Unavailable() : GuardFailures.AnswerBlocked(outcome.Message);
    }

    private void Unseen(ReadOnlyMemory<byte> json, ReadOnlyMemory<byte> name, List<PassedEvent> output)
    {
        if (json.Length > 0 && PassedAnswers.Unseen(_context) is { } unseen)
        {
            Failure = unseen;
        }
        else
        {
            output.Add(new PassedEvent(json, name, false));
        }
    }

    private Channel Open(in Delta delta)
    {
        if (!_channels.TryGetValue(delta.Channel, out var channel))
        {
            _channels[delta.Channel] = channel = new Channel(new OutputChannel(_policies, delta.Place, Context(), Restorer(), delta.Tool, delta.IsJson));
        }

        return channel;
    }

    private GuardContext Context() => new() { Substitutes = _state.Conversation, SystemPrompts = _state.SystemPrompts, Clock = _state.Clock };

    private PseudonymRestorer? Restorer()
    {
        if (_state.Conversation is not { Pseudonyms: { Count: > 0 } pseudonyms })
        {
            return null;
        }

        // A session gives out more while it goes on.
        return _restorer is { } known && known.Count == pseudonyms.Count ? known : _restorer = new PseudonymRestorer(pseudonyms);
    }

    private bool HeldTooMuch() => _channels.Count > MostChannels || _channels.Values.Sum(static c => (long)c.Text.Held) > EventGuard.MostHeld;

    private static string JsonText(ReadOnlyMemory<byte> json, in Delta delta) => Gateway.Guardrails.Engine.Json.JsonTexts.Read(json.Span.Slice(delta.Start + 1, delta.Length - 2));

    /// <summary>A text that comes in pieces, with its last event for what is left of it.</summary>
    private sealed class Channel(OutputChannel text)
    {
        private byte[]? _last;
        private (int Start, int Length) _place;
        private (int Start, int Length)[] _blanks = [];
        private byte[] _name = [];

        public OutputChannel Text { get; } = text;

        public void Keep(ReadOnlyMemory<byte> json, Delta delta, EventReading reading, ReadOnlyMemory<byte> name)
        {
            if (Text.Held > 0)
            {
                _last = json.ToArray();
                _place = (delta.Start, delta.Length);
                _blanks = [.. reading.Once, .. reading.Deltas.Where(d => d.Start != delta.Start).Select(static d => (d.Start, d.Length))];
                _name = name.ToArray();
            }
        }

        public PassedEvent? Again(string rest)
        {
            if (_last is null)
            {
                return null;
            }

            var edits = new EventEdits(_last);
            edits.Set(_place.Start, _place.Length, rest);
            foreach (var (start, length) in _blanks)
            {
                edits.Set(start, length, "");
            }

            return new PassedEvent(edits.Apply(), _name, true);
        }
    }
}
