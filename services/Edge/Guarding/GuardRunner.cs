using Gateway.Edge.Guarding.Remote;
using Gateway.Edge.Pipeline;
using Gateway.Guardrails.Client;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Edge.Guarding;

/// <summary>
/// Runs policies over texts that are there whole, each over what the one before left: in this process, or in the guardrail service where there is one and the policy does not say
/// <c>inline</c>. Rules that ask others are asked from here, where their credentials and routes are.
/// </summary>
internal sealed class GuardRunner(RemoteRules remote, TimeProvider time, GuardService? service = null)
{
    /// <summary>Measures timeouts.</summary>
    public TimeProvider Time => time;

    /// <summary>Checks texts.</summary>
    public async ValueTask<GuardOutcome> CheckAsync(RequestContext context, IReadOnlyList<GuardText> texts, PolicySet policies, GuardContext with, CancellationToken cancellationToken)
    {
        var outcome = GuardOutcome.Untouched(texts);
        foreach (var policy in policies.Policies)
        {
            if (!Concerns(policy, texts))
            {
                continue;
            }

            outcome = GuardEngine.Combine(outcome, await CheckAsync(context, outcome.Texts, policy, with, cancellationToken).ConfigureAwait(false));
            if (outcome.Verdict == GuardVerdict.Block)
            {
                break;
            }
        }

        return outcome;
    }

    /// <summary>Checks texts of an answer against one policy that asks others. Its local rules are run along: they do not find a second time what they changed.</summary>
    public ValueTask<GuardOutcome> CheckRemoteAsync(RequestContext context, IReadOnlyList<GuardText> texts, CompiledPolicy policy, CancellationToken cancellationToken) =>
        CheckAsync(context, texts, policy, new GuardContext { Substitutes = context.Guard?.Conversation, SystemPrompts = context.Guard?.SystemPrompts ?? [], Clock = time }, cancellationToken);

    private async ValueTask<GuardOutcome> CheckAsync(RequestContext context, IReadOnlyList<GuardText> texts, CompiledPolicy policy, GuardContext with, CancellationToken cancellationToken)
    {
        if (service is not null && GuardService.Takes(policy) && await service.TryCheckAsync(texts, policy, with, cancellationToken).ConfigureAwait(false) is { } verdict)
        {
            return verdict;
        }

        if (!policy.HasRemoteRules)
        {
            return GuardEngine.Check(texts, policy, with);
        }

        using var run = GuardEngine.Begin(texts, policy, with);
        await remote.RunAsync(context, run, texts, policy, cancellationToken).ConfigureAwait(false);
        return run.Conclude();
    }

    private static bool Concerns(CompiledPolicy policy, IReadOnlyList<GuardText> texts)
    {
        foreach (var text in texts)
        {
            if (policy.LooksAt(text.Place))
            {
                return true;
            }
        }

        return false;
    }
}
