using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Gateway.Dashboard.Tests.Browsing;
using Gateway.EndToEnd.Hosting;
using Gateway.EndToEnd.Local;
using Gateway.Governance.Tests.Support;
using Gateway.LlmSimulator;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(WholeGateway))]

namespace Gateway.Dashboard.Tests.Browsing;

/// <summary>Governance, an edge in front of it, the MCP hub, the cache service, a simulated provider, and a browser: as people use the dashboard.</summary>
public sealed class WholeGateway : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gw-dash-browser-");
    private ChildProcess? _edge;
    private ChildProcess? _hub;
    private ChildProcess? _cache;
    private SimulatorHost? _simulator;
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private Instance? _governance;
    private Instance? _empty;

    /// <summary>The address of the edge.</summary>
    public string Url { get; private set; } = "";

    public Instance Governance => _governance!;

    /// <summary>A governance as after its first start, without an edge: what pages look like with nothing in them.</summary>
    public Instance Empty => _empty!;

    /// <summary>The address of the MCP hub.</summary>
    public string HubUrl { get; private set; } = "";

    /// <summary>The address of the cache service.</summary>
    public string CacheUrl { get; private set; } = "";

    public SimulatorHost Simulator => _simulator!;

    public string AdminKey { get; private set; } = "";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (Chromium.Path is null)
        {
            return;
        }

        var (port, hub, cache) = (FreePort(), $"http://127.0.0.1:{FreePort()}", $"http://127.0.0.1:{FreePort()}");
        HubUrl = hub;
        CacheUrl = cache;
        Url = $"http://localhost:{port}";
        _simulator = await SimulatorHost.StartAsync(new SimulatorOptions(), Cancellation);
        _governance = await Instance.StartAsync(Path.Combine(_folder.FullName, "governance"), null, Cancellation, settings: new Dictionary<string, string?> { ["Gateway:PublicUrl"] = Url, ["services:mcphub:http:0"] = hub, ["services:semanticcache:http:0"] = cache });
        _empty = await Instance.StartAsync(Path.Combine(_folder.FullName, "empty"), null, Cancellation);
        AdminKey = (await File.ReadAllTextAsync(_governance.AdminKeyFile, Cancellation)).Trim();
        _edge = ChildProcess.Start(
            Repository.Built("services/Edge", "Gateway.Edge.dll"),
            [],
            ("Gateway__Port", port.ToString(CultureInfo.InvariantCulture)),
            ("Gateway__InternalToken", Instance.InternalToken),
            ("services__governance__http__0", _governance.Address.GetLeftPart(UriPartial.Authority)),
            ("services__mcphub__http__0", hub),
            ("services__semanticcache__http__0", cache),
            ("Gateway__DataDirectory", Path.Combine(_folder.FullName, "edge")));
        _hub = ChildProcess.Start(
            Repository.Built("services/McpHub", "Gateway.McpHub.dll"),
            [],
            ("ASPNETCORE_URLS", hub),
            ("Gateway__InternalToken", Instance.InternalToken),
            ("services__governance__http__0", _governance.Address.GetLeftPart(UriPartial.Authority)),
            ("Gateway__DataDirectory", Path.Combine(_folder.FullName, "hub")));
        _cache = ChildProcess.Start(
            Repository.Built("services/SemanticCache", "Gateway.SemanticCache.dll"),
            [],
            ("ASPNETCORE_URLS", cache),
            ("Gateway__InternalToken", Instance.InternalToken),
            ("services__governance__http__0", _governance.Address.GetLeftPart(UriPartial.Authority)),
            ("Gateway__DataDirectory", Path.Combine(_folder.FullName, "cache")));
        using var http = new HttpClient();
        var said = "";
        await Poll.UntilAsync(
            async () =>
            {
                try
                {
                    using var answer = await http.GetAsync(Url + "/health/ready", Cancellation);
                    using var behind = await http.GetAsync(Url + "/dashboard/login", Cancellation);
                    said = $"{(int)answer.StatusCode}, and behind it {(int)behind.StatusCode}";
                    return answer.IsSuccessStatusCode && behind.IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            () => $"The edge was never ready: {said}. Output:\n{_edge.Output}");
        _playwright = await Playwright.CreateAsync();
        // As long as it waits for pages: other tests may have the machine meanwhile.
        Assertions.SetDefaultExpectTimeout(30_000);
        _browser = await Chromium.LaunchAsync(_playwright);
        Directory.CreateDirectory(Chromium.Artefacts);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        foreach (var process in (ChildProcess?[])[_edge, _hub, _cache])
        {
            if (process is not null)
            {
                await process.DisposeAsync();
            }
        }

        foreach (var governance in (Instance?[])[_governance, _empty])
        {
            if (governance is not null)
            {
                await governance.DisposeAsync();
            }
        }

        if (_simulator is not null)
        {
            await _simulator.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    /// <summary>A new page of a browser that nobody has logged in with; skips where there is no browser.</summary>
    public async Task<IPage> PageAsync(string locale = "en-GB", bool scripts = true)
    {
        Assert.SkipWhen(Chromium.Path is null, "chromium is not on PATH");
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions { JavaScriptEnabled = scripts, Locale = locale, TimezoneId = "Europe/Berlin", ViewportSize = new ViewportSize { Width = 1400, Height = 900 } });
        return await context.NewPageAsync();
    }

    /// <summary>A page that is logged in.</summary>
    public async Task<IPage> LoggedInAsync(string? key = null, string locale = "en-GB", string? url = null)
    {
        var page = await PageAsync(locale);
        await page.GotoAsync((url ?? Url) + "/dashboard/login");
        await page.FillAsync("[name=key]", key ?? AdminKey);
        await page.ClickAsync("button[type=submit]");
        await page.WaitForSelectorAsync("aside.side");
        return page;
    }

    /// <summary>Calls the admin API as an administrator's script does.</summary>
    public async Task<JsonObject> ApiAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await Governance.Admin.SendAsync(request, Cancellation);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.True(answer.IsSuccessStatusCode || (int)answer.StatusCode == 409, $"{method} {path}: {text}");
        return text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject();
    }

    /// <summary>Calls a model with a virtual key, until the edge knows both.</summary>
    public async Task CallAsync(string key, string model, string message = "Hello")
    {
        using var http = new HttpClient();
        var told = "";
        await Poll.UntilAsync(
            async () =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, Url + "/v1/chat/completions")
                {
                    Content = JsonContent.Create(new { model, messages = (object[])[new { role = "user", content = message }] }),
                };
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
                using var answer = await http.SendAsync(request, Cancellation);
                told = await answer.Content.ReadAsStringAsync(Cancellation);
                return answer.IsSuccessStatusCode;
            },
            () => $"The call never worked: {told}");
    }

    internal static int FreePort()
    {
        using var probe = new TcpListener(System.Net.IPAddress.Loopback, 0);
        probe.Start();
        return ((System.Net.IPEndPoint)probe.LocalEndpoint).Port;
    }
}
