using System.Text;
using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine.Detection;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine;

/// <summary>A check of texts against one policy: the local rules have run, what other services find can be added. For one thread, once.</summary>
public sealed class GuardRun : IDisposable
{
    private readonly IReadOnlyList<GuardText> _texts;
    private readonly CompiledPolicy _policy;
    private readonly GuardContext _context;
    private readonly TextView?[] _views;
    private readonly List<Found>[] _found;
    private readonly RuleLog _log;

    internal GuardRun(IReadOnlyList<GuardText> texts, CompiledPolicy policy, GuardContext context)
    {
        _texts = texts;
        _policy = policy;
        _context = context;
        _views = new TextView?[texts.Count];
        _found = new List<Found>[texts.Count];
        _log = new RuleLog(policy);
        Pending = [.. policy.Rules.Where(static r => r.Detector is null)
            .Select(r => new PendingRule(r, [.. Enumerable.Range(0, texts.Count).Where(i => r.LooksAt(texts[i].Place))]))
            .Where(static p => p.Texts.Count > 0)];
        var deadline = new Deadline(context.Clock, policy.Entry.TimeoutMilliseconds);
        for (var i = 0; i < texts.Count; i++)
        {
            _found[i] = [];
            Look(i, deadline);
        }
    }

    /// <summary>Rules that the caller has to run, with <see cref="Add"/> or <see cref="Fail"/> for what came of it.</summary>
    public IReadOnlyList<PendingRule> Pending { get; }

    /// <summary>Adds what another service found. Places outside the text are cut to it.</summary>
    /// <param name="rule">The rule, by its index.</param>
    /// <param name="text">The text, by its index.</param>
    /// <param name="start">Where it begins. Detectors that judge the whole say 0.</param>
    /// <param name="length">How long it is. Detectors that judge the whole say the length of the text.</param>
    /// <param name="kind">What it is; empty: the name of the detector.</param>
    /// <param name="score">How sure the service is, 0 to 1.</param>
    public void Add(int rule, int text, int start, int length, string kind, double score)
    {
        var compiled = _policy.Rules[rule];
        var whole = _texts[text].Text;
        start = Math.Clamp(start, 0, whole.Length);
        var end = (int)Math.Clamp((long)start + length, start, whole.Length);
        if (score >= compiled.MinScore && !compiled.Allow.Contains(whole.AsSpan(start, end - start)))
        {
            _log.Answered(rule);

            // JSON is held by what its escapes stand for; other services are shown it as it is written.
            var view = View(text);
            _found[text].Add(new Found(view.SeenAt(start), view.SeenAt(end), rule, kind.Length > 0 ? kind : compiled.Descriptor.Name, score));
        }
    }

    /// <summary>Says that a rule that asks another service found nothing, or all it found has been added.</summary>
    /// <param name="rule">The rule, by its index.</param>
    public void Answered(int rule) => _log.Answered(rule);

    /// <summary>Says that a rule could not look; the policy decides what that means.</summary>
    /// <param name="rule">The rule, by its index.</param>
    /// <param name="failure">Why, in a word or two that may be shown: never a text.</param>
    public void Fail(int rule, string failure)
    {
        _log.Answered(rule);
        _log.Failed(rule, failure);
    }

    /// <summary>What it comes to.</summary>
    public GuardOutcome Conclude()
    {
        var findings = new List<GuardFinding>();
        var decision = new Decision(_policy);
        for (var i = 0; i < _texts.Count; i++)
        {
            foreach (var found in _found[i])
            {
                var action = _policy.Rules[found.Rule].ActionAt(_texts[i].Place);
                decision.Add(found.Rule, action);
                if (_log.Count(found, i))
                {
                    var view = View(i);
                    findings.Add(new GuardFinding(_policy.Entry.Id, found.Rule, _policy.Rules[found.Rule].Descriptor.Name, found.Kind, action, i, view.WrittenLength(0, found.Start), view.WrittenLength(found.Start, found.End), found.Score));
                }
            }
        }

        if (_log.HasFailed && _policy.FailsClosed)
        {
            decision.Fail();
        }

        var emitter = new Emitter(_policy, _context);
        var texts = _policy.IsShadow || decision.Verdict == GuardVerdict.Block ? _texts : Changed(emitter);
        return decision.ToOutcome(texts, !ReferenceEquals(texts, _texts), findings, _log.ToNotes(emitter.RedactedInstead, Pending));
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var view in _views)
        {
            view?.Dispose();
        }

        Array.Clear(_views);
    }

    private void Look(int index, Deadline deadline)
    {
        var text = _texts[index];
        GuardFacts? facts = null;
        foreach (var rule in _policy.Rules)
        {
            if (rule.Detector is null || !rule.LooksAt(text.Place))
            {
                continue;
            }

            if (deadline.IsOver)
            {
                _log.Failed(rule.Index, "timeout");
                continue;
            }

            foreach (var detector in rule.Detectors)
            {
                var run = new RuleRun(rule, detector, facts ??= GuardFacts.Of(text, _context));
                run.Look(View(index), 0, isComplete: true, _found[index]);
                if (run.Failure is { } failure)
                {
                    _log.Failed(rule.Index, failure);
                }
            }
        }
    }

    private TextView View(int index)
    {
        if (_views[index] is not { } view)
        {
            _views[index] = view = new TextView(_texts[index].IsJson);
            view.Append(_texts[index].Text);
            view.Complete();
        }

        return view;
    }

    private IReadOnlyList<GuardText> Changed(Emitter emitter)
    {
        GuardText[]? changed = null;
        for (var i = 0; i < _texts.Count; i++)
        {
            var changes = _found[i].FindAll(f => _policy.Rules[f.Rule].ChangesText);
            if (changes.Count == 0)
            {
                continue;
            }

            var view = View(i);
            var target = new StringBuilder(view.Length + 16);
            emitter.Write(view, 0, view.Length, Painter.Paint(changes), target);
            changed ??= [.. _texts];
            changed[i] = _texts[i] with { Text = target.ToString() };
        }

        return changed ?? _texts;
    }
}
