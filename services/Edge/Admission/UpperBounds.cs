using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Envelopes;
using Gateway.Edge.Admission.Estimates;
using Gateway.Edge.Operations;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Prices;
using Gateway.Edge.Routing;
using Gateway.Edge.Runtime;
using Gateway.Edge.Uploads;
using Gateway.Tokenizers;

namespace Gateway.Edge.Admission;

/// <summary>Upper bounds of what a request may use, known before it is sent.</summary>
internal static class UpperBounds
{
    // A picture's tokens cannot be told from its address; this is what the dearest common encodings charge for a large one.
    private const long TokensPerMedium = 3_000;

    // What a provider holds or fetches can fill the window of the common models.
    private const long TokensPerReference = 200_000;

    // Models that make images of images look at them more closely than others.
    private const long TokensPerEditedImage = 8_192;

    private const long TokensPerSecond = 10;
    private const long TokensPerSpokenByte = 2;

    /// <summary>The most that its prompt may be.</summary>
    // A token of text is at least one byte of the body, so the body's length bounds the prompt from above.
    public static long Prompt(RequestContext context, RouteRuntime route) =>
        context.Operation.IsFree ? 0
        : context.Operation.Operation == Operation.Transcription ? context.PromptBytes + (MostSeconds(context) * TokensPerSecond)
        : context.PromptBytes + (context.Envelope.Media * TokensOfMedium(context)) + (context.Envelope.References * TokensPerReference) + HiddenPrompts.Most(context, route);

    /// <summary>Adds a request of a batch to what the ones before it can use.</summary>
    /// <param name="bound">What these can use.</param>
    /// <param name="body">The request.</param>
    /// <param name="envelope">What was read of it.</param>
    /// <param name="model">The provider's name of its model.</param>
    /// <param name="hasOutput">False where an answer has no text.</param>
    public static BatchBound Add(in BatchBound bound, ReadOnlySpan<byte> body, in RequestEnvelope envelope, string model, bool hasOutput)
    {
        var prompt = body.Length + (envelope.Media * TokensPerMedium) + (envelope.References * TokensPerReference)
            + (hasOutput ? HiddenPrompt.OfModel(model, envelope.HasTools) + HiddenPrompt.OfTools(envelope.BuiltInTools, envelope.HostedTools) : 0);
        var (capped, uncapped) = !hasOutput ? (0, 0) : envelope.MaxOutputTokens >= 0 ? (envelope.MaxOutputTokens * envelope.Choices, 0) : (0, envelope.Choices);
        return bound.Add(prompt, capped, uncapped, BilledUse.MostSearches(body, envelope));
    }

    /// <summary>What has to be held for output whatever the cap: sound follows the text it is made of, and a transcript the sound.</summary>
    private static long LeastOutput(RequestContext context) => context.Operation.Operation switch
    {
        Operation.Speech => context.PromptBytes * TokensPerSpokenByte,
        Operation.Transcription => MostSeconds(context) * TokensPerSecond,
        _ => context.Operation.LeastOutputBound,
    };

    private static long MostSeconds(RequestContext context) => (context.Envelope.FileBytes + Recordings.LeastBytesPerSecond - 1) / Recordings.LeastBytesPerSecond;

    private static long TokensOfMedium(RequestContext context) => context.Operation.Operation == Operation.Image ? TokensPerEditedImage : TokensPerMedium;

    /// <summary>The most that may be used of what is not billed by tokens.</summary>
    public static UsageUnits Units(RequestContext context) => context.Operation.Operation switch
    {
        Operation.Image => BilledUse.Images(context, context.Envelope.Choices),
        Operation.Transcription => new UsageUnits { AudioMilliseconds = MostSeconds(context) * 1_000 },
        Operation.Speech => new UsageUnits { Characters = context.PromptBytes },
        // A search has up to a hundred documents, and each at least a pair of quotes and a comma.
        Operation.Rerank => new UsageUnits { Searches = 1 + (context.PromptBytes / 300) },
        Operation.Chat => new UsageUnits { WebSearches = BilledUse.MostSearches(context) },
        _ => default,
    };

    /// <summary>The most that may be generated on a route; where the policy for requests without a cap says so, what others of its models needed.</summary>
    public static long Output(RequestContext context, RouteRuntime route, LearntTraffic learnt)
    {
        if (!context.Operation.HasOutput)
        {
            return 0;
        }

        var cap = context.Envelope.MaxOutputTokens;
        if (cap < 0)
        {
            cap = 0;
            foreach (var tier in route.Tiers)
            {
                foreach (var target in tier)
                {
                    cap = Math.Max(cap, Uncapped(context, target.Deployment, learnt));
                }
            }
        }

        return Math.Max(cap, LeastOutput(context)) * context.Envelope.Choices;
    }

    private static long Uncapped(RequestContext context, DeploymentRuntime deployment, LearntTraffic learnt)
    {
        var model = context.ModelFor(deployment);
        var policy = context.Reservation.Output;
        var limit = deployment.Pricing.MaxOutput(model) ?? policy.Tokens;
        return policy.Is(OutputCapPolicy.Set) ? Math.Min(limit, policy.Tokens)
            : policy.Is(OutputCapPolicy.Learnt) ? Math.Min(limit, learnt.Of(deployment.Id, model).Output ?? limit)
            : limit;
    }
}
