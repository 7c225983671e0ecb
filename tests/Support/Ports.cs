using System.Net;
using System.Net.Sockets;

namespace Gateway.Testing;

/// <summary>Ports of this machine.</summary>
internal static class Ports
{
    // Below those that the system gives to whoever asks for any: nobody comes upon them by chance.
    private const int First = 20_000;
    private const int Last = 32_000;

    private static readonly List<FileStream> _taken = [];

    /// <summary>One that nobody listens on and that no other test is given, of this program or of one beside it, while this program runs.</summary>
    public static int Free()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "gateway-test-ports-" + Environment.UserName));
        while (true)
        {
            var port = Random.Shared.Next(First, Last);
            if (Take(Path.Combine(folder.FullName, port.ToString("x"))) is not { } taken)
            {
                continue;
            }

            if (!IsUsed(port))
            {
                lock (_taken)
                {
                    _taken.Add(taken);
                }

                return port;
            }

            taken.Dispose();
        }
    }

    // The lock ends with the program, however that ends.
    private static FileStream? Take(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static bool IsUsed(int port)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            probe.Start();
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
