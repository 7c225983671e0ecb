using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Gateway.EndToEnd.Hosting;
using Gateway.LlmSimulator;

namespace Gateway.EndToEnd.Local;

/// <summary>One governance and as many edges as a test starts, as processes, in front of a simulated provider.</summary>
public abstract class GovernedEdges : IAsyncLifetime
{
    protected const string Token = "internal-token-of-this-test-0123456789";
    protected const long InputPrice = 3, OutputPrice = 5;

    private readonly int _governancePort = Ports.Free();

    protected DirectoryInfo Folder { get; } = TemporaryFolder.Create();

    protected HttpClient Http { get; } = new();

    /// <summary>Governance first, then the edges in the order they were started.</summary>
    private protected List<ChildProcess> Processes { get; } = [];

    protected SimulatorHost Simulator { get; private set; } = null!;

    protected AdminApi Admin { get; private set; } = null!;

    /// <summary>Further settings of governance and of the edges that are started from then on.</summary>
    private protected List<(string Name, string Value)> Settings { get; } = [];

    /// <summary>Where governance listens.</summary>
    protected string GovernanceUrl => $"http://127.0.0.1:{_governancePort}";

    /// <summary>Where the edge listens that was started last.</summary>
    protected int LastPort { get; private set; }

    public async ValueTask InitializeAsync()
    {
        await BeforeAsync();
        Simulator = await SimulatorHost.StartAsync(new SimulatorOptions(), TestContext.Current.CancellationToken);
        StartGovernance();
        await ReadyAsync(_governancePort);
        Admin = new AdminApi($"http://127.0.0.1:{_governancePort}", (await File.ReadAllTextAsync(Path.Combine(Folder.FullName, "governance", "admin.key"), TestContext.Current.CancellationToken)).Trim());
        await Admin.PostAsync("providers", new { id = "sim", baseUrl = Simulator.BaseUrl });
        await Admin.PostAsync("credentials", new { id = "sim-1", providerId = "sim", secret = "sk-any" });
        await Admin.PostAsync("deployments", new { id = "sim*", providerId = "sim", credentialId = "sim-1", model = "sim*", price = new { version = "test", inputPerMillion = InputPrice * 1_000_000, outputPerMillion = OutputPrice * 1_000_000 } });
        await Admin.PostAsync("routes", new { name = "sim*", targets = (object[])[new { deploymentId = "sim*" }] });
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in Enumerable.Reverse(Processes))
        {
            await process.DisposeAsync();
        }

        Admin?.Dispose();
        Http.Dispose();
        if (Simulator is not null)
        {
            await Simulator.DisposeAsync();
        }

        await AfterAsync();
        Folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>What is started before governance.</summary>
    protected virtual ValueTask BeforeAsync() => ValueTask.CompletedTask;

    /// <summary>What is stopped after all else.</summary>
    protected virtual ValueTask AfterAsync() => ValueTask.CompletedTask;

    protected void StartGovernance() => Processes.Insert(0, ChildProcess.Start(
        Repository.Built("services/Governance", "Gateway.Governance.dll"),
        [],
        [
            ("ASPNETCORE_URLS", $"http://127.0.0.1:{_governancePort}"),
            ("Gateway__InternalToken", Token),
            ("OLLAMA_HOST", "127.0.0.1:1"),
            ("Gateway__DataDirectory", Path.Combine(Folder.FullName, "governance")),
            .. Settings,
        ]));

    private protected async Task KillAsync(ChildProcess process)
    {
        ChildProcess.Signal(process.Id, ChildProcess.Kill);
        await process.ExitAsync(TimeSpan.FromSeconds(30));
        await process.DisposeAsync();
        Processes.Remove(process);
    }

    protected async Task<int> EdgeAsync(string name, string key)
    {
        var port = Ports.Free();
        Processes.Add(ChildProcess.Start(
            Repository.Built("services/Edge", "Gateway.Edge.dll"),
            [],
            [
                ("Gateway__Port", port.ToString(CultureInfo.InvariantCulture)),
                ("Gateway__InternalToken", Token),
                ("services__governance__http__0", $"http://127.0.0.1:{_governancePort}"),
                ("Gateway__DataDirectory", Path.Combine(Folder.FullName, "edge-" + name)),
                .. Settings,
            ]));
        await ReadyAsync(port);
        await Poll.UntilAsync(
            async () =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, $"http://localhost:{port}/v1/models");
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
                using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
                return response.IsSuccessStatusCode;
            },
            () => "The key never worked.");
        return LastPort = port;
    }

    protected async Task ReadyAsync(int port) => await Poll.UntilAsync(
        async () =>
        {
            try
            {
                using var response = await Http.GetAsync($"http://localhost:{port}/health/ready", TestContext.Current.CancellationToken);
                return response.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        },
        () => $"It was never ready. Output:\n{string.Join("\n---\n", Processes.Select(static p => p.Output))}");

    protected async Task<(HttpStatusCode Status, string Body)> ChatAsync(int port, string key, string model, string more)
    {
        using var request = Request(port, key, model, more);
        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    protected static HttpRequestMessage Request(int port, string key, string model, string more)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"http://localhost:{port}/v1/chat/completions")
        {
            Content = new StringContent($$"""{"model":"{{model}}","messages":[{"role":"user","content":"hello there"}],{{more}}}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return request;
    }
}
