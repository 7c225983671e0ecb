using System.Collections.Concurrent;
using Gateway.ServiceDefaults.Outbound;
using Gateway.Tokens;

namespace Gateway.Edge.Callers;

/// <summary>The keys of the issuers in use. They survive changes of the configuration that leave the issuer's address alone.</summary>
internal sealed class JwtKeyring : IDisposable
{
    // Whoever withdrew a key while an edge was off and an issuer down is believed again after this time at the latest.
    private static readonly TimeSpan Oldest = TimeSpan.FromDays(30);

    private readonly ConcurrentDictionary<(string Issuer, string? Jwks), IssuerKeys> _keys = new();
    private volatile IReadOnlyDictionary<(string Issuer, string? Jwks), KeptIssuerKeys> _kept = new Dictionary<(string, string?), KeptIssuerKeys>();
    private readonly HttpMessageInvoker _http;
    private readonly TimeProvider _time;
    private TaskCompletionSource _wake = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public JwtKeyring(TimeProvider time)
    {
        _time = time;
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            ConnectCallback = new OutboundGuard(AllowedAddresses.Ordinary).ConnectAsync,
        });
    }

    /// <summary>The keys of an issuer.</summary>
    public IssuerKeys Of(string issuer, string? jwks)
        => _keys.GetOrAdd((issuer, jwks), static (key, self) => self.Make(key.Issuer, key.Jwks), this);

    /// <summary>Takes keys that were kept: those of an issuer are used until it gives its own.</summary>
    public void Remember(IReadOnlyList<KeptIssuerKeys> kept)
    {
        var oldest = _time.GetUtcNow() - Oldest;
        _kept = kept.Where(k => k.FetchedAt >= oldest).GroupBy(static k => (k.Issuer, k.Jwks)).ToDictionary(static g => g.Key, static g => g.First());
        foreach (var (key, keys) in _keys)
        {
            Restore(key, keys);
        }
    }

    /// <summary>The keys of the issuers in use, for keeping.</summary>
    public IReadOnlyList<KeptIssuerKeys> ToKeep()
    {
        var now = _time.GetUtcNow();
        return
        [
            .. _keys.Where(static k => !k.Value.Document.IsEmpty).OrderBy(static k => k.Key.Issuer, StringComparer.Ordinal).Select(k => new KeptIssuerKeys
            {
                // Of an issuer that does not answer they stay as old as they are.
                Issuer = k.Key.Issuer, Jwks = k.Key.Jwks, Document = k.Value.Document.ToArray(), FetchedAt = k.Value.Fault is not null && _kept.TryGetValue(k.Key, out var before) ? before.FetchedAt : now,
            }),
        ];
    }

    /// <summary>Forgets the keys of all other issuers, and has those that are new fetched at once.</summary>
    public void Keep(IEnumerable<(string Issuer, string? Jwks)> used)
    {
        var kept = used.ToHashSet();
        foreach (var key in _keys.Keys.Where(k => !kept.Contains(k)))
        {
            _keys.TryRemove(key, out _);
        }

        Wake();
    }

    /// <summary>Has fetched what is due.</summary>
    public void Wake() => Volatile.Read(ref _wake).TrySetResult();

    /// <summary>Fetches keys when they are due, until it is told to stop.</summary>
    /// <param name="fetched">Called after some were fetched, or tried to be.</param>
    /// <param name="stopping">Ends it.</param>
    public async Task RunAsync(Func<Task> fetched, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var wake = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _wake, wake);
            var due = _keys.Values.Where(static k => k.IsDue).ToList();
            if (due.Count > 0)
            {
                await Task.WhenAll(due.Select(k => k.RefreshAsync(stopping))).ConfigureAwait(false);
                await fetched().ConfigureAwait(false);
            }

            using var enough = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            await Task.WhenAny(wake.Task, _keys.IsEmpty ? Task.Delay(Timeout.InfiniteTimeSpan, _time, enough.Token) : Task.Delay(TimeSpan.FromSeconds(1), _time, enough.Token)).ConfigureAwait(false);
            await enough.CancelAsync().ConfigureAwait(false);
        }
    }

    public void Dispose() => _http.Dispose();

    private IssuerKeys Make(string issuer, string? jwks)
    {
        var keys = new IssuerKeys(issuer, jwks is null ? null : new Uri(jwks), _http, _time);
        Restore((issuer, jwks), keys);
        return keys;
    }

    private void Restore((string Issuer, string? Jwks) key, IssuerKeys keys)
    {
        if (_kept.TryGetValue(key, out var kept))
        {
            keys.Restore(kept.Document);
        }
    }
}

/// <summary>Keeps the keys of issuers fresh, off the path of requests, and on disk for the next start.</summary>
internal sealed partial class JwtKeyKeeper(Runtime.RuntimeState state, IssuerKeyStore store, ILogger<JwtKeyKeeper> logger) : BackgroundService
{
    // New on disk at least this often, so that it tells how old the keys are.
    private const int RoundsBetween = 6;

    private IReadOnlyList<KeptIssuerKeys> _saved = [];
    private int _rounds;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Before requests come: a token of an issuer that is down is let in from the first one on.
        state.Jwt.Remember(await store.LoadAsync(cancellationToken).ConfigureAwait(false));
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => state.Jwt.RunAsync(() => SaveAsync(stoppingToken), stoppingToken);

    private async Task SaveAsync(CancellationToken cancellation)
    {
        var keys = state.Jwt.ToKeep();
        var isSame = keys.Count == _saved.Count && keys.Zip(_saved).All(static p => p.First.Issuer == p.Second.Issuer && p.First.Jwks == p.Second.Jwks && p.First.Document.AsSpan().SequenceEqual(p.Second.Document));
        if (keys.Count == 0 || (isSame && ++_rounds % RoundsBetween != 0))
        {
            return;
        }

        try
        {
            await store.SaveAsync(keys, cancellation).ConfigureAwait(false);
            _saved = keys;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            LogNotSaved(logger, fault.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The keys of JWT issuers could not be kept on disk: after a restart tokens wait for their issuers. {Reason}")]
    private static partial void LogNotSaved(ILogger logger, string reason);
}
