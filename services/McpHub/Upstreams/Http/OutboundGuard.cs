using System.Net;
using System.Net.Sockets;

namespace Gateway.McpHub.Upstreams.Http;

/// <summary>Connects to servers and refuses cloud metadata addresses, and link-local ones unless a server is allowed them, whatever name they hide behind.</summary>
internal sealed class OutboundGuard(bool allowLinkLocal)
{
    // Those outside the link-local range are Alibaba Cloud's and Oracle Cloud's.
    private static readonly IPAddress[] Metadata =
        [IPAddress.Parse("169.254.169.254"), IPAddress.Parse("169.254.170.2"), IPAddress.Parse("100.100.100.200"), IPAddress.Parse("192.0.0.192"), IPAddress.Parse("fd00:ec2::254")];

    /// <summary>A client that keeps no cookies, follows no redirects, uses no proxy of the machine and decompresses nothing.</summary>
    public static HttpMessageInvoker Client(bool allowLinkLocal, int maxConnections) => new(new SocketsHttpHandler
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
        ConnectCallback = new OutboundGuard(allowLinkLocal).ConnectAsync,
    });

    /// <summary>Connects.</summary>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var host = context.DnsEndPoint.Host.Trim('[', ']');
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, cancellation).ConfigureAwait(false);
        var allowed = Array.FindAll(addresses, a => !IsForbidden(a, allowLinkLocal));
        if (allowed.Length == 0)
        {
            throw new ForbiddenAddressException();
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    internal static bool IsForbidden(IPAddress address, bool allowLinkLocal)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (Array.IndexOf(Metadata, plain) >= 0)
        {
            return true;
        }

        var bytes = plain.GetAddressBytes();
        var isLinkLocal = plain.IsIPv6LinkLocal || (plain.AddressFamily == AddressFamily.InterNetwork && bytes[0] == 169 && bytes[1] == 254);
        return (isLinkLocal && !allowLinkLocal) || (plain.AddressFamily == AddressFamily.InterNetwork && bytes[0] == 0);
    }
}

/// <summary>A name resolves to nothing but addresses that must not be called.</summary>
internal sealed class ForbiddenAddressException() : IOException("its name resolves to a link-local or metadata address, which servers may not use");
