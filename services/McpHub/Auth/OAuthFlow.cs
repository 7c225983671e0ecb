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
    private const int MostRefused = 2;
    private const int MostDoublings = 6;
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RefusedWindow = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan SameAddress = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim renewing = new(1, 1);
    private readonly SemaphoreSlim asking = new(1, 1);
    private DateTimeOffset refusedSince;
    private int refused;
    private DateTimeOffset renewNotBefore;
    private int renewalsFailed;
    private (UpstreamFault Fault, DateTimeOffset Until)? given;
    private int givenUp;
    private (string For, string State, Uri Address, DateTimeOffset At)? asked;
    private readonly OAuthSettings oauth = settings.OAuth!;
    private readonly string name = $"token {settings.Id} {settings.Url} {(settings.OAuth!.PerUser ? caller.Identity : "")}";

    /// <inheritdoc/>
    public async ValueTask<string?> TokenAsync(CancellationToken cancellation)
    {
        if (store.Find(name) is not { AccessToken: { } token } grant)
        {
            return null;
        }

        return grant.ExpiresAt is { } end && (grant.RenewAt ?? end - Margin) < time.GetUtcNow() && await RenewAsync(token, cancellation).ConfigureAwait(false) ? store.Find(name)?.AccessToken : token;
    }

    /// <inheritdoc/>
    public async ValueTask<UpstreamFault?> ChallengedAsync(string? used, int status, string? challenge, CancellationToken cancellation)
    {
        // Many calls are refused at a time where a token ran out: one of them asks.
        await asking.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (store.Find(name)?.AccessToken is { } current && current != used)
            {
                return null;
            }

            if (Remembered($"{used} {challenge}") is { } fault)
            {
                return fault;
            }

            var answer = await AskAsync(used, status, challenge, cancellation).ConfigureAwait(false);
            Remember(answer);
            return answer;
        }
        finally
        {
            asking.Release();
        }
    }

    // What was answered a moment ago holds a moment longer, so that a caller who tries without a pause does not have the servers asked as often.
    private UpstreamFault? Remembered(string what)
    {
        var now = time.GetUtcNow();
        if (given is { } last && last.Until > now)
        {
            return last.Fault;
        }

        return asked is { } one && one.For == what && now - one.At < SameAddress && pending.Has(one.State) ? Faults.Unauthorized(settings.Id, one.Address) : null;
    }

    private void Remember(UpstreamFault? answer)
    {
        if (answer is null or { ConnectAt: not null })
        {
            (given, givenUp) = (null, 0);
            return;
        }

        given = (answer, time.GetUtcNow() + (FirstPause * (1 << Math.Min(givenUp++, MostDoublings))));
    }

    private async ValueTask<UpstreamFault?> AskAsync(string? used, int status, string? challenge, CancellationToken cancellation)
    {
        var said = BearerChallenge.Read(challenge);
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

        if (used is not null && !MayAskAgain())
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

        return Faults.Unauthorized(settings.Id, SignIn(endpoint, found, registered, scope, $"{used} {challenge}"));
    }

    // Nobody is sent to sign in again and again for rights that he does not get, and no token is asked for that will be refused like the last.
    private bool MayAskAgain()
    {
        var now = time.GetUtcNow();
        if (now - refusedSince > RefusedWindow)
        {
            (refusedSince, refused) = (now, 0);
        }

        return ++refused <= MostRefused;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        renewing.Dispose();
        asking.Dispose();
    }

    private Uri SignIn(string endpoint, Discovered found, Grant registered, string? scope, string what)
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
        var address = new Uri($"{endpoint}{(endpoint.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{string.Join('&', parts)}");
        asked = (what, state, address, time.GetUtcNow());
        return address;
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

            if (grant.RefreshToken is null || time.GetUtcNow() < renewNotBefore)
            {
                return false;
            }

            var form = new Dictionary<string, string> { ["grant_type"] = "refresh_token", ["refresh_token"] = grant.RefreshToken };
            if (await client.RequestAsync(grant, form, http, cancellation).ConfigureAwait(false) is not { } renewed)
            {
                renewNotBefore = time.GetUtcNow() + (FirstPause * (1 << Math.Min(renewalsFailed++, MostDoublings)));
                return false;
            }

            renewalsFailed = 0;
            store.Save(name, renewed with { RefreshToken = renewed.RefreshToken ?? grant.RefreshToken });
            return true;
        }
        finally
        {
            renewing.Release();
        }
    }
}
