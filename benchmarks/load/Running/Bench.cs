using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Gateway.Testing;

namespace Gateway.Load.Running;

/// <summary>Everything that runs during a measurement, all on loopback, and all of it stopped at the end.</summary>
internal sealed class Bench : IAsyncDisposable
{
    private readonly List<Child> _children = [];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly Arguments _arguments;
    private readonly Report _report;
    private int _plainUpstream;
    private int _simulator;

    private Bench(Arguments arguments, Report report, string root)
    {
        _arguments = arguments;
        _report = report;
        Root = root;
        Wrk = Child.Find("wrk");
    }

    public string Root { get; }

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("gateway-load-").FullName;

    public string? Wrk { get; }

    /// <summary>What can be measured, in the order of the table.</summary>
    public List<Target> Targets { get; } = [];

    public string Key { get; } = EdgeProcess.Key(0);

    /// <summary>Port of the upstream that answers at once.</summary>
    public int PlainUpstream => _plainUpstream;

    /// <summary>Where a service is built.</summary>
    public string Service(string name) => Path.Combine(Root, "services", name, "bin", Configuration, "net10.0", $"Gateway.{name}.dll");

    public static async Task<Bench> StartAsync(Arguments arguments, Report report, CancellationToken cancellationToken)
    {
        var bench = new Bench(arguments, report, SourceTree.Root ?? throw new InvalidOperationException("Run the harness from its build output inside the repository."));
        try
        {
            await bench.StartAllAsync(cancellationToken).ConfigureAwait(false);
            return bench;
        }
        catch
        {
            await bench.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Sets what the simulator answers from now on, as a query of its knobs.</summary>
    public async Task ConfigureSimulatorAsync(string knobs, CancellationToken cancellationToken)
    {
        using var response = await _http.PostAsync(new Uri($"http://127.0.0.1:{_simulator}/control"), new StringContent("{\"defaults\":\"" + knobs + "\"}"), cancellationToken).ConfigureAwait(false);
        _ = response.EnsureSuccessStatusCode();
    }

    /// <summary>Starts an edge that knows so many keys; null, with the reason in the report, when it does not serve.</summary>
    public async Task<Target?> StartEdgeAsync(
        string name, int keys, CancellationToken cancellationToken, bool isGuarded = false, string? settings = null, IReadOnlyDictionary<string, string>? environment = null, bool pin = false)
    {
        var dll = _arguments.EdgeDll ?? Path.Combine(Root, "services", "Edge", "bin", Configuration, "net10.0", "Gateway.Edge.dll");
        var port = Child.FreePort();
        var clock = Stopwatch.StartNew();
        var edge = EdgeProcess.Start(dll, Directory, port, _plainUpstream, _simulator, keys, isGuarded, settings, environment, pin);
        _children.Add(edge);
        var target = new Target(name, port, port, edge.Id, Bodies.Model, Bodies.EdgeStreamModel);
        var answer = "";
        while (clock.Elapsed < TimeSpan.FromSeconds(20) && !edge.HasExited)
        {
            try
            {
                using var ready = await _http.GetAsync(new Uri($"http://127.0.0.1:{port}/health/ready"), cancellationToken).ConfigureAwait(false);
                answer = ready.IsSuccessStatusCode ? await AskAsync(target, cancellationToken).ConfigureAwait(false) : $"/health/ready answered {(int)ready.StatusCode}";
                if (answer.Length == 0)
                {
                    _report.Line($"{name}: {keys} key(s), start to first answer {clock.ElapsedMilliseconds} ms, {ProcStat.Of(edge.Id).RssMb:0} MB then");
                    return target;
                }
            }
            catch (HttpRequestException e)
            {
                answer = e.Message;
            }

            await Task.Delay(20, cancellationToken).ConfigureAwait(false);
        }

        _report.Line($"{name}: left out, it does not serve ({answer}) {edge.Tail}");
        return null;
    }

    /// <summary>Starts the semantic cache service; its port, or null where it does not get ready.</summary>
    public async Task<int?> StartCacheServiceAsync(string token, bool pin, CancellationToken cancellationToken)
    {
        var dll = Path.Combine(Root, "services", "SemanticCache", "bin", Configuration, "net10.0", "Gateway.SemanticCache.dll");
        var port = Child.FreePort();
        if (!File.Exists(dll))
        {
            return null;
        }

        var service = Child.Start(pin ? "taskset" : "dotnet", pin ? ["-c", "1", "dotnet", dll] : [dll], new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}",
            ["Gateway__InternalToken"] = token,
            ["Gateway__DataDirectory"] = Path.Combine(Directory, "cache"),
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
        });
        _children.Add(service);
        for (var i = 0; i < 1_000 && !service.HasExited; i++)
        {
            try
            {
                using var ready = await _http.GetAsync(new Uri($"http://127.0.0.1:{port}/health/ready"), cancellationToken).ConfigureAwait(false);
                if (ready.IsSuccessStatusCode)
                {
                    return port;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(20, cancellationToken).ConfigureAwait(false);
        }

        return null;
    }

    /// <summary>Keeps what stands for the provider on the first core.</summary>
    public async Task PinUpstreamAsync(CancellationToken cancellationToken)
    {
        foreach (var child in _children.Where(static c => !c.HasExited && c.Name.Contains("nginx", StringComparison.Ordinal)).ToList())
        {
            var pids = new List<int> { child.Id };
            foreach (var worker in File.ReadAllText($"/proc/{child.Id}/task/{child.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                pids.Add(int.Parse(worker, CultureInfo.InvariantCulture));
            }

            foreach (var pid in pids)
            {
                _ = await Child.RunAsync("taskset", ["-acp", "0", pid.ToString(CultureInfo.InvariantCulture)], TimeSpan.FromSeconds(10), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Sum of a counter of a service, whatever its labels.</summary>
    public async Task<long> CountAsync(int port, string counter, CancellationToken cancellationToken)
    {
        var text = await _http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"), cancellationToken).ConfigureAwait(false);
        return text.Split('\n').Where(l => l.StartsWith(counter, StringComparison.Ordinal)).Sum(static l => (long)double.Parse(l[(l.LastIndexOf('}') + 1)..].Trim().Split(' ')[l.Contains('}', StringComparison.Ordinal) ? 0 : 1], CultureInfo.InvariantCulture));
    }

    /// <summary>The children that are gone although nobody ended them, with the last they said.</summary>
    public IEnumerable<string> Casualties()
        => _children.Where(c => c.HasExited).Select(c => string.Create(CultureInfo.InvariantCulture, $"ended by itself or by somebody else, with exit code {c.ExitCode}: {c.Name} {c.Tail}"));

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        foreach (var child in Enumerable.Reverse(_children))
        {
            await child.DisposeAsync().ConfigureAwait(false);
        }

        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private static string Configuration => AppContext.BaseDirectory.Contains(Path.DirectorySeparatorChar + "Release" + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? "Release" : "Debug";

    private async Task StartAllAsync(CancellationToken cancellationToken)
    {
        var nginx = Child.Find("nginx");
        _simulator = Child.FreePort();
        _children.Add(Child.Start(
            "dotnet",
            [Path.Combine(Root, "tests", "LlmSimulator", "bin", Configuration, "net10.0", "Gateway.LlmSimulator.dll"), "--port", _simulator.ToString(CultureInfo.InvariantCulture)],
            new Dictionary<string, string> { ["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1" }));
        await ListensAsync(_simulator, cancellationToken).ConfigureAwait(false);
        _plainUpstream = _simulator;
        if (nginx is not null)
        {
            _plainUpstream = Child.FreePort();
            _children.Add(NginxProcess.StartUpstream(nginx, Directory, _plainUpstream));
            await ListensAsync(_plainUpstream, cancellationToken).ConfigureAwait(false);
        }

        _report.Machine(nginx is null ? "the simulator (nginx is not installed)" : "nginx with a fixed 0.5 KB completion", _arguments, Configuration);
        if (_arguments.Targets.Contains("direct"))
        {
            Targets.Add(new Target("direct", _plainUpstream, _simulator, null));
        }

        if (_arguments.Targets.Contains("nginx") && nginx is not null)
        {
            var (plain, stream) = (Child.FreePort(), Child.FreePort());
            var proxy = NginxProcess.StartProxy(nginx, Directory, plain, _plainUpstream, stream, _simulator);
            _children.Add(proxy);
            await ListensAsync(plain, cancellationToken).ConfigureAwait(false);
            Targets.Add(new Target("nginx", plain, stream, proxy.Id));
        }

        if (_arguments.Targets.Contains("edge") && await StartEdgeAsync("edge", 1, cancellationToken).ConfigureAwait(false) is { } edge)
        {
            Targets.Add(edge);
        }
    }

    /// <summary>One governed request.</summary>
    /// <returns>Empty when it was answered as it should be.</returns>
    private async Task<string> AskAsync(Target target, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{target.PlainPort}/v1/chat/completions") { Content = new StringContent(Bodies.Chat(target.PlainModel), Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        using var response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        return response.IsSuccessStatusCode && text.Contains("\"choices\"", StringComparison.Ordinal) ? "" : $"a chat request got {(int)response.StatusCode} {text}";
    }

    private async Task ListensAsync(int port, CancellationToken cancellationToken)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                using var response = await _http.GetAsync(new Uri($"http://127.0.0.1:{port}/v1/models"), cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (HttpRequestException) when (i < 500)
            {
                await Task.Delay(20, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
