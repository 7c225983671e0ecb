namespace Gateway.Guardrails.Vault;

/// <summary>Keeps the sealed pseudonyms of conversations for a while after they were last used.</summary>
internal interface IVaultStore
{
    /// <summary>What a conversation has: pseudonyms with what they stand for, sealed.</summary>
    ValueTask<IReadOnlyCollection<KeyValuePair<string, byte[]>>> LoadAsync(string conversation, CancellationToken cancellationToken);

    /// <summary>Adds to a conversation.</summary>
    /// <returns>False, and nothing is added, when one of the pseudonyms is given out already.</returns>
    ValueTask<bool> TryAddAsync(string conversation, IReadOnlyCollection<KeyValuePair<string, byte[]>> entries, CancellationToken cancellationToken);
}
