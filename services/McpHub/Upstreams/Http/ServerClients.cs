using Gateway.ServiceDefaults.Outbound;

namespace Gateway.McpHub.Upstreams.Http;

/// <summary>Clients for servers and for who signs in to them.</summary>
internal static class ServerClients
{
    /// <summary>A client that keeps no cookies, follows no redirects, uses no proxy of the machine and decompresses nothing.</summary>
    /// <param name="allowLinkLocal">Whether link-local addresses may be called; metadata addresses never may.</param>
    /// <param name="maxConnections">To one server.</param>
    public static HttpMessageInvoker Create(bool allowLinkLocal, int maxConnections) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ActivityHeadersPropagator = null,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        MaxConnectionsPerServer = maxConnections,
        MaxResponseHeadersLength = 64,
        ConnectCallback = new OutboundGuard(allowLinkLocal ? AllowedAddresses.LinkLocal : AllowedAddresses.Ordinary).ConnectAsync,
    });
}
