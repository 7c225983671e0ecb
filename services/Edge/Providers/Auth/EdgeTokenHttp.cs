using System.Net;
using Gateway.CloudAuth;
using Gateway.ServiceDefaults.Outbound;

namespace Gateway.Edge.Providers.Auth;

/// <summary>Makes what calls token endpoints, through the same guard as calls of providers.</summary>
internal static class EdgeTokenHttp
{
    public static TokenHttp Create() => new(Invoker(allowLinkLocal: false), Invoker(allowLinkLocal: true));

    private static HttpMessageInvoker Invoker(bool allowLinkLocal) => new(
        new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.All,
            ActivityHeadersPropagator = null,
            ConnectTimeout = TimeSpan.FromSeconds(allowLinkLocal ? 2 : 5),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            MaxResponseHeadersLength = 64,
            ConnectCallback = new OutboundGuard(allowLinkLocal ? AllowedAddresses.Any : AllowedAddresses.Ordinary).ConnectAsync,
        },
        disposeHandler: true);
}
