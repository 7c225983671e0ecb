using Gateway.Contracts.Configuration;
using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;
using Gateway.Guardrails.Engine;

namespace Gateway.Edge.Guarding;

/// <summary>Checks prompts with the engine in this process: the edge alone has no guardrail service.</summary>
internal sealed class InProcessGuard : IInputGuard
{
    public ValueTask<Failure?> CheckAsync(RequestContext context) =>
        context.Model.InputPolicy is null ? default : CheckAsync(context, PromptTexts.Collect(context));

    public ValueTask<Failure?> CheckAsync(RequestContext context, List<string> texts)
    {
        if (context.Model.InputPolicy is not { } policy)
        {
            return default;
        }

        List<GuardText> inputs = [.. texts.Select(static t => new GuardText(t, GuardrailScope.Input))];
        return GuardEngine.Check(inputs, policy).Verdict == GuardVerdict.Allow ? default : new(GuardFailures.Blocked());
    }
}
