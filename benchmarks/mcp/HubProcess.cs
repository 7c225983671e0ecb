using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Mcp.Benchmarks;

/// <summary>The hub as it ships, with one server.</summary>
internal sealed class HubProcess : IAsyncDisposable
{
    /// <summary>Its internal token.</summary>
    public const string Token = "benchmark";

    private readonly Process process;
    private readonly string folder;

    private HubProcess(Process process, string folder, string url)
    {
        this.process = process;
        this.folder = folder;
        Url = url;
    }

    /// <summary>Address of the server behind it.</summary>
    public string Url { get; }

    /// <summary>Its resident memory.</summary>
    public double MegaBytes
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64 / 1024.0 / 1024.0;
        }
    }

    /// <summary>Starts it.</summary>
    public static async Task<HubProcess> StartAsync(string server)
    {
        var folder = Directory.CreateTempSubdirectory("mcp-bench").FullName;
        var file = Path.Combine(folder, "hub.json");
        await File.WriteAllTextAsync(file, $$"""{"servers":[{"id":"fix","url":"{{server}}","maxConcurrent":1000}]}""");
        var built = Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", "..", "services", "McpHub", "bin", Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(AppContext.BaseDirectory))!), "net10.0", "Gateway.McpHub.dll");
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}";
        free.Stop();
        var start = new ProcessStartInfo("dotnet", [Path.GetFullPath(built)]) { RedirectStandardOutput = true };
        start.Environment["ASPNETCORE_URLS"] = address;
        start.Environment["Gateway__InternalToken"] = Token;
        start.Environment["McpHub__File"] = file;
        start.Environment["Gateway__DataDirectory"] = folder;
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, line) =>
        {
            if (!string.IsNullOrEmpty(line.Data))
            {
                Console.Error.WriteLine(line.Data);
            }
        };
        process.BeginOutputReadLine();
        using var http = new HttpClient();
        for (var attempt = 0; attempt < 300; attempt++)
        {
            try
            {
                if ((await http.GetAsync(new Uri($"{address}/health/ready"))).IsSuccessStatusCode)
                {
                    return new HubProcess(process, folder, $"{address}/mcp/fix");
                }
            }
            catch (HttpRequestException)
            {
                // Not yet.
            }

            await Task.Delay(100);
        }

        process.Kill();
        throw new InvalidOperationException($"The hub did not start: {built}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
