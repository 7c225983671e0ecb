using System.Net;
using System.Net.Sockets;

namespace Gateway.ServiceDefaults.Outbound;

/// <summary>
/// Connects to what people configure and refuses addresses that must not be called, whatever name they hide behind: the address that was looked at is the one that is
/// connected to.
/// </summary>
/// <param name="allowed">Which addresses may be called.</param>
public sealed class OutboundGuard(AllowedAddresses allowed)
{
    // The first two are in the link-local range; Alibaba Cloud and Oracle Cloud keep their metadata service outside of it.
    private static readonly IPAddress[] _metadata =
        [IPAddress.Parse("169.254.169.254"), IPAddress.Parse("169.254.170.2"), IPAddress.Parse("100.100.100.200"), IPAddress.Parse("192.0.0.192"), IPAddress.Parse("fd00:ec2::254")];

    /// <summary>Whether an address must not be called.</summary>
    /// <param name="address">The address; one of IPv4 written as IPv6 counts as what it stands for.</param>
    /// <param name="allowed">Which addresses may be called.</param>
    public static bool IsForbidden(IPAddress address, AllowedAddresses allowed)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (allowed == AllowedAddresses.Any)
        {
            return false;
        }

        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (Array.IndexOf(_metadata, plain) >= 0)
        {
            return true;
        }

        Span<byte> bytes = stackalloc byte[16];
        var isFour = plain.AddressFamily == AddressFamily.InterNetwork && plain.TryWriteBytes(bytes, out _);
        var isLinkLocal = plain.IsIPv6LinkLocal || (isFour && bytes[0] == 169 && bytes[1] == 254);
        return (isLinkLocal && allowed != AllowedAddresses.LinkLocal) || (isFour && bytes[0] == 0);
    }

    /// <summary>The addresses of a host that may be called.</summary>
    /// <param name="host">A name or an address, also one in brackets.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    /// <exception cref="ForbiddenAddressException">There are none.</exception>
    /// <exception cref="SocketException">The name is unknown.</exception>
    public async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(host);
        var addresses = IPAddress.TryParse(host.Trim('[', ']'), out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
        var callable = Array.FindAll(addresses, a => !IsForbidden(a, allowed));
        return callable.Length > 0 ? callable : throw new ForbiddenAddressException(host);
    }

    /// <summary>Connects; what <see cref="SocketsHttpHandler.ConnectCallback"/> is set to.</summary>
    /// <param name="context">Where to.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var addresses = await ResolveAsync(context.DnsEndPoint.Host, cancellationToken).ConfigureAwait(false);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
