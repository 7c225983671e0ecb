using System.Net;
using System.Net.Sockets;

namespace Gateway.Edge.Upstream;

/// <summary>Connects to providers and refuses link-local and cloud metadata addresses, whatever name they hide behind.</summary>
internal sealed class GuardedConnector(bool allowLinkLocal)
{
    // Alibaba Cloud and Oracle Cloud keep their metadata service outside the link-local range.
    private static readonly IPAddress[] _metadata = [IPAddress.Parse("100.100.100.200"), IPAddress.Parse("192.0.0.192"), IPAddress.Parse("fd00:ec2::254")];

    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var addresses = IPAddress.TryParse(context.DnsEndPoint.Host, out var literal)
            ? [literal]
            : await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken).ConfigureAwait(false);
        var allowed = allowLinkLocal ? addresses : Array.FindAll(addresses, static a => !IsForbidden(a));
        if (allowed.Length == 0)
        {
            throw new ForbiddenAddressException(context.DnsEndPoint.Host);
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    internal static bool IsForbidden(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (plain.IsIPv6LinkLocal || Array.IndexOf(_metadata, plain) >= 0)
        {
            return true;
        }

        Span<byte> bytes = stackalloc byte[16];
        return plain.AddressFamily == AddressFamily.InterNetwork
            && plain.TryWriteBytes(bytes, out _)
            && ((bytes[0] == 169 && bytes[1] == 254) || bytes[0] == 0);
    }
}

/// <summary>A provider's name resolves to nothing but addresses that must not be called.</summary>
internal sealed class ForbiddenAddressException(string host)
    : IOException($"'{host}' resolves to a link-local or metadata address, which providers may not use (allowLinkLocal).");
