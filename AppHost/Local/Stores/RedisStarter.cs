using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.AppHost.Local.Hosting;
using Gateway.AppHost.Local.Processes;

namespace Gateway.AppHost.Local.Stores;

/// <summary>Runs <c>redis-server</c> on loopback, with a password made for this run and its data below the data folder.</summary>
internal static class RedisStarter
{
    private const string Instead = "In-process memory";

    /// <summary>External, started here, or embedded.</summary>
    public static async Task<StoreOutcome> StartAsync(string name, StoreContext context, CancellationToken cancellationToken)
    {
        if (context.External(name, name) is { } external)
        {
            return external;
        }

        if (context.FindProgram("redis-server") is not { } program)
        {
            return StoreOutcome.Embedded(name, "embedded (memory)");
        }

        var (port, password) = (context.TakePort(), Secrets.NewPassword());
        var folder = Path.Combine(context.DataDirectory, "redis");
        Directory.CreateDirectory(folder);
        // In a file, because a command line can be read by every user of the machine.
        var configuration = Path.Combine(folder, "redis.conf");
        Secrets.Write(configuration, string.Create(CultureInfo.InvariantCulture, $"""
            bind 127.0.0.1
            port {port}
            requirepass {password}
            dir ./
            appendonly yes
            appendfsync everysec
            daemonize no

            """));

        var process = new SupervisedProcess
        {
            Name = name,
            Command = new ChildCommand { File = program, Arguments = [configuration], WorkingDirectory = folder },
            Probe = token => PingAsync(port, password, token),
            StartLimit = TimeSpan.FromSeconds(20),
            StartAttempts = 1,
        };
        return await context.StartAsync(process, Instead, cancellationToken).ConfigureAwait(false) is { } supervisor
            ? new StoreOutcome(name, StoreKind.Local, $"redis-server, data in {folder}", new Dictionary<string, string> { [name] = $"127.0.0.1:{port},password={password}" }, supervisor)
            : StoreOutcome.Embedded(name, "embedded (memory; redis-server did not start)");
    }

    private static async Task<bool> PingAsync(int port, string password, CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken).ConfigureAwait(false);
            var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"AUTH {password}\r\nPING\r\n"), cancellationToken).ConfigureAwait(false);
            // "+OK", then "+PONG", or "-LOADING" while the data is read.
            var expected = Encoding.ASCII.GetBytes("+OK\r\n+PONG\r\n");
            var answer = new byte[expected.Length];
            await stream.ReadExactlyAsync(answer, cancellationToken).ConfigureAwait(false);
            return answer.AsSpan().SequenceEqual(expected);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }
}
