using System.Text;
using Gateway.Guardrails.Engine.Detection;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.Streams;

/// <summary>One policy over one text that comes in pieces. What it lets through is what the policy makes of the whole, however the text was cut.</summary>
internal sealed class StreamStage : IDisposable
{
    private readonly CompiledPolicy _policy;
    private readonly TextView _view;
    private readonly List<RuleRun> _runs = [];
    private readonly List<Found> _held = [];
    private readonly List<Found> _new = [];
    private readonly Emitter _emitter;
    private readonly RuleLog _log;
    private readonly Decision _decision;
    private readonly List<GuardFinding> _findings = [];
    private readonly IReadOnlyList<PendingRule> _pending;
    private readonly GuardText _facts;

    /// <summary>How much went before what is in the view, as seen and as written.</summary>
    private int _offset;
    private int _writtenOffset;
    private int _released;

    public StreamStage(CompiledPolicy policy, GuardText channel, GuardContext context)
    {
        _policy = policy;
        _facts = channel;
        _view = new TextView(channel.IsJson);
        _emitter = new Emitter(policy, context);
        _log = new RuleLog(policy);
        _decision = new Decision(policy);
        var facts = GuardFacts.Of(channel, context);
        _runs.AddRange(policy.Rules.Where(r => r.LooksAt(channel.Place)).SelectMany(r => r.Detectors.Select(d => new RuleRun(r, d, facts))));
        _pending = [.. policy.Rules.Where(r => r.Detector is null && r.LooksAt(channel.Place)).Select(static r => new PendingRule(r, [0]))];
    }

    /// <summary>Whether nothing more may pass.</summary>
    public bool IsStopped { get; private set; }

    public bool IsChanged { get; private set; }

    /// <summary>How many characters are kept back.</summary>
    public int Held => _offset + _view.Length - _released;

    public void Push(ReadOnlySpan<char> text, bool isComplete, StringBuilder released)
    {
        if (IsStopped)
        {
            return;
        }

        _view.Append(text);
        if (isComplete)
        {
            _view.Complete();
        }

        var length = _offset + _view.Length;
        foreach (var run in _runs)
        {
            if (isComplete || run.IsDue(length))
            {
                run.Look(_view, _offset, isComplete, _new);
                if (run.Failure is { } failure)
                {
                    _log.Failed(run.Rule.Index, failure);
                    run.Stop(failure);
                }
            }
        }

        TakeNew();
        Release(isComplete ? length : Math.Min(length, SettledByAll()), released);
    }

    public GuardOutcome Outcome(GuardText text) => _decision.ToOutcome([text], IsChanged, _findings, _log.ToNotes(_emitter.RedactedInstead, _pending));

    public void Dispose() => _view.Dispose();

    private bool Acts(RuleRun run) => !_policy.IsShadow && (run.Rule.ChangesText || Stops(run));

    private static bool Stops(RuleRun run) => Decision.Of(run.Action) != GuardVerdict.Allow;

    private int SettledByAll()
    {
        var settled = int.MaxValue;
        foreach (var run in _runs)
        {
            if (Acts(run))
            {
                settled = Math.Min(settled, run.Settled);
            }
        }

        return settled;
    }

    private void TakeNew()
    {
        foreach (var found in _new)
        {
            var action = _policy.Rules[found.Rule].ActionAt(_facts.Place);
            var stops = Decision.Of(action) != GuardVerdict.Allow;
            if (!_policy.IsShadow && (_policy.Rules[found.Rule].ChangesText || stops))
            {
                _held.Add(found);
            }

            if (!stops || _policy.IsShadow)
            {
                Report(found);
            }
        }

        _new.Clear();
    }

    private void Report(Found found)
    {
        var rule = _policy.Rules[found.Rule];
        var action = rule.ActionAt(_facts.Place);
        _decision.Add(found.Rule, action);
        if (_log.Count(found, 0))
        {
            var start = found.Start - _offset;
            _findings.Add(new GuardFinding(_policy.Entry.Id, found.Rule, rule.Descriptor.Name, found.Kind, action, 0, _writtenOffset + _view.WrittenLength(0, start), _view.WrittenLength(start, found.End - _offset), found.Score));
        }
    }

    private void Release(int settled, StringBuilder released)
    {
        if (_log.HasFailed && _policy.FailsClosed && !_policy.IsShadow)
        {
            _decision.Fail();
            IsStopped = true;
            return;
        }

        var until = settled;
        Found? stop = null;
        foreach (var found in _held)
        {
            if (found.Start < until && Decision.Of(_policy.Rules[found.Rule].ActionAt(_facts.Place)) != GuardVerdict.Allow && (stop is null || found.Start < stop.Value.Start || (found.Start == stop.Value.Start && found.Rule < stop.Value.Rule)))
            {
                stop = found;
            }
        }

        until = stop?.Start ?? until;
        if (until > _released || stop is not null)
        {
            Write(until, released);
        }

        if (stop is { } at)
        {
            Report(at);
            IsStopped = true;
        }
        else
        {
            Forget();
        }
    }

    private void Write(int until, StringBuilder released)
    {
        var changes = new List<Found>();
        foreach (var found in _held)
        {
            if (_policy.Rules[found.Rule].ChangesText)
            {
                changes.Add(found with { Start = found.Start - _offset, End = found.End - _offset });
            }
        }

        var (from, end) = (_released - _offset, until - _offset);

        // Of what began before, the part that has gone is not there to be replaced again.
        List<Piece> pieces = changes.Count == 0 ? [] : [.. Painter.Paint(changes).Where(p => p.End > from).Select(p => p with { Start = Math.Max(p.Start, from) })];
        foreach (var piece in pieces)
        {
            // What begins before and reaches across is one replacement, and goes once it is whole.
            if (piece.Start < end && piece.End > end)
            {
                end = piece.Start;
            }
        }

        IsChanged |= pieces.Exists(p => p.End <= end);
        _emitter.Write(_view, from, end, pieces, released);
        _released = Math.Max(_released, end + _offset);
        _held.RemoveAll(f => f.End <= _released);
    }

    private void Forget()
    {
        var keep = _released;
        foreach (var run in _runs)
        {
            if (run.Failure is null)
            {
                keep = Math.Min(keep, run.Settled - Math.Min(run.Lookbehind, run.Settled));
            }
        }

        foreach (var found in _held)
        {
            keep = Math.Min(keep, found.Start);
        }

        // Moving what is kept costs its length, so it waits until as much can go.
        var drop = keep - _offset;
        if (drop > _view.Length - drop)
        {
            _writtenOffset += _view.WrittenLength(0, drop);
            _view.DropBefore(drop);
            _offset += drop;
        }
    }
}
