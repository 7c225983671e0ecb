using Gateway.Audit;
using Gateway.Governance.Storage;
using Gateway.ServiceDefaults.Files;

namespace Gateway.Governance.Audit;

/// <summary>
/// The key that signs checkpoints: <c>audit-signing.pem</c> beside the key ring, made when it is not there. The file may hold several keys: the first signs, all verify, so a
/// key is rotated by putting a new one in front.
/// </summary>
internal sealed class SigningKeys(GovernanceOptions options) : IDisposable
{
    private readonly SemaphoreSlim _loading = new(1, 1);
    private CheckpointKeys? _keys;

    public string File => Path.Combine(Path.GetDirectoryName(options.KeyRingFile)!, "audit-signing.pem");

    /// <exception cref="StartupException">The file is damaged.</exception>
    public async Task<CheckpointKeys> GetAsync(CancellationToken cancellation)
    {
        if (Volatile.Read(ref _keys) is { } known)
        {
            return known;
        }

        await _loading.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_keys is null)
            {
                OwnerOnlyFiles.EnsureFolder(Path.GetDirectoryName(File)!);
                var text = await PrivateFile.ReadAsync(File, cancellation).ConfigureAwait(false);
                if (text is null)
                {
                    await PrivateFile.WriteAsync(File, CheckpointKeys.NewPrivatePem(), replace: false, cancellation).ConfigureAwait(false);

                    // Read back rather than keep: another instance may have been first.
                    text = await PrivateFile.ReadAsync(File, cancellation).ConfigureAwait(false);
                }

                Volatile.Write(ref _keys, CheckpointKeys.Read(text!) is { SigningKeyId: not null } read
                    ? read
                    : throw new StartupException($"{File} holds no ECDSA P-256 private key in PEM. Restore it, or remove it to have a new one made; then keep the old public key, which old checkpoints need."));
            }

            return _keys!;
        }
        finally
        {
            _loading.Release();
        }
    }

    public void Dispose()
    {
        _keys?.Dispose();
        _loading.Dispose();
    }
}
