using Gateway.Governance.Keys;

namespace Gateway.Governance.Access;

/// <summary>Recognises callers of the admin API by what they send as a bearer token.</summary>
internal sealed class AdminCallers(AdminKeyStore keys, KeyHolders holders, TimeProvider time)
{
    /// <summary>Who sends a token; null when it is not known, blocked or expired.</summary>
    public async Task<Actor?> FindAsync(string token, CancellationToken cancellation)
        => KeyMaterial.IsAdmin(token) ? await keys.FindByValueAsync(token, cancellation).ConfigureAwait(false) is { Enabled: true } key && !(key.ExpiresAt <= time.GetUtcNow()) ? key.ToActor() : null
            : KeyMaterial.IsVirtual(token) ? await holders.FindAsync(token, cancellation).ConfigureAwait(false)
            : null;
}
