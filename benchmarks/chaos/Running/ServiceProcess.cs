using System.Diagnostics;
using System.Net.Sockets;

namespace Gateway.Chaos.Running;

/// <summary>A service of the gateway as a process, which can be killed and started again with the same settings.</summary>
internal sealed class ServiceProcess(string name, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, Uri address) : IAsyncDisposable
{
    private const int KeptLines = 40;

    private readonly Queue<string> _last = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private Process? _process;

    public string Name => name;

    public Uri Address => address;

    /// <summary>How often it was killed.</summary>
    public int Kills { get; private set; }

    /// <summary>The end of what it wrote.</summary>
    public string Tail
    {
        get
        {
            lock (_last)
            {
                return string.Join('\n', _last);
            }
        }
    }

    public void Start()
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var key in start.Environment.Keys.Where(IsSetting).ToList())
        {
            _ = start.Environment.Remove(key);
        }

        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, e) => Keep(e.Data);
        _process.ErrorDataReceived += (_, e) => Keep(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Waits until it says that it is ready.</summary>
    public async Task ReadyAsync(CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        while (true)
        {
            if (_process is { HasExited: true } ended)
            {
                throw new InvalidOperationException($"{name} ended with {ended.ExitCode}:\n{Tail}");
            }

            try
            {
                using var response = await _http.GetAsync(new Uri(address, "/health/ready"), patience.Token).ConfigureAwait(false);
                if (response.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !patience.IsCancellationRequested)
            {
                // Not yet.
            }

            await Task.Delay(50, patience.Token).ConfigureAwait(false);
        }
    }

    /// <summary><c>kill -9</c>: on Unix this is what <see cref="Process.Kill()"/> sends.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync().ConfigureAwait(false);
        _process.Dispose();
        _process = null;
        Kills++;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { } running)
        {
            if (!running.HasExited)
            {
                running.Kill();
                await running.WaitForExitAsync().ConfigureAwait(false);
            }

            running.Dispose();
        }

        _http.Dispose();
    }

    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        return ((System.Net.IPEndPoint)socket.LocalEndPoint!).Port;
    }

    // The shell's own settings and provider keys must not reach it.
    private static bool IsSetting(string key) =>
        key.StartsWith("Gateway__", StringComparison.OrdinalIgnoreCase) || key.StartsWith("ConnectionStrings__", StringComparison.OrdinalIgnoreCase)
        || key.StartsWith("services__", StringComparison.OrdinalIgnoreCase) || key.StartsWith("OTEL_", StringComparison.OrdinalIgnoreCase)
        || key.EndsWith("_API_KEY", StringComparison.OrdinalIgnoreCase) || key is "ASPNETCORE_ENVIRONMENT" or "DOTNET_ENVIRONMENT" or "ASPNETCORE_URLS";

    private void Keep(string? line)
    {
        lock (_last)
        {
            if (line is not null)
            {
                _last.Enqueue(line);
            }

            while (_last.Count > KeptLines)
            {
                _ = _last.Dequeue();
            }
        }
    }
}
