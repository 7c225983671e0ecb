using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Mcp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Gateway.Edge.Tests.Tools;

/// <summary>Stands for the hub: lists the tools it is given, answers calls, and notes them.</summary>
internal sealed class FakeHub : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeHub(WebApplication app) => _app = app;

    public string Url => _app.Urls.Single();

    /// <summary>What an edge needs to know to find it.</summary>
    public Dictionary<string, string?> Settings => new() { ["services:mcphub:http:0"] = Url, [WireNames.InternalTokenKey] = "internal-token-of-the-test-0123456789abcdef" };

    public List<HubToolInfo> Tools { get; } = [Tool("files", "read"), Tool("web", "search")];

    /// <summary>Answers calls; the result is the tool's name and arguments unless said otherwise.</summary>
    public Func<HubCallQuery, CancellationToken, Task<HubCallAnswer>> Answer { get; set; } = static (q, _) => Task.FromResult(Done($"result of {q.Name} {q.Arguments.GetRawText()}"));

    public ConcurrentQueue<HubCallQuery> Calls { get; } = new();

    /// <summary>The trace contexts that calls came with.</summary>
    public ConcurrentQueue<string> Contexts { get; } = new();

    public ConcurrentQueue<HubToolsQuery> Lists { get; } = new();

    /// <summary>Requests to <c>/mcp</c>: method, headers, body.</summary>
    public ConcurrentQueue<(string Path, Dictionary<string, string> Headers, string Body)> Proxied { get; } = new();

    /// <summary>What <c>/mcp</c> answers.</summary>
    public Func<HttpContext, Task> Mcp { get; set; } = static http => http.Response.WriteAsync("""{"jsonrpc":"2.0","id":1,"result":{"content":[]}}""");

    public static HubToolInfo Tool(string server, string tool) => new()
    {
        Name = $"{server}__{tool}", Server = server, Tool = tool, Description = $"{tool} of {server}",
        Parameters = JsonElement.Parse("""{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}"""),
    };

    public static HubCallAnswer Done(string text) => new()
    {
        Outcome = McpCallOutcome.Done, Result = JsonElement.Parse($$"""{"content":[{"type":"text","text":"{{JsonEncodedText.Encode(text)}}"}]}"""),
    };

    public static async Task<FakeHub> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Logging:LogLevel:Default"] = "Error" });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var hub = new FakeHub(app);
        app.MapPost("/internal/tools", hub.ListAsync);
        app.MapPost("/internal/call", hub.CallAsync);
        app.Map("/mcp/{**rest}", hub.McpAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return hub;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ListAsync(HttpContext http)
    {
        var query = await http.Request.ReadFromJsonAsync(ContractsJson.Default.HubToolsQuery, http.RequestAborted);
        Lists.Enqueue(query!);
        await http.Response.WriteAsJsonAsync(new HubToolsAnswer { Tools = Tools, Selected = Tools.Count }, ContractsJson.Default.HubToolsAnswer, cancellationToken: http.RequestAborted);
    }

    private async Task CallAsync(HttpContext http)
    {
        var query = (await http.Request.ReadFromJsonAsync(ContractsJson.Default.HubCallQuery, http.RequestAborted))!;
        Calls.Enqueue(query);
        Contexts.Enqueue(http.Request.Headers.TraceParent.ToString());
        await http.Response.WriteAsJsonAsync(await Answer(query, http.RequestAborted), ContractsJson.Default.HubCallAnswer, cancellationToken: http.RequestAborted);
    }

    private async Task McpAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync(http.RequestAborted);
        Proxied.Enqueue((http.Request.Path, http.Request.Headers.ToDictionary(static h => h.Key, static h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase), body));
        http.Response.ContentType = "application/json";
        await Mcp(http);
    }
}
