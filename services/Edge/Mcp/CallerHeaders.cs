using Gateway.Contracts;
using Gateway.Contracts.Mcp;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Mcp;

/// <summary>What the hub is told of who calls.</summary>
internal static class CallerHeaders
{
    /// <summary>The headers beside the one with the key.</summary>
    public static void Add(HttpRequestMessage request, RequestContext caller)
    {
        Add(request, WireNames.CallerTeamHeader, caller.Key!.TeamId);
        Add(request, WireNames.CallerCustomerHeader, caller.Key.Identity.CustomerId);
        Add(request, WireNames.CallerEndUserHeader, caller.EndUser);
        Add(request, WireNames.CallerSessionHeader, caller.SessionId);
    }

    /// <summary>The same for calls of agent mode.</summary>
    public static HubCallerFacts Facts(RequestContext caller) => new()
    {
        KeyId = caller.Key!.Id,
        TeamId = caller.Key.TeamId,
        CustomerId = caller.Key.Identity.CustomerId,
        EndUser = caller.EndUser ?? "",
        SessionId = caller.SessionId ?? "",
    };

    // What callers name may have any characters, and headers may not.
    private static void Add(HttpRequestMessage request, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            request.Headers.TryAddWithoutValidation(name, Uri.EscapeDataString(value));
        }
    }
}
