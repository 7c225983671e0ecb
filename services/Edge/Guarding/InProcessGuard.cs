using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;
using Gateway.Guardrails.Engine;

namespace Gateway.Edge.Guarding;

/// <summary>Checks prompts with the engine in this process: the edge alone has no guardrail service.</summary>
internal sealed class InProcessGuard : IInputGuard
{
    public ValueTask<Failure?> CheckAsync(RequestContext context)
    {
        var policy = context.Model.InputPolicy;
        return policy.Detectors.Count == 0 || GuardEngine.Check(PromptTexts.Collect(context), policy).Verdict == GuardVerdict.Allow
            ? default
            : new(GuardFailures.Blocked());
    }

    public ValueTask<Failure?> CheckAsync(RequestContext context, List<string> texts) =>
        GuardEngine.Check(texts, context.Model.InputPolicy).Verdict == GuardVerdict.Allow ? default : new(GuardFailures.Blocked());
}
