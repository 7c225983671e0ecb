using System.Text;
using Gateway.McpHub.Configuration;

namespace Gateway.McpHub.Auth;

/// <summary>The hub as a client of authorization servers: its registrations, and what it asks token endpoints.</summary>
internal sealed class OAuthClient(TokenStore store, IConfiguration configuration, TimeProvider time)
{
    /// <summary>Configuration key of the address under which browsers reach the gateway. Default <c>http://localhost:8080</c>.</summary>
    public const string PublicUrlKey = "McpHub:PublicUrl";

    /// <summary>Configuration key of an https address that serves the hub's client metadata document. Without it the hub registers dynamically.</summary>
    public const string ClientMetadataKey = "McpHub:ClientMetadataUrl";

    /// <summary>Path to which browsers come back.</summary>
    public const string CallbackPath = "/mcp-connect/callback";

    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    private const string Post = "client_secret_post";
    private const string Basic = "client_secret_basic";
    private const string None = "none";

    /// <summary>Address to which browsers come back.</summary>
    public string Callback { get; } = (configuration[PublicUrlKey] is { Length: > 0 } url ? url.TrimEnd('/') : "http://localhost:8080") + CallbackPath;

    /// <summary>The scopes to ask for: those configured, else those of the challenge, else all of the resource; never less than what was granted before.</summary>
    public string? ScopeOf(OAuthSettings settings, Discovered found, string? granted)
    {
        IEnumerable<string> wanted = settings.Scopes.Count > 0 ? settings.Scopes
            : found.ChallengeScope is { Length: > 0 } named ? named.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            : found.ResourceScopes ?? [];
        if (settings.Scopes.Count > 0 && granted is not null && found.ChallengeScope is { } more)
        {
            wanted = wanted.Concat(more.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }

        var all = wanted.Concat(granted?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? []).ToList();

        // Without it many servers give no token to renew with.
        if (settings.PerUser && found.Server.ScopesSupported?.Contains("offline_access") == true)
        {
            all.Add("offline_access");
        }

        return all.Count == 0 ? null : string.Join(' ', all.Distinct(StringComparer.Ordinal));
    }

    /// <summary>The hub's registration with an authorization server; null when there is none to be had. A registration is never used with another server than it was made with.</summary>
    public async ValueTask<Grant?> RegisterAsync(UpstreamSettings settings, Discovered found, string? scope, OAuthHttp http, CancellationToken cancellation)
    {
        var oauth = settings.OAuth!;
        if (oauth.ClientId.Length > 0)
        {
            return new Grant { ClientId = oauth.ClientId, ClientSecret = oauth.ClientSecret, ClientAuth = AuthOf(found.Server, oauth.ClientSecret is not null) };
        }

        if (configuration[ClientMetadataKey] is { Length: > 0 } document && found.Server.ClientIdMetadataDocumentSupported == true)
        {
            return new Grant { ClientId = document, ClientAuth = None };
        }

        var name = $"client {found.Issuer} {Callback}";
        if (store.Find(name) is { } known)
        {
            return known;
        }

        if (found.Server.RegistrationEndpoint is not { } endpoint)
        {
            return null;
        }

        var auth = AuthOf(found.Server, hasSecret: true);
        var answer = await http.PostAsync(
            endpoint,
            new RegistrationRequest(
                "Gateway", [Callback], oauth.PerUser ? ["authorization_code", "refresh_token"] : ["client_credentials"], oauth.PerUser ? ["code"] : [], auth, "web", scope),
            AuthJson.Default.RegistrationRequest,
            AuthJson.Default.RegistrationAnswer,
            cancellation).ConfigureAwait(false);
        if (answer?.ClientId is not { Length: > 0 } id)
        {
            return null;
        }

        var made = new Grant { Issuer = found.Issuer, ClientId = id, ClientSecret = answer.ClientSecret, ClientAuth = answer.ClientSecret is null ? None : answer.TokenEndpointAuthMethod ?? auth };
        store.Save(name, made);
        return made;
    }

    /// <summary>Asks a token endpoint; what it gave, or null.</summary>
    public async ValueTask<Grant?> RequestAsync(Grant grant, Dictionary<string, string> form, OAuthHttp http, CancellationToken cancellation)
    {
        if (grant.Resource is not null)
        {
            form["resource"] = grant.Resource;
        }

        string? basic = null;
        if (grant.ClientAuth == Basic && grant.ClientSecret is not null)
        {
            basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(grant.ClientId!)}:{Uri.EscapeDataString(grant.ClientSecret)}"));
        }
        else
        {
            form["client_id"] = grant.ClientId!;
            if (grant.ClientSecret is not null && grant.ClientAuth != None)
            {
                form["client_secret"] = grant.ClientSecret;
            }
        }

        var answer = await http.PostAsync(grant.TokenEndpoint!, form, basic, AuthJson.Default.TokenAnswer, cancellation).ConfigureAwait(false);
        var now = time.GetUtcNow();
        TimeSpan? lifetime = answer?.ExpiresIn is > 0 and < 1e9 ? TimeSpan.FromSeconds(answer.ExpiresIn.Value) : null;
        return answer is { AccessToken: { Length: > 0 } token, Error: null }
            ? grant with
            {
                AccessToken = token,
                RefreshToken = answer.RefreshToken,
                ExpiresAt = now + lifetime,

                // A token that lives for seconds would otherwise be renewed by each request.
                RenewAt = now + lifetime - (lifetime / 4 < Margin ? lifetime / 4 : Margin),
                Scope = answer.Scope ?? grant.Scope,
            }
            : null;
    }

    // RFC 8414: what is not said is client_secret_basic.
    private static string AuthOf(ServerDocument server, bool hasSecret)
    {
        var supported = server.TokenEndpointAuthMethodsSupported ?? [Basic];
        return !hasSecret ? None : supported.Contains(Basic) ? Basic : supported.Contains(Post) ? Post : None;
    }
}
