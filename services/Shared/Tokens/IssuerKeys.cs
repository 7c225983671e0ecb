namespace Gateway.Tokens;

/// <summary>
/// An issuer's keys: fetched, kept, and fetched again. The last good ones are used for as long as the issuer does not answer. However many tokens name unknown
/// keys, the issuer is asked a few times at most and then no more often than every half minute.
/// </summary>
public sealed class IssuerKeys : IDisposable
{
    private const int MostBytes = 512 * 1024;
    private const int Burst = 3;

    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AskedEvery = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly string _issuer;
    private readonly Uri? _jwks;
    private readonly HttpMessageInvoker _http;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _fetching = new(1, 1);
    private readonly Lock _asked = new();
    private readonly Queue<DateTimeOffset> _asks = new();
    private volatile State _state = new(JwkSet.Empty, null, DateTimeOffset.MinValue, null);

    /// <summary>Makes the keys of an issuer; nothing is fetched yet.</summary>
    /// <param name="issuer">The issuer, as tokens name it.</param>
    /// <param name="jwks">Where its keys are; null: as its discovery document says.</param>
    /// <param name="http">Makes the calls; it must not follow redirects.</param>
    /// <param name="time">Clock.</param>
    public IssuerKeys(string issuer, Uri? jwks, HttpMessageInvoker http, TimeProvider time)
    {
        (_issuer, _jwks, _http, _time) = (issuer, jwks, http, time);
    }

    /// <summary>The last good keys; empty before the first were fetched.</summary>
    public JwkSet Current => _state.Keys;

    /// <summary>The last good key set as it came, for keeping it; empty before the first.</summary>
    public ReadOnlyMemory<byte> Document => _state.Document;

    /// <summary>Takes a key set that was kept, until the first is fetched, which stays due.</summary>
    /// <param name="document">The key set.</param>
    /// <returns>False when it has no key that can be used, or keys are known already.</returns>
    public bool Restore(ReadOnlyMemory<byte> document)
    {
        if (Current.Count > 0 || JwkSet.Read(document) is not { } set)
        {
            return false;
        }

        _state = _state with { Keys = set, Document = document };
        return true;
    }

    /// <summary>What the issuer says of itself; null before it was fetched, and with a given key address.</summary>
    public IssuerMetadata? Metadata => _state.Metadata;

    /// <summary>Why the last fetch failed, or null.</summary>
    public string? Fault => _state.Fault;

    /// <summary>True when it is time to fetch the keys (again).</summary>
    public bool IsDue => _time.GetUtcNow() >= _state.Due;

    /// <summary>Asks for a fetch because a token names a key that is not known. False when it has been asked too often.</summary>
    public bool Ask()
    {
        var now = _time.GetUtcNow();
        lock (_asked)
        {
            while (_asks.TryPeek(out var oldest) && now - oldest >= AskedEvery * Burst)
            {
                _asks.Dequeue();
            }

            if (_asks.Count >= Burst)
            {
                return false;
            }

            _asks.Enqueue(now);
        }

        _state = _state with { Due = now };
        return true;
    }

    /// <summary>Fetches the keys if it is time. Callers at the same time share one fetch.</summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        if (!IsDue)
        {
            return;
        }

        await _fetching.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (!IsDue)
            {
                return;
            }

            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(Patience);
            _state = await FetchAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException || (fault is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            _state = Failed(fault is OperationCanceledException ? "it did not answer in time" : fault.Message);
        }
        finally
        {
            _fetching.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _fetching.Dispose();

    private async Task<State> FetchAsync(CancellationToken cancellation)
    {
        IssuerMetadata? metadata = null;
        if (_jwks is null)
        {
            if (await GetAsync(IssuerMetadata.AddressOf(_issuer), cancellation).ConfigureAwait(false) is not { } document)
            {
                return Failed("its discovery document is not there");
            }

            metadata = IssuerMetadata.Read(document, _issuer);
            if (metadata is null)
            {
                return Failed("its discovery document is not valid, or names another issuer");
            }
        }

        if (await GetAsync(_jwks ?? metadata!.Jwks, cancellation).ConfigureAwait(false) is not { } keys)
        {
            return Failed("its keys are not there");
        }

        return JwkSet.Read(keys) is { } set ? new State(set, metadata, _time.GetUtcNow() + Fresh, null) { Document = keys } : Failed("its key set has no key that can be used");
    }

    private State Failed(string reason) => _state with { Due = _time.GetUtcNow() + RetryAfter, Fault = reason };

    private async Task<byte[]?> GetAsync(Uri address, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.ParseAdd("application/json");
        using var response = await _http.SendAsync(request, cancellation).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode || response.Content.Headers.ContentLength > MostBytes)
        {
            return null;
        }

        var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var buffer = new byte[MostBytes + 1];
            var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
            return length > MostBytes ? null : buffer[..length];
        }
    }

    private sealed record State(JwkSet Keys, IssuerMetadata? Metadata, DateTimeOffset Due, string? Fault)
    {
        public ReadOnlyMemory<byte> Document { get; init; }
    }
}
