using Gateway.ServiceDefaults.Outbound;

namespace Gateway.Governance.Outbound;

/// <summary>Clients for addresses that administrators configure.</summary>
internal static class OutboundClients
{
    /// <summary>A client that keeps no cookies, follows no redirects and uses no proxy of the machine.</summary>
    public static HttpClient Client(TimeSpan timeout) => new(new SocketsHttpHandler
    {
        UseProxy = false, UseCookies = false, AllowAutoRedirect = false, ConnectCallback = new OutboundGuard(AllowedAddresses.Ordinary).ConnectAsync,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5), MaxResponseHeadersLength = 16,
    }) { Timeout = timeout };

    /// <summary>The same without a limit of its own; with <paramref name="allowMetadata"/> for the identity that a cloud gives to its machines, and nothing else.</summary>
    public static HttpMessageInvoker Invoker(bool allowMetadata) => new(new SocketsHttpHandler
    {
        UseProxy = false, UseCookies = false, AllowAutoRedirect = false, ActivityHeadersPropagator = null, MaxResponseHeadersLength = 64,
        ConnectTimeout = TimeSpan.FromSeconds(allowMetadata ? 2 : 5), PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        ConnectCallback = new OutboundGuard(allowMetadata ? AllowedAddresses.Any : AllowedAddresses.Ordinary).ConnectAsync,
    });
}
