using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Gateway.McpHub.Callers;
using Gateway.McpHub.Configuration;
using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.Auth;

/// <summary>The credentials of one identity at a server with OAuth 2.1: found, asked for, renewed and widened as the server wants.</summary>
internal sealed class OAuthFlow(UpstreamSettings settings, HubCaller caller, OAuthHttp http, TokenStore store, PendingSignIns pending, OAuthClient client, TimeProvider time) : IUpstreamAuth, IDisposable
{
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    private const int MaxWidened = 2;
    private static readonly TimeSpan WidenWindow = TimeSpan.FromMinutes(10);

    private DateTimeOffset lastWidened;
    private int widened;
    private readonly SemaphoreSlim renewing = new(1, 1);
    private readonly OAuthSettings oauth = settings.OAuth!;
    private readonly string name = $"token {settings.Id} {settings.Url} {(settings.OAuth!.PerUser ? caller.Identity : "")}";

    /// <inheritdoc/>
    public async ValueTask<string?> TokenAsync(CancellationToken cancellation)
    {
        if (store.Find(name) is not { AccessToken: { } token } grant)
        {
            return null;
        }

        return grant.ExpiresAt is { } end && end - Margin < time.GetUtcNow() && await RenewAsync(token, cancellation).ConfigureAwait(false) ? store.Find(name)?.AccessToken : token;
    }

    /// <inheritdoc/>
    public async ValueTask<UpstreamFault?> ChallengedAsync(string? used, int status, string? challenge, CancellationToken cancellation)
    {
        var said = BearerChallenge.Read(challenge);
        if (store.Find(name)?.AccessToken is { } current && current != used)
        {
            return null;
        }

        var (found, problem) = await new OAuthDiscovery(http).FindAsync(new Uri(settings.Url!), oauth.Issuer, said, cancellation).ConfigureAwait(false);
        if (found is null)
        {
            return new UpstreamFault(UpstreamFaultKind.Unauthorized, $"The server '{settings.Id}' wants a token, but {problem}. An administrator has to look at it.") { IsUnprocessed = true };
        }

        // Tokens are renewed where they come from, and only as long as the server still names that place.
        if (status == 401 && used is not null && store.Find(name)?.Issuer == found.Issuer && await RenewAsync(used, cancellation).ConfigureAwait(false))
        {
            return null;
        }

        if (oauth.PerUser && used is not null && !MayWiden())
        {
            return Faults.Unauthorized(settings.Id, null);
        }

        var scope = client.ScopeOf(oauth, found, status == 403 ? store.Find(name)?.Scope : null);
        if (await client.RegisterAsync(settings, found, scope, http, cancellation).ConfigureAwait(false) is not { } registered)
        {
            return new UpstreamFault(UpstreamFaultKind.Unauthorized, $"The authorization server of '{settings.Id}' does not register clients: an administrator has to enter a client id.") { IsUnprocessed = true };
        }

        if (!oauth.PerUser)
        {
            return await OwnTokenAsync(used, found, registered, scope, cancellation).ConfigureAwait(false);
        }

        // A code that could be stolen on its way is worth nothing without the proof; a server that does not check it is not used.
        if (found.Server.AuthorizationEndpoint is not { } endpoint || !OAuthHttp.IsSafe(endpoint) || found.Server.CodeChallengeMethodsSupported?.Contains("S256") != true)
        {
            return new UpstreamFault(UpstreamFaultKind.Unauthorized, $"The authorization server of '{settings.Id}' does not support PKCE with S256, without which nobody is signed in.") { IsUnprocessed = true };
        }

        return Faults.Unauthorized(settings.Id, SignIn(endpoint, found, registered, scope));
    }

    // Nobody is sent to sign in again and again for rights that he does not get.
    private bool MayWiden()
    {
        var now = time.GetUtcNow();
        if (now - lastWidened > WidenWindow)
        {
            widened = 0;
        }

        lastWidened = now;
        return Interlocked.Increment(ref widened) <= MaxWidened;
    }

    /// <inheritdoc/>
    public void Dispose() => renewing.Dispose();

    private Uri SignIn(string endpoint, Discovered found, Grant registered, string? scope)
    {
        var verifier = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var state = pending.Add(new SignIn(
            name, verifier, registered with { Issuer = found.Issuer, TokenEndpoint = found.Server.TokenEndpoint, Resource = found.Resource, Scope = scope },
            found.Server.AuthorizationResponseIssParameterSupported == true, http));
        var query = new Dictionary<string, string?>
        {
            ["response_type"] = "code",
            ["client_id"] = registered.ClientId,
            ["redirect_uri"] = client.Callback,
            ["state"] = state,
            ["code_challenge"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))),
            ["code_challenge_method"] = "S256",
            ["scope"] = scope,
            ["resource"] = found.Resource,
        };
        var parts = query.Where(q => !string.IsNullOrEmpty(q.Value)).Select(q => $"{q.Key}={Uri.EscapeDataString(q.Value!)}");
        return new Uri($"{endpoint}{(endpoint.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{string.Join('&', parts)}");
    }

    private async ValueTask<UpstreamFault?> OwnTokenAsync(string? used, Discovered found, Grant registered, string? scope, CancellationToken cancellation)
    {
        var grant = registered with { Issuer = found.Issuer, TokenEndpoint = found.Server.TokenEndpoint, Resource = found.Resource, Scope = scope };
        var form = new Dictionary<string, string> { ["grant_type"] = "client_credentials" };
        if (scope is not null)
        {
            form["scope"] = scope;
        }

        if (await client.RequestAsync(grant, form, http, cancellation).ConfigureAwait(false) is { } token && token.AccessToken != used)
        {
            store.Save(name, token);
            return null;
        }

        return Faults.Unauthorized(settings.Id, null);
    }

    private async ValueTask<bool> RenewAsync(string used, CancellationToken cancellation)
    {
        await renewing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (store.Find(name) is not { } grant)
            {
                return false;
            }

            if (grant.AccessToken != used)
            {
                return true;
            }

            if (grant.RefreshToken is null)
            {
                return false;
            }

            var form = new Dictionary<string, string> { ["grant_type"] = "refresh_token", ["refresh_token"] = grant.RefreshToken };
            if (await client.RequestAsync(grant, form, http, cancellation).ConfigureAwait(false) is not { } renewed)
            {
                return false;
            }

            store.Save(name, renewed with { RefreshToken = renewed.RefreshToken ?? grant.RefreshToken });
            return true;
        }
        finally
        {
            renewing.Release();
        }
    }
}
