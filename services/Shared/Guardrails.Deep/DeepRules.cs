using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Injection;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Deep;

/// <summary>Runs rules of <c>injection_deep</c> over texts.</summary>
public static class DeepRules
{
    /// <summary>The name of the detector.</summary>
    public const string Detector = "injection_deep";

    /// <summary>Runs what is pending of this detector, within the policy's time. Rules of others are left as they are.</summary>
    /// <param name="deep">The tier.</param>
    /// <param name="run">The check.</param>
    /// <param name="texts">Its texts.</param>
    /// <param name="policy">Its policy.</param>
    /// <param name="time">Measures the policy's time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task RunAsync(DeepInjection deep, GuardRun run, IReadOnlyList<GuardText> texts, CompiledPolicy policy, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(deep);
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(policy);
        if (!policy.HasRemoteRules)
        {
            return;
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(policy.Entry.TimeoutMilliseconds), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        foreach (var pending in run.Pending)
        {
            if (pending.Rule.Entry.Detector != Detector)
            {
                continue;
            }

            var (findings, failure) = await AskAsync(deep, pending, texts, either.Token).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var found in findings)
            {
                run.Add(pending.Rule.Index, found.Text, found.Start, found.Length, found.Kind, found.Score);
            }

            if (failure is not null)
            {
                run.Fail(pending.Rule.Index, failure);
            }

            run.Answered(pending.Rule.Index);
        }
    }

    /// <summary>What one rule finds in the texts it looks at; with why where it could not look at all of them.</summary>
    /// <param name="deep">The tier.</param>
    /// <param name="pending">The rule.</param>
    /// <param name="texts">All texts of the check.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<(IReadOnlyList<DeepFinding> Findings, string? Failure)> AskAsync(DeepInjection deep, PendingRule pending, IReadOnlyList<GuardText> texts, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(deep);
        ArgumentNullException.ThrowIfNull(pending);
        ArgumentNullException.ThrowIfNull(texts);
        var findings = new List<DeepFinding>();
        try
        {
            foreach (var index in pending.Texts)
            {
                if (texts[index].Source == GuardSource.System)
                {
                    continue;
                }

                var score = await deep.ScoreAsync(texts[index].Text, InjectionDetector.SourceOf(texts[index].Source, texts[index].Place), cancellationToken).ConfigureAwait(false);
                if (InjectionDetector.KindOf(score, pending.Rule.Kinds) is ({ } kind, > 0 and var value))
                {
                    findings.Add(new DeepFinding(index, score.Start, score.Length, kind, Math.Round(value, 4)));
                }
            }

            return (findings, null);
        }
        catch (OperationCanceledException)
        {
            return (findings, "timeout");
        }
        catch (DeepInjectionBusyException)
        {
            return (findings, "busy");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return (findings, "model missing");
        }
    }
}

/// <summary>Something that the deep tier found.</summary>
/// <param name="Text">The text, by its index.</param>
/// <param name="Start">Where it begins.</param>
/// <param name="Length">How long it is.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Score">How sure it is, 0 to 1.</param>
public readonly record struct DeepFinding(int Text, int Start, int Length, string Kind, double Score);
