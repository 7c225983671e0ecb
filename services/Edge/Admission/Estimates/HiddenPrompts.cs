using Gateway.Contracts.Usage;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Routing;
using Gateway.Tokenizers;

namespace Gateway.Edge.Admission.Estimates;

/// <summary>What providers put into the prompt of a request that it does not show.</summary>
internal static class HiddenPrompts
{
    /// <summary>The most of it at any target of a route.</summary>
    public static long Most(RequestContext context, RouteRuntime route)
    {
        if (context.Operation.Operation != Operation.Chat)
        {
            return 0;
        }

        long most = 0;
        foreach (var tier in route.Tiers)
        {
            foreach (var target in tier)
            {
                most = Math.Max(most, HiddenPrompt.OfModel(context.ModelFor(target.Deployment), context.Envelope.HasTools));
            }
        }

        return most + HiddenPrompt.OfTools(context.Envelope.BuiltInTools, context.Envelope.HostedTools);
    }

    /// <summary>What is to be expected of it at one model: for what nobody reported.</summary>
    public static long Likely(RequestContext context, string model) =>
        context.Operation.Operation != Operation.Chat ? 0
            : HiddenPrompt.OfModel(model, context.Envelope.HasTools) + HiddenPrompt.OfTools(context.Envelope.BuiltInTools, 0);
}
