namespace Gateway.Governance.Access;

/// <summary>Who holds a key of whose value only the hash is known: asked anew at each call of a session that a key began, so that it ends with the key.</summary>
internal sealed class KeyActors(AdminKeyStore keys, KeyHolders holders, TimeProvider time)
{
    /// <summary>The holder as the key is now; null when it is gone, has another value, is blocked or expired.</summary>
    public async Task<Actor?> FindAsync(string sha256, bool isAdmin, CancellationToken cancellation)
        => !isAdmin ? await holders.FindByHashAsync(sha256, cancellation).ConfigureAwait(false)
            : await keys.FindByHashAsync(sha256, cancellation).ConfigureAwait(false) is { Enabled: true } key && !(key.ExpiresAt <= time.GetUtcNow()) ? key.ToActor()
            : null;
}
