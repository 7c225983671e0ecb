using System.Globalization;
using Gateway.LlmSimulator;

namespace Gateway.Chaos.Running;

/// <summary>Everything that runs: the simulated provider in this process; governance and the edges each in its own.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    private const string Token = "internal-token-of-the-chaos-run-0123456789";

    private static readonly int[] _skewsMs = [0, 47_000, -38_000, 8_500, -113_000];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-chaos-");

    private Fleet(SimulatorHost simulator, ServiceProcess governance) => (Simulator, Governance) = (simulator, governance);

    public SimulatorHost Simulator { get; }

    public ServiceProcess Governance { get; }

    public List<ServiceProcess> Edges { get; } = [];

    public AdminClient Admin { get; private set; } = null!;

    public static TimeSpan Skew(int edge) => TimeSpan.FromMilliseconds(_skewsMs[edge % _skewsMs.Length]);

    public static async Task<Fleet> StartAsync(ChaosOptions options, CancellationToken cancellation)
    {
        var simulator = await SimulatorHost.StartAsync(new SimulatorOptions { KeepReceived = 0, KeepBillLines = 1 << 20 }, cancellation).ConfigureAwait(false);
        var address = new Uri($"http://127.0.0.1:{ServiceProcess.FreePort()}");
        var folder = Directory.CreateTempSubdirectory("gateway-chaos-governance-");
        var environment = new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = address.GetLeftPart(UriPartial.Authority),
            ["Gateway__InternalToken"] = Token,
            ["Gateway__DataDirectory"] = folder.FullName,
            ["OLLAMA_HOST"] = "127.0.0.1:1",
        };
        if (options.Postgres is { } postgres)
        {
            environment["ConnectionStrings__gatewaydb"] = postgres;
        }

        var fleet = new Fleet(simulator, new ServiceProcess("governance", [Built("services/Governance", "Gateway.Governance.dll")], environment, address));
        try
        {
            fleet._data.Add(folder);
            fleet.Governance.Start();
            await fleet.Governance.ReadyAsync(cancellation).ConfigureAwait(false);
            var key = await File.ReadAllTextAsync(Path.Combine(folder.FullName, "admin.key"), cancellation).ConfigureAwait(false);
            fleet.Admin = new AdminClient(address, key.Trim());
            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private readonly List<DirectoryInfo> _data = [];

    /// <summary>Starts the edges, each with its own clock.</summary>
    public async Task StartEdgesAsync(int count, CancellationToken cancellation)
    {
        for (var i = 0; i < count; i++)
        {
            var port = ServiceProcess.FreePort();
            Edges.Add(new ServiceProcess(
                $"edge-{i}",
                [Built("benchmarks/chaos", "Gateway.Chaos.dll"), SkewedEdge.Command, Skew(i).TotalMilliseconds.ToString(CultureInfo.InvariantCulture)],
                new Dictionary<string, string>
                {
                    ["Gateway__Port"] = port.ToString(CultureInfo.InvariantCulture),
                    ["Gateway__InternalToken"] = Token,
                    ["services__governance__http__0"] = Governance.Address.GetLeftPart(UriPartial.Authority),
                    ["Gateway__DataDirectory"] = Path.Combine(_folder.FullName, $"edge-{i}"),
                },
                new Uri($"http://127.0.0.1:{port}")));
            Edges[^1].Start();
        }

        foreach (var edge in Edges)
        {
            await edge.ReadyAsync(cancellation).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in Edges.Append(Governance))
        {
            await process.DisposeAsync().ConfigureAwait(false);
        }

        Admin?.Dispose();
        await Simulator.DisposeAsync().ConfigureAwait(false);
        foreach (var folder in _data.Append(_folder))
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Where a service's build output is: beside this project's, or the tests', in the same configuration.</summary>
    private static string Built(string project, string assembly)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        return Path.Combine(here.Parent!.Parent!.Parent!.Parent!.Parent!.FullName, project, "bin", here.Parent!.Name, here.Name, assembly);
    }
}
