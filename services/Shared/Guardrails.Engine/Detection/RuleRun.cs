using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.Detection;

/// <summary>One local rule at work on one text: where it has got to.</summary>
internal sealed class RuleRun(CompiledRule rule, IDetector detector, GuardFacts facts)
{
    /// <summary>So few characters are looked at once more whatever is new.</summary>
    private const int AlwaysDue = 32;

    private readonly object? _state = detector.CreateState();

    public CompiledRule Rule { get; } = rule;

    public GuardrailAction Action { get; } = rule.ActionAt(facts.Place);

    /// <summary>How far back it may look.</summary>
    public int Lookbehind => detector.Lookbehind;

    /// <summary>Up to where it is settled, counted from the beginning of the whole text.</summary>
    public int Settled { get; private set; }

    /// <summary>Why it can look no further; null while it can.</summary>
    public string? Failure { get; private set; }

    /// <summary>How much of the whole text it has been shown.</summary>
    private int Shown { get; set; }

    /// <summary>Whether there is enough new to look again: a share of what it would have to look at once more, so that the work stays linear whatever the pieces.</summary>
    public bool IsDue(int length)
    {
        var again = Math.Min(Shown, detector.Lookbehind) + (Shown - Settled);
        return again <= AlwaysDue || (length - Shown) * 4L >= again;
    }

    /// <summary>Looks, and adds what it finds with places in the whole text.</summary>
    public void Look(TextView view, int offset, bool isComplete, List<Found> found)
    {
        if (Failure is not null)
        {
            return;
        }

        var sink = new FindingSink(Rule.ChangesText || !Rule.Allow.IsEmpty ? int.MaxValue : GuardEngine.MaxFindings, Rule.Kinds, Rule.MinScore);
        try
        {
            var settled = detector.Detect(new DetectorText(view.Text, Settled - offset, isComplete, facts, _state, offset), sink);
            Shown = offset + view.Length;
            // An empty text may be found fault with too.
            var until = isComplete ? Math.Max(view.Length, 1) : settled;
            foreach (var f in sink.Found)
            {
                // What begins later is told again when the detector goes on from where it is settled.
                if (f.Start >= Settled - offset && f.Start < until && (f.End <= view.Length ? !Rule.Allow.Contains(view.Text[f.Start..f.End]) : view.Length == 0))
                {
                    found.Add(new Found(f.Start + offset, f.End + offset, Rule.Index, f.Kind, f.Score));
                }
            }

            Settled = isComplete ? Shown : Math.Clamp(settled + offset, Settled, Shown);
        }
        catch (Exception e)
        {
            // Whatever a detector throws, its policy says what that means; texts may stand in the message, so only the type is told.
            Failure = e.GetType().Name;
            Settled = offset + view.Length;
        }
    }

    public void Stop(string failure)
    {
        Failure ??= failure;
        Settled = int.MaxValue;
    }
}
