using Gateway.Contracts.Configuration;
using Gateway.Dialects;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Admission.Estimates;

/// <summary>What a call is charged whose provider worked and never told all that it used.</summary>
internal static class UnreportedUse
{
    // English text averages about four bytes a token in the common encodings.
    private const int BytesPerToken = 4;

    /// <summary>The prompt as near as it can be told, and the text that came.</summary>
    /// <param name="context">The request.</param>
    /// <param name="deployment">Where the call went.</param>
    /// <param name="textBytes">Bytes of text that came of it.</param>
    public static TokenCounts Seen(RequestContext context, DeploymentRuntime deployment, long textBytes) =>
        new() { Input = PromptCounts.Likely(context, deployment), Output = (textBytes + BytesPerToken - 1) / BytesPerToken };

    /// <summary>Where the settings say so: raises what is known of a call to all that it may have used.</summary>
    /// <param name="context">The request.</param>
    /// <param name="tokens">What is known of it.</param>
    /// <param name="isPromptKnown">True when the provider told how long the prompt was.</param>
    public static void Widen(RequestContext context, ref TokenCounts tokens, bool isPromptKnown)
    {
        if (context.Settings.Unreported != UnreportedPolicy.Bound || !LearntTraffic.IsText(context.Operation.Operation))
        {
            return;
        }

        if (!isPromptKnown)
        {
            // Text may be counted more closely than it was held for; what the bound was lowered to is a bound still.
            tokens.Input = Math.Max(tokens.Input, context.Reservation.PromptTokens + (context.NextLeg?.PromptTokens ?? 0));
        }

        tokens.Output += Math.Max(0, context.Reservation.OutputTokens - tokens.Generated);
    }
}
