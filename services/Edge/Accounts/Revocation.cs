using Gateway.Contracts.Usage;
using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Accounts;

/// <summary>The end of a request whose key was taken away while it was under way.</summary>
internal static class Revocation
{
    /// <summary>True when the request is to be broken off.</summary>
    public static bool IsCut(RequestContext context) => context.Key is { Standing.IsCut: true };

    /// <summary>Marks the request as broken off, and says so.</summary>
    public static Failure End(RequestContext context)
    {
        context.Outcome = RequestOutcome.KeyRevoked;
        return new Failure(GatewayError.KeyRevoked, Step.Identify, "The API key was blocked, replaced or deleted while this request was under way, which was broken off; ask whoever issued the key.");
    }
}
