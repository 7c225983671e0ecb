using System.Collections.Concurrent;
using Gateway.Edge.Upstream;
using Gateway.Tokens;

namespace Gateway.Edge.Callers;

/// <summary>The keys of the issuers in use. They survive changes of the configuration that leave the issuer's address alone.</summary>
internal sealed class JwtKeyring : IDisposable
{
    private readonly ConcurrentDictionary<(string Issuer, string? Jwks), IssuerKeys> _keys = new();
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
            ConnectCallback = new GuardedConnector(allowLinkLocal: false).ConnectAsync,
        });
    }

    /// <summary>The keys of an issuer.</summary>
    public IssuerKeys Of(string issuer, string? jwks)
        => _keys.GetOrAdd((issuer, jwks), static (key, self) => new IssuerKeys(key.Issuer, key.Jwks is null ? null : new Uri(key.Jwks), self._http, self._time), this);

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
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var wake = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _wake, wake);
            await Task.WhenAll(_keys.Values.Where(static k => k.IsDue).Select(k => k.RefreshAsync(stopping))).ConfigureAwait(false);
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            await Task.WhenAny(wake.Task, _keys.IsEmpty ? Task.Delay(Timeout.InfiniteTimeSpan, _time, enough.Token) : Task.Delay(TimeSpan.FromSeconds(1), _time, enough.Token)).ConfigureAwait(false);
            await enough.CancelAsync().ConfigureAwait(false);
        }
    }

    public void Dispose() => _http.Dispose();
}

/// <summary>Keeps the keys of issuers fresh, off the path of requests.</summary>
internal sealed class JwtKeyKeeper(Runtime.RuntimeState state) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => state.Jwt.RunAsync(stoppingToken);
}
