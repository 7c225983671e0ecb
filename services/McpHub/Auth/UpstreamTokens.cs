using System.Collections.Concurrent;
using Gateway.McpHub.Callers;
using Gateway.McpHub.Configuration;
using Gateway.McpHub.Upstreams.Http;

namespace Gateway.McpHub.Auth;

/// <summary>The credentials of the hub's identities at servers.</summary>
internal sealed class UpstreamTokens(TokenStore store, PendingSignIns pending, OAuthClient client, TimeProvider time)
{
    private const int Max = 20_000;

    // Of its own: it outlives the servers it is used for.
    private readonly OAuthHttp http = new(ServerClients.Create(allowLinkLocal: false, maxConnections: 64));
    private readonly ConcurrentDictionary<(string Server, string? Url, string Identity), OAuthFlow> flows = new();

    /// <summary>Those of a caller at a server.</summary>
    public IUpstreamAuth Of(UpstreamSettings settings, HubCaller caller)
    {
        if (settings.OAuth is not { } oauth)
        {
            return new NoAuth(settings.Id);
        }

        if (flows.Count > Max)
        {
            // What they know is in the store.
            flows.Clear();
        }

        return flows.GetOrAdd(
            ($"{settings.Id} {settings.Fingerprint()}", settings.Url, oauth.PerUser ? caller.Identity : ""),
            _ => new OAuthFlow(settings, caller, http, store, pending, client, time));
    }
}
