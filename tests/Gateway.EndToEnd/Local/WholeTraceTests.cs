using System.Net;
using Gateway.Edge.Tests.Telemetry;
using Gateway.EndToEnd.Hosting;

namespace Gateway.EndToEnd.Local;

/// <summary>One request through every service of the gateway, as processes: what a collector gets of it is one tree.</summary>
public sealed class WholeTraceTests : GovernedEdges
{
    private const string Caller = "b7ad6b7169203331";

    private readonly (string Name, string Assembly, int Port)[] _services =
        [("guardrails", "Gateway.Guardrails.dll", Ports.Free()), ("semanticcache", "Gateway.SemanticCache.dll", Ports.Free()), ("mcphub", "Gateway.McpHub.dll", Ports.Free())];

    private OtlpReceiver? _collector;
    private ToolServer? _tools;

    protected override async ValueTask BeforeAsync()
    {
        _tools = await ToolServer.StartAsync();
        _collector = await OtlpReceiver.StartAsync();
        Settings.AddRange(_collector.Settings.Where(static s => s.Key != "OTEL_SERVICE_NAME").Select(static s => (s.Key, s.Value!)));
        foreach (var (name, assembly, port) in _services)
        {
            var folder = assembly.Split('.')[1];
            Processes.Add(ChildProcess.Start(
                Repository.Built("services/" + folder, assembly),
                [],
                [
                    ("ASPNETCORE_URLS", $"http://127.0.0.1:{port}"), ("Gateway__InternalToken", Token), ("Gateway__DataDirectory", Path.Combine(Folder.FullName, name)),
                    ("services__governance__http__0", GovernanceUrl), .. Settings,
                ]));
        }

        Settings.AddRange(_services.Select(static s => ($"services__{s.Name}__http__0", $"http://127.0.0.1:{s.Port}")));
    }

    protected override async ValueTask AfterAsync()
    {
        await (_collector?.DisposeAsync() ?? default);
        await (_tools?.DisposeAsync() ?? default);
    }

    [Fact]
    public async Task A_streamed_guarded_cache_missed_request_whose_tools_are_run_is_one_tree_across_all_services()
    {
        await Admin.PostAsync("mcp/servers", new { id = "desk", url = _tools!.Address, trust = "All" });
        await Admin.PostAsync("guardrails", new { id = "names", appliesTo = new { }, rules = new[] { new { detector = "keywords", action = "redact", terms = new[] { "Falcon" } } } });
        await Admin.PatchAsync("settings", new { cache = "Semantic", cachePolicy = new { scope = "key", threshold = 0.8, lookupMs = 1000 } });
        var key = (string)(await Admin.PostAsync("keys", new { name = "Traced" }))["key"]!;
        var port = await EdgeAsync("a", key);
        await Poll.UntilAsync(
            async () => (await Admin.GetAsync("mcp/tools?server=desk"))["items"]!.AsArray().Any(static t => (string?)t!["state"] == "Approved"),
            () => "The hub never told of the tool.");

        foreach (var (_, _, servicePort) in _services)
        {
            await ReadyAsync(servicePort);
        }

        await Poll.UntilAsync(async () => await OfferedAsync(port, key) == "1", () => "The edge never was given the tool.");
        var trace = await SendAsync(port, key);
        IReadOnlyList<OtlpSpan> spans = [];
        await Poll.UntilAsync(
            () =>
            {
                spans = [.. _collector!.Spans.Where(s => s.TraceId == trace)];
                var ids = spans.Select(static s => s.SpanId).ToHashSet(StringComparer.Ordinal);
                return spans.Any(static s => s.ParentId == Caller) && spans.All(s => s.ParentId == Caller || ids.Contains(s.ParentId)) && _services.All(service => spans.Any(s => s.Service == service.Name));
            },
            () => "Not all of the trace came, or not as one tree:\n" + Tree(spans) + "\nunder nothing: " + string.Join(", ", spans.Select(static s => $"{s.Service} {s.Name} {s.SpanId} below {s.ParentId}")));
        TestContext.Current.TestOutputHelper?.WriteLine(Tree(spans));

        var root = Assert.Single(spans, static s => s.ParentId == Caller);
        Assert.Equal(("edge", "POST /v1/chat/completions", 2), (root.Service, root.Name, root.Kind));

        // Two turns: the model calls the tool, gets its result, answers. Each was guarded both ways, looked up and sent to the provider.
        var turns = spans.Where(static s => s.Name == "gateway.turn").ToList();
        Assert.Equal(2, turns.Count);
        Assert.All(turns, turn => Assert.Contains(spans, s => s.ParentId == turn.SpanId && s.Name.StartsWith("chat sim", StringComparison.Ordinal) && s.Kind == 3));
        Assert.All((string[])["gateway.guardrails.input", "gateway.guardrails.output", "gateway.cache"], name => Assert.Contains(spans, s => s.Name == name));
        var tool = Assert.Single(spans, static s => s.Name == "execute_tool desk__echo");
        Assert.Equal(("execute_tool", "desk__echo", "extension", 1), (tool["gen_ai.operation.name"], tool["gen_ai.tool.name"], tool["gen_ai.tool.type"], tool.Kind));
        Assert.Contains(spans, s => s.Service == "mcphub" && IsBelow(s, tool));
        Assert.All(_services, service => Assert.Contains(spans, s => s.Service == service.Name && s.Kind == 2));

        bool IsBelow(OtlpSpan span, OtlpSpan above)
        {
            for (var at = span; at is not null; at = spans.FirstOrDefault(s => s.SpanId == at.ParentId))
            {
                if (at.SpanId == above.SpanId)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>How many tools a request is given; null for none.</summary>
    private async Task<string?> OfferedAsync(int port, string key)
    {
        using var request = Request(port, key, "sim?tokens=1", "\"stream\":false");
        request.Headers.Add("x-gateway-mcp", "desk/*");
        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        return response.Headers.TryGetValues("x-gateway-mcp-tools", out var tools) ? tools.First() : null;
    }

    private async Task<string> SendAsync(int port, string key)
    {
        var trace = Guid.NewGuid().ToString("n");
        using var request = Request(port, key, "sim?tools=1&tokens=5", "\"stream\":true");
        request.Headers.Add("traceparent", $"00-{trace}-{Caller}-01");
        request.Headers.Add("x-gateway-mcp", "desk/*");
        request.Headers.Add("x-gateway-agent", "on");
        using var bare = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null });
        using var response = await bare.SendAsync(request, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == HttpStatusCode.OK, body);
        return trace;
    }

    private static string Tree(IReadOnlyList<OtlpSpan> spans)
    {
        var lines = new List<string>();
        Add(Caller, 0);
        return string.Join('\n', lines);

        void Add(string parent, int depth)
        {
            foreach (var span in spans.Where(s => s.ParentId == parent).OrderBy(static s => s.Start))
            {
                lines.Add($"{new string(' ', depth * 2)}{span.Name} [{span.Service}] {(span.End - span.Start) / 1000} us: {string.Join(", ", span.Tags.Keys.Order(StringComparer.Ordinal))}");
                Add(span.SpanId, depth + 1);
            }
        }
    }
}
