using System.Net;
using System.Net.Sockets;

namespace Gateway.AppHost.Local.Model;

/// <summary>The gateway's port.</summary>
/// <param name="Port">The port; 0 when there is an error.</param>
/// <param name="Note">A line for the user, or null.</param>
/// <param name="Error">Why there is no port, or null.</param>
internal sealed record PortChoice(int Port, string? Note = null, string? Error = null);

/// <summary>Chooses ports of this machine.</summary>
internal static class PortChooser
{
    private const int Neighbours = 20;

    /// <summary>The gateway's port: the one asked for, or the first free one from the default on.</summary>
    /// <param name="asked">What the user asked for; 0 for any; null when nothing was asked for.</param>
    /// <param name="standard">The default.</param>
    /// <param name="isFree">Whether a port can be listened on.</param>
    /// <param name="any">A free port.</param>
    public static PortChoice Choose(int? asked, int standard, Func<int, bool> isFree, Func<int> any)
    {
        if (asked == 0)
        {
            return new PortChoice(any());
        }

        if (asked is { } port)
        {
            return isFree(port)
                ? new PortChoice(port)
                : new PortChoice(0, Error: $"Port {port} is taken by another program. Stop it, or ask for another port (--port N or Gateway__Port; leave it out and a free one is chosen).");
        }

        for (var candidate = standard; candidate < standard + Neighbours; candidate++)
        {
            if (isFree(candidate))
            {
                return candidate == standard ? new PortChoice(candidate) : Instead(candidate, standard);
            }
        }

        return Instead(any(), standard);
    }

    /// <summary>Whether <c>localhost</c> can be listened on at this port, over IPv4 and, where there is one, IPv6.</summary>
    public static bool IsFree(int port) =>
        CanListen(IPAddress.Loopback, port) && (!Socket.OSSupportsIPv6 || CanListen(IPAddress.IPv6Loopback, port));

    /// <summary>Free loopback ports, all different.</summary>
    public static int[] Free(int count)
    {
        var listeners = new List<TcpListener>();
        try
        {
            for (var i = 0; i < count; i++)
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                listeners.Add(listener);
                listener.Start();
            }

            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            foreach (var listener in listeners)
            {
                listener.Dispose();
            }
        }
    }

    private static PortChoice Instead(int port, int standard) =>
        new(port, Note: $"Port {standard} is taken by another program; the gateway listens on {port} instead (--port N asks for another one).");

    private static bool CanListen(IPAddress address, int port)
    {
        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            // The family is switched off: nobody can listen there, so nobody is in the way.
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
