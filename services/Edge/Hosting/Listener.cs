using System.Net;
using System.Net.Sockets;
using Gateway.Contracts;

namespace Gateway.Edge.Hosting;

/// <summary>Chooses the address to listen on when the host names none.</summary>
internal static class Listener
{
    /// <summary>
    /// The address, or null with a <paramref name="problem"/> when the port that was asked for is taken. A port nobody asked for gives way to a free one.
    /// </summary>
    public static string? Choose(int? asked, out string? problem)
    {
        problem = null;
        if (asked == 0)
        {
            return Address(FreePort());
        }

        var port = asked ?? WireNames.DefaultPort;
        if (IsFree(port))
        {
            return Address(port);
        }

        if (asked is not null)
        {
            problem = $"Port {port} is taken by another process. Stop it, or choose another port with Gateway__Port.";
            return null;
        }

        var free = FreePort();
        problem = $"Port {port} is taken; listening on {free} instead. Gateway__Port chooses another.";
        return Address(free);
    }

    private static string Address(int port) => $"http://localhost:{port}";

    private static bool IsFree(int port)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port) { ExclusiveAddressUse = true };
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
