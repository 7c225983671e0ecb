using System.Net.Sockets;

namespace Gateway.Governance.Secrets;

/// <summary>Reads secrets from one kind of place.</summary>
internal interface ISecretStore
{
    /// <summary>The kind of place.</summary>
    SecretKind Kind { get; }

    /// <summary>Reads what a reference names, now.</summary>
    Task<SecretRead> ReadAsync(SecretReference reference, CancellationToken cancellation);
}

/// <summary>Reads secrets wherever they are.</summary>
internal sealed class SecretStores(IEnumerable<ISecretStore> stores, TimeProvider time)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);
    private readonly Dictionary<SecretKind, ISecretStore> _stores = stores.ToDictionary(s => s.Kind);

    public async Task<SecretRead> ReadAsync(SecretReference reference, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(Longest, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            return await _stores[reference.Kind].ReadAsync(reference, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return SecretRead.Unavailable($"there was no answer within {Longest.TotalSeconds:0} s");
        }
        catch (HttpRequestException fault)
        {
            return SecretRead.Unavailable(fault.InnerException is SocketException socket ? $"it cannot be reached ({socket.SocketErrorCode})"
                : fault.HttpRequestError == HttpRequestError.SecureConnectionError ? "its certificate or TLS connection is not good"
                : (fault.InnerException ?? fault).Message.Contains("metadata addresses", StringComparison.Ordinal) ? "its address is a link-local or metadata address, which is not called"
                : "it cannot be reached");
        }
        catch (IOException)
        {
            return SecretRead.Unavailable("its answer broke off or is too large");
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // A bug in the reading of one kind must not end the reading of all others, nor show what was read.
            return SecretRead.Unavailable($"reading it failed ({fault.GetType().Name})");
        }
    }
}
