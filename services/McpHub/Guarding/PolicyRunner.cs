using Gateway.Guardrails.Client;
using Gateway.Guardrails.Deep;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Changes;
using Gateway.Guardrails.Engine.Policies;
using Gateway.McpHub.Gate;

namespace Gateway.McpHub.Guarding;

/// <summary>
/// Runs policies over texts of a call, each over what the one before left: in the guardrail service where there is one and the policy does not say <c>inline</c>, else in this process. Rules that ask other services
/// are asked from an edge.
/// </summary>
internal sealed class PolicyRunner(DeepInjection deep, EdgeRules edge, TimeProvider time, GuardService? service = null)
{
    /// <summary>Checks texts.</summary>
    /// <param name="call">The call that they are of.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="policies">The policies.</param>
    /// <param name="substitutes">Stand-ins of the session; null where no rule makes any.</param>
    /// <param name="cancellation">Gives up.</param>
    public async ValueTask<GuardOutcome> CheckAsync(ToolCall call, IReadOnlyList<GuardText> texts, PolicySet policies, ITextSubstitutes? substitutes, CancellationToken cancellation)
    {
        var with = new GuardContext { Clock = time, Substitutes = substitutes };
        var outcome = GuardOutcome.Untouched(texts);
        foreach (var policy in policies.Policies)
        {
            outcome = GuardEngine.Combine(outcome, await CheckAsync(call, outcome.Texts, policy, with, cancellation).ConfigureAwait(false));
            if (outcome.Verdict == GuardVerdict.Block)
            {
                break;
            }
        }

        return outcome;
    }

    private async ValueTask<GuardOutcome> CheckAsync(ToolCall call, IReadOnlyList<GuardText> texts, CompiledPolicy policy, GuardContext with, CancellationToken cancellation)
    {
        if (texts.Count == 0)
        {
            return GuardOutcome.Untouched(texts);
        }

        if (service is not null && GuardService.Takes(policy) && await service.TryCheckAsync(texts, policy, with, cancellation).ConfigureAwait(false) is { } verdict)
        {
            return verdict;
        }

        if (!policy.HasRemoteRules)
        {
            return GuardEngine.Check(texts, policy, with);
        }

        using var run = GuardEngine.Begin(texts, policy, with);
        var asked = edge.AskAsync(call, [.. run.Pending.Where(static p => p.Rule.Entry.Detector != DeepRules.Detector)], texts, policy, cancellation);
        await Task.WhenAll(asked, DeepRules.RunAsync(deep, run, texts, policy, time, cancellation)).ConfigureAwait(false);
        foreach (var answer in await asked.ConfigureAwait(false))
        {
            foreach (var found in answer.Findings.Where(f => f.Index >= 0 && f.Index < texts.Count))
            {
                run.Add(answer.Rule, found.Index, found.Start, found.Length, found.Kind, found.Score);
            }

            if (answer.Failure is { } failure)
            {
                run.Fail(answer.Rule, failure);
            }

            run.Answered(answer.Rule);
        }

        return run.Conclude();
    }
}
