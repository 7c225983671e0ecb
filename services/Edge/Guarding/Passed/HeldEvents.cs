using System.Text;
using System.Text.Json;
using Gateway.Edge.Errors;
using Gateway.Edge.Guarding.Output;
using Gateway.Edge.Pipeline;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Json;
using Gateway.Guardrails.Engine.Policies;
using Gateway.Guardrails.Engine.Requests;

namespace Gateway.Edge.Guarding.Passed;

/// <summary>
/// Holds an answer that comes event by event until it is whole, for rules that are asked about whole answers. What they change stands where the first piece of its text stood; what they forbid
/// ends the answer before any of it. For one thread.
/// </summary>
internal sealed class HeldEvents
{
    /// <summary>Most bytes of events that are held; an answer that needs more is ended.</summary>
    public const int MostBytes = 32 * 1024 * 1024;

    private readonly RequestContext _context;
    private readonly GuardRunner _runner;
    private readonly List<CompiledPolicy> _policies;
    private readonly EventReading _reading = new();
    private readonly List<ReadOnlyMemory<byte>> _events = [];
    private readonly Dictionary<int, EventEdits> _edits = [];
    private readonly Dictionary<string, Held> _open = new(StringComparer.Ordinal);
    private readonly List<Held> _texts = [];
    private readonly List<(int Event, RequestText At)> _tells = [];
    private long _bytes;

    private HeldEvents(RequestContext context, GuardRunner runner, List<CompiledPolicy> policies) => (_context, _runner, _policies) = (context, runner, policies);

    /// <summary>True when more came than is held.</summary>
    public bool IsOverfull => _bytes > MostBytes;

    /// <summary>Null where no rule is asked about the request's answer.</summary>
    public static HeldEvents? For(RequestContext context, GuardRunner runner) => RemoteOutput.PoliciesOf(context) is { Count: > 0 } policies ? new HeldEvents(context, runner, policies) : null;

    /// <summary>Takes an event.</summary>
    /// <param name="json">Its payload; it must stay as it is.</param>
    public void Add(ReadOnlyMemory<byte> json)
    {
        _bytes += json.Length;
        if (IsOverfull)
        {
            return;
        }

        _events.Add(json);
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 1024 });
        }
        catch (JsonException)
        {
            // No text: what becomes of it is decided where it passes.
            return;
        }

        using (document)
        {
            Read(json, document.RootElement);
        }
    }

    /// <summary>Has the rules asked. Nothing follows.</summary>
    /// <returns>Why the answer must not pass, with what decided it where a rule did; null to let it pass, with <see cref="Changed"/> where texts are other ones now.</returns>
    public async ValueTask<(Failure? Failure, GuardOutcome? Stopped)> CheckAsync(CancellationToken cancellationToken)
    {
        if (IsOverfull)
        {
            return (GuardFailures.Unavailable(), null);
        }

        // Some dialects tell a text several times, in pieces and whole.
        var places = _texts.Select(static t => (Held: t, t.Text)).Where(static t => t.Text.Text.Length > 0).ToLookup(static t => t.Text, static t => t.Held);
        GuardText[] given = [.. places.Select(static p => p.Key)];
        var outcome = GuardOutcome.Untouched(given);
        foreach (var policy in given.Length > 0 ? _policies : [])
        {
            outcome = GuardEngine.Combine(outcome, await _runner.CheckRemoteAsync(_context, outcome.Texts, policy, cancellationToken).ConfigureAwait(false));
            if (outcome.Verdict == GuardVerdict.Block)
            {
                break;
            }
        }

        var state = _context.Guard!;
        state.Note(outcome.Notes);
        if (outcome.Verdict is GuardVerdict.Block or GuardVerdict.Approve)
        {
            state.IsAnswerBlocked = true;
            return (outcome.IsFailure ? GuardFailures.Unavailable() : GuardFailures.AnswerBlocked(outcome.Message), outcome);
        }

        for (var i = 0; i < given.Length; i++)
        {
            if (outcome.Texts[i].Text != given[i].Text)
            {
                foreach (var text in places[given[i]])
                {
                    text.Put(outcome.Texts[i].Text, At);
                }
            }
        }

        foreach (var (index, at) in _tells)
        {
            _edits.GetValueOrDefault(index)?.Tells(at.Start, at.Length);
        }

        return (null, null);
    }

    /// <summary>An event as it goes on; null where it is as it came.</summary>
    /// <param name="index">Which, in their order.</param>
    public ReadOnlyMemory<byte>? Changed(int index) => _edits.GetValueOrDefault(index)?.Apply();

    private EventEdits At(int index) => _edits.TryGetValue(index, out var edits) ? edits : _edits[index] = new EventEdits(_events[index]);

    private void Read(ReadOnlyMemory<byte> json, JsonElement root)
    {
        var index = _events.Count - 1;
        _reading.Read(json, root);
        foreach (var delta in _reading.Deltas)
        {
            if (!_open.TryGetValue(delta.Channel, out var text))
            {
                _open[delta.Channel] = text = new Held(delta);
                _texts.Add(text);
            }

            text.Add(index, delta, JsonTexts.Read(json.Span.Slice(delta.Start + 1, delta.Length - 2)));
        }

        var pieces = _reading.Deltas.Select(static d => d.Start).ToHashSet();
        foreach (var at in RequestTexts.ReadAnswer(json, root).All)
        {
            if (at.Form == TextForm.Tells)
            {
                _tells.Add((index, at));
            }
            else if (at.Length > 0 && !pieces.Contains(at.Start) && !_reading.Media.Contains(at.Start))
            {
                _texts.Add(new Held(index, at));
            }
        }

        foreach (var end in _reading.EndsAll ? [""] : _reading.Ends)
        {
            foreach (var channel in _open.Keys.Where(k => k.StartsWith(end, StringComparison.Ordinal)).ToList())
            {
                _open.Remove(channel);
            }
        }
    }

    /// <summary>A text, in pieces or whole.</summary>
    private sealed class Held
    {
        private readonly List<(int Event, int Start, int Length)> _pieces = [];
        private readonly StringBuilder _written = new();
        private readonly GuardText _form;
        private readonly (int Event, RequestText At)? _whole;

        public Held(in Delta delta) => _form = new GuardText("", delta.Place) { Source = GuardSource.Assistant, Tool = delta.Tool, IsJson = delta.IsJson };

        public Held(int index, RequestText at) => (_form, _whole) = (at.Text, (index, at));

        public GuardText Text => _whole is null ? _form with { Text = _written.ToString() } : _form;

        public void Add(int index, in Delta delta, string piece)
        {
            _pieces.Add((index, delta.Start, delta.Length));
            _written.Append(piece);
        }

        public void Put(string text, Func<int, EventEdits> edits)
        {
            if (_whole is { } whole)
            {
                edits(whole.Event).Set(whole.At, text);
                return;
            }

            for (var i = 0; i < _pieces.Count; i++)
            {
                edits(_pieces[i].Event).Set(_pieces[i].Start, _pieces[i].Length, i == 0 ? text : "");
            }
        }
    }
}
