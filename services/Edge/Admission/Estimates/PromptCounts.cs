using Gateway.Contracts.Configuration;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Routing;
using Gateway.Edge.Runtime;
using Gateway.Tokenizers;

namespace Gateway.Edge.Admission.Estimates;

/// <summary>Tokens of a prompt by counting, where the models that may get it have an encoding that is known.</summary>
internal static class PromptCounts
{
    // Counted in well under a millisecond, in ten where somebody sends one long word. What is longer is bounded by its bytes.
    private const int LongestBody = 16 * 1024;

    /// <summary>
    /// A bound of the prompt below that of its bytes. Counted: every name and every text of the body, and the frame that each object may become. Where not all targets count
    /// alike, the prompt is long, or the ranks are not loaded yet, it is estimated if the settings allow that; else null, as where it is not all text.
    /// </summary>
    public static long? Bound(RequestContext context, RouteRuntime route, LearntTraffic learnt) =>
        Encoding(context, route) is var encoding and not BpeEncoding.None && Count(context, encoding) is { } counted ? counted
        : context.Settings.PromptEstimate == PromptEstimatePolicy.Estimated ? Estimate(context, route, learnt)
        : null;

    private static BpeEncoding Encoding(RequestContext context, RouteRuntime route)
    {
        var encoding = BpeEncoding.None;
        foreach (var tier in route.Tiers)
        {
            foreach (var target in tier)
            {
                var own = ModelEncodings.Of(context.ModelFor(target.Deployment));
                if (own == BpeEncoding.None || (encoding != BpeEncoding.None && own != encoding))
                {
                    return BpeEncoding.None;
                }

                encoding = own;
            }
        }

        return encoding;
    }

    /// <summary>The estimate by kinds of bytes times what was learnt of the model that needs most of it; null before there is enough to learn from.</summary>
    private static long? Estimate(RequestContext context, RouteRuntime route, LearntTraffic learnt)
    {
        if (context.Form is not null || context.Envelope is not { Media: 0, References: 0, BuiltInTools: 0, HostedTools: 0 })
        {
            return null;
        }

        double most = 0;
        foreach (var tier in route.Tiers)
        {
            foreach (var target in tier)
            {
                if (learnt.Of(target.Deployment.Id, context.ModelFor(target.Deployment)).PromptFactor is not { } factor)
                {
                    return null;
                }

                most = Math.Max(most, factor);
            }
        }

        return (long)Math.Ceiling(ByteClasses.Estimate(context.Body.Span) * most);
    }

    /// <summary>What the prompt of the call that was made is, as near as can be told: counted, else estimated.</summary>
    public static long Likely(RequestContext context, DeploymentRuntime? deployment)
    {
        var model = deployment is null ? "" : context.ModelFor(deployment);
        if (Count(context, ModelEncodings.Of(model)) is { } counted)
        {
            return counted;
        }

        var text = context.Form is null && context.Body.Length <= LongestBody && context.Envelope.Media == 0
            ? ByteClasses.Estimate(context.Body.Span)
            : Math.Max(1, context.PromptBytes / 4);
        return text + HiddenPrompts.Likely(context, model);
    }

    private static long? Count(RequestContext context, BpeEncoding encoding) =>
        context.Form is not null || context.Body.Length > LongestBody || context.Envelope is not { Media: 0, References: 0 } || BpeTokenizer.TryGet(encoding) is not { } tokenizer
            ? null
            : JsonPrompt.Count(tokenizer, context.Body.Span);
}
