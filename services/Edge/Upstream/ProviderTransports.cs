using System.Collections.Concurrent;
using System.Net;
using Gateway.CloudAuth;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Providers;
using Gateway.Edge.Providers.Auth;
using Gateway.ServiceDefaults.Outbound;

namespace Gateway.Edge.Upstream;

/// <summary>
/// The connection pools of the providers. A pool outlives changes of configuration as long as what it depends on stays the same, so that
/// editing a route does not close a thousand warm connections.
/// </summary>
internal sealed class ProviderTransports(Func<HttpMessageHandler> demoHandler, AuthContext? authContext = null) : IDisposable
{
    private readonly AuthContext _context = authContext ?? new AuthContext(EdgeTokenHttp.Create(), TimeProvider.System, Environment.GetEnvironmentVariable);
    private UpstreamAuths? _auths;

    private readonly ConcurrentDictionary<TransportKey, HttpMessageInvoker> _invokers = new();

    public HttpMessageInvoker Get(ProviderEntry entry)
    {
        var key = entry.Kind == ProviderKind.Demo
            ? new TransportKey(ProviderKind.Demo, "", 0, false)
            : new TransportKey(entry.Kind, new Uri(entry.BaseUrl).GetLeftPart(UriPartial.Authority), entry.Timeouts.ConnectMs, entry.AllowLinkLocal);
        return _invokers.GetOrAdd(key, Create);
    }

    /// <summary>What puts the credential on requests to the provider.</summary>
    public IUpstreamAuth Auth(ProviderEntry entry, CredentialEntry? credential) => LazyInitializer.EnsureInitialized(ref _auths, () => new UpstreamAuths(_context)).Get(entry, credential);

    /// <summary>The entry with what its kind, its credentials and the environment of this process say.</summary>
    public ProviderEntry Fill(ProviderEntry entry, IEnumerable<CredentialEntry> credentials) => ProviderDefaults.Fill(entry, credentials, _context.Environment);

    public void Dispose()
    {
        foreach (var invoker in _invokers.Values)
        {
            invoker.Dispose();
        }

        _context.Http.Dispose();
    }

    private HttpMessageInvoker Create(TransportKey key) =>
        new(key.Kind == ProviderKind.Demo ? demoHandler() : CreateSocketsHandler(key), disposeHandler: true);

    private static SocketsHttpHandler CreateSocketsHandler(TransportKey key)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            // traceparent is written by the call itself, and only when the trace is sampled.
            ActivityHeadersPropagator = null,
            ConnectTimeout = TimeSpan.FromMilliseconds(key.ConnectMs),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(90),
            // Providers move between addresses; a pool must follow DNS some day.
            PooledConnectionLifetime = TimeSpan.FromMinutes(15),
            EnableMultipleHttp2Connections = true,
            MaxResponseHeadersLength = 64,
            ResponseDrainTimeout = TimeSpan.FromSeconds(1),
        };
        handler.ConnectCallback = new OutboundGuard(key.AllowLinkLocal ? AllowedAddresses.Any : AllowedAddresses.Ordinary).ConnectAsync;
        return handler;
    }

    private readonly record struct TransportKey(ProviderKind Kind, string Authority, int ConnectMs, bool AllowLinkLocal);
}
