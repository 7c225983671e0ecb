using Gateway.Governance.Access.Login;
using Gateway.Governance.Keys;
using Gateway.Tokens;

namespace Gateway.Governance.Access;

/// <summary>Recognises callers of the admin API by what they send as a bearer token.</summary>
internal sealed class AdminCallers(AdminKeyStore keys, KeyHolders holders, OidcIssuer issuer, TimeProvider time)
{
    /// <summary>Who sends a token; null when it is not known, blocked or expired.</summary>
    public async Task<Actor?> FindAsync(string token, CancellationToken cancellation)
        => KeyMaterial.IsAdmin(token) ? await keys.FindByValueAsync(token, cancellation).ConfigureAwait(false) is { Enabled: true } key && !(key.ExpiresAt <= time.GetUtcNow()) ? key.ToActor() : null
            : KeyMaterial.IsVirtual(token) ? await holders.FindAsync(token, cancellation).ConfigureAwait(false)
            : Jwt.HasShape(token) && issuer.Options is { ApiAudience: { } audience } options && (await issuer.CheckAsync(token, audience, cancellation).ConfigureAwait(false)).Jwt is { } jwt ? options.ActorOf(jwt)
            : null;
}
