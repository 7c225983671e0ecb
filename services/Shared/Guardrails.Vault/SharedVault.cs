using Microsoft.Extensions.Logging;

namespace Gateway.Guardrails.Vault;

/// <summary>
/// The shared vault with this edge's own behind it. When the shared one cannot be reached, conversations go on with what this edge knows of them; a conversation that moves to another
/// edge meanwhile gets new pseudonyms there, and those given out before stay in its texts as they are.
/// </summary>
internal sealed partial class SharedVault(IVaultStore shared, MemoryVault own, ILogger<SharedVault> logger) : IVaultStore
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(1);

    public async ValueTask<IReadOnlyCollection<KeyValuePair<string, byte[]>>> LoadAsync(string conversation, CancellationToken cancellationToken)
    {
        var known = await own.LoadAsync(conversation, cancellationToken).ConfigureAwait(false);
        try
        {
            var entries = await shared.LoadAsync(conversation, cancellationToken).AsTask().WaitAsync(_limit, cancellationToken).ConfigureAwait(false);
            return known.Count == 0 ? entries : [.. entries.Concat(known).DistinctBy(static e => e.Key, StringComparer.Ordinal)];
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogAlone(e.Message);
            return known;
        }
    }

    public async ValueTask<bool> TryAddAsync(string conversation, IReadOnlyCollection<KeyValuePair<string, byte[]>> entries, CancellationToken cancellationToken)
    {
        try
        {
            if (!await shared.TryAddAsync(conversation, entries, cancellationToken).AsTask().WaitAsync(_limit, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogAlone(e.Message);
        }

        return await own.TryAddAsync(conversation, entries, cancellationToken).ConfigureAwait(false);
    }

    [LoggerMessage(LogLevel.Warning, "the shared vault of pseudonyms cannot be reached ({Reason}); conversations go on with what this process knows")]
    private partial void LogAlone(string reason);
}
