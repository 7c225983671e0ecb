using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Gateway.LlmSimulator;

namespace Gateway.EndToEnd.Hosting;

/// <summary>A whole running gateway in front of a simulated provider, and of one that is down.</summary>
public abstract class GatewayFixture : IAsyncLifetime
{
    /// <summary>Nano-dollars per token of each class, of every simulated model.</summary>
    public const long InputPrice = 3, CacheReadPrice = 1, OutputPrice = 5, ReasoningPrice = 11;

    private const string ProviderKey = "sk-simulated-provider";

    // Bound but not listening: calls are refused, and nobody else can take the port meanwhile.
    private readonly Socket _down = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly DirectoryInfo _folder = TemporaryFolder.Create();
    private SimulatorHost? _simulator;
    private AdminApi? _admin;

    /// <summary>Why this variant cannot run here; null when it can.</summary>
    public virtual string? SkipReason => null;

    /// <summary>The address of the gateway.</summary>
    public string Url { get; private set; } = "";

    /// <summary>Its data folder.</summary>
    public string Data => Path.Combine(_folder.FullName, "data");

    public SimulatorHost Simulator => _simulator!;

    public AdminApi Admin => _admin!;

    public HttpClient Http { get; } = new();

    /// <summary>The virtual key made by the first start.</summary>
    public string DevKey => File.ReadAllText(Path.Combine(Data, "dev.key")).Trim();

    public async ValueTask InitializeAsync()
    {
        if (SkipReason is not null)
        {
            return;
        }

        _simulator = await SimulatorHost.StartAsync(new SimulatorOptions { ApiKey = ProviderKey }, TestContext.Current.CancellationToken);
        Url = await StartGatewayAsync();
        _admin = new AdminApi(Url, File.ReadAllText(Path.Combine(Data, "admin.key")).Trim());
        await RegisterAsync();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await StopGatewayAsync();
        if (_simulator is not null)
        {
            await _simulator.DisposeAsync();
        }

        _admin?.Dispose();
        _down.Dispose();
        Http.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>Makes a virtual key and waits until it works.</summary>
    public async Task<(string Id, string Key)> NewKeyAsync(string name)
    {
        var created = await Admin.PostAsync("keys", new { name });
        var key = (string)created["key"]!;
        await Poll.UntilAsync(async () => await StatusWithAsync(key) == HttpStatusCode.OK, () => "A new key never worked.");
        return ((string)created["id"]!, key);
    }

    /// <summary>What the gateway says to a key.</summary>
    public async Task<HttpStatusCode> StatusWithAsync(string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Url + "/v1/models");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    /// <summary>Starts it with its state in <see cref="Data"/>; its address.</summary>
    protected abstract Task<string> StartGatewayAsync();

    protected abstract ValueTask StopGatewayAsync();

    private async Task RegisterAsync()
    {
        _down.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        // The faults that one test asks for must not put the simulator to rest for the others.
        await Admin.PatchAsync("settings", new { health = new { breakerMinimumCalls = 100_000, cooldownAfter = 1000 } });
        await Admin.PostAsync("providers", new { id = "simulator", baseUrl = Simulator.BaseUrl });
        await Admin.PostAsync("credentials", new { id = "simulator-1", providerId = "simulator", secret = ProviderKey });
        await Admin.PostAsync("deployments", new
        {
            id = "sim*",
            providerId = "simulator",
            credentialId = "simulator-1",
            model = "sim*",
            price = new
            {
                version = "test",
                inputPerMillion = InputPrice * 1_000_000,
                cacheReadPerMillion = CacheReadPrice * 1_000_000,
                outputPerMillion = OutputPrice * 1_000_000,
                reasoningPerMillion = ReasoningPrice * 1_000_000,
            },
        });
        await Admin.PostAsync("routes", new { name = "sim*", targets = (object[])[new { deploymentId = "sim*" }] });
        foreach (var id in (string[])["limited-net", "limited-js"])
        {
            // A provider's limit puts its credential to rest: each of these is for one test.
            await Admin.PostAsync("providers", new { id, baseUrl = Simulator.BaseUrl });
            await Admin.PostAsync("credentials", new { id, providerId = id, secret = ProviderKey });
            await Admin.PostAsync("deployments", new { id = id + "*", providerId = id, credentialId = id, model = id + "*", price = new { version = "test", inputPerMillion = 1, outputPerMillion = 1 } });
            await Admin.PostAsync("routes", new { name = id + "*", targets = (object[])[new { deploymentId = id + "*" }] });
        }

        await Admin.PostAsync("providers", new { id = "down", baseUrl = $"http://{_down.LocalEndPoint}/v1" });
        await Admin.PostAsync("deployments", new { id = "down", providerId = "down", model = "down" });
        await Admin.PostAsync("routes", new { name = "down", targets = (object[])[new { deploymentId = "down" }] });
        // The edge takes whole snapshots in order: a key made last works only when all before is in force.
        await NewKeyAsync("registration");
    }
}
