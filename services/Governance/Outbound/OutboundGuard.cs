using System.Net;
using System.Net.Sockets;

namespace Gateway.Governance.Outbound;

/// <summary>Connects to addresses that administrators configure, and refuses link-local and cloud metadata addresses, whatever name they hide behind.</summary>
internal static class OutboundGuard
{
    // Alibaba Cloud and Oracle Cloud keep their metadata service outside the link-local range.
    private static readonly IPAddress[] _metadata = [IPAddress.Parse("100.100.100.200"), IPAddress.Parse("192.0.0.192"), IPAddress.Parse("fd00:ec2::254")];

    /// <summary>A client that keeps no cookies, follows no redirects and uses no proxy of the machine.</summary>
    public static HttpClient Client(TimeSpan timeout) => new(new SocketsHttpHandler
    {
        UseProxy = false, UseCookies = false, AllowAutoRedirect = false, ConnectCallback = ConnectAsync, PooledConnectionLifetime = TimeSpan.FromMinutes(5), MaxResponseHeadersLength = 16,
    }) { Timeout = timeout };

    /// <summary>The same without a limit of its own; with <paramref name="allowMetadata"/> for the identity that a cloud gives to its machines, and nothing else.</summary>
    public static HttpMessageInvoker Invoker(bool allowMetadata) => new(new SocketsHttpHandler
    {
        UseProxy = false, UseCookies = false, AllowAutoRedirect = false, ActivityHeadersPropagator = null, MaxResponseHeadersLength = 64,
        ConnectTimeout = TimeSpan.FromSeconds(allowMetadata ? 2 : 5), PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        ConnectCallback = allowMetadata ? null : ConnectAsync,
    });

    /// <summary>The addresses of a host that may be called.</summary>
    /// <exception cref="HttpRequestException">There are none.</exception>
    public static async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellation)
    {
        var addresses = IPAddress.TryParse(host.Trim('[', ']'), out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, cancellation).ConfigureAwait(false);
        var allowed = Array.FindAll(addresses, static a => !IsForbidden(a));
        return allowed.Length > 0 ? allowed : throw new HttpRequestException($"'{host}' resolves to nothing but link-local or metadata addresses, which are not called.");
    }

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var addresses = await ResolveAsync(context.DnsEndPoint.Host, cancellation).ConfigureAwait(false);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static bool IsForbidden(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var bytes = plain.GetAddressBytes();
        return plain.IsIPv6LinkLocal
            || Array.IndexOf(_metadata, plain) >= 0
            || (plain.AddressFamily == AddressFamily.InterNetwork && ((bytes[0] == 169 && bytes[1] == 254) || bytes[0] == 0));
    }
}
