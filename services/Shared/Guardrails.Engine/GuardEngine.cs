using Gateway.Guardrails.Engine.Detection;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine;

/// <summary>Runs policies over texts. Pure: no I/O, no state.</summary>
public static class GuardEngine
{
    /// <summary>Most findings reported per text and rule; neither the verdict nor what is changed depends on it.</summary>
    public const int MaxFindings = 100;

    /// <summary>Checks texts against one policy. Rules that ask other services are not run; they stand in the notes as pending.</summary>
    /// <param name="texts">The texts; findings refer to their index.</param>
    /// <param name="policy">What to look for.</param>
    /// <param name="context">What it may use besides the texts; null: nothing.</param>
    public static GuardOutcome Check(IReadOnlyList<GuardText> texts, CompiledPolicy policy, GuardContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(policy);
        using var run = new GuardRun(texts, policy, context ?? GuardContext.None);
        return run.Conclude();
    }

    /// <summary>Checks texts against policies, each of which sees what the one before left, up to one that blocks.</summary>
    /// <param name="texts">The texts; findings refer to their index.</param>
    /// <param name="policies">What to look for.</param>
    /// <param name="context">What they may use besides the texts; null: nothing.</param>
    public static GuardOutcome Check(IReadOnlyList<GuardText> texts, PolicySet policies, GuardContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(policies);
        var outcome = GuardOutcome.Untouched(texts);
        foreach (var policy in policies.Policies)
        {
            if (outcome.Verdict == GuardVerdict.Block)
            {
                break;
            }

            outcome = Outcomes.Then(outcome, Check(outcome.Texts, policy, context));
        }

        return outcome;
    }

    /// <summary>Runs the local rules of one policy and leaves it open, for what other services find to be added before it is concluded.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="policy">What to look for.</param>
    /// <param name="context">What it may use besides the texts; null: nothing.</param>
    public static GuardRun Begin(IReadOnlyList<GuardText> texts, CompiledPolicy policy, GuardContext? context = null) => new(texts, policy, context ?? GuardContext.None);

    /// <summary>What two checks came to together, the second of which saw the texts that the first left.</summary>
    /// <param name="first">The one before.</param>
    /// <param name="second">The one after.</param>
    public static GuardOutcome Combine(GuardOutcome first, GuardOutcome second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return Outcomes.Then(first, second);
    }
}
