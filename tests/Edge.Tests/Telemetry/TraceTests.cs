using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Gateway.Contracts;
using Gateway.Contracts.Mcp;
using Gateway.Edge.Guarding;
using Gateway.Edge.Tests.Tools;
using Gateway.LlmSimulator;
using Gateway.ServiceDefaults.Discovery;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.Edge.Tests.Telemetry;

/// <summary>Listeners of activities are the whole process's: these tests run by themselves.</summary>
[CollectionDefinition(nameof(ProcessWideListeners), DisableParallelization = true)]
public sealed class ProcessWideListeners;

/// <summary>What a collector gets of requests, over the wire.</summary>
[Collection(nameof(ProcessWideListeners))]
public sealed class TraceTests
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";
    private const string Parent = "00-" + TraceId + "-b7ad6b7169203331-01";
    private const string Tools = """ "tools":[{"type":"function","function":{"name":"get_weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}] """;

    private const string Guarded = """
        guardrails:
          names: { appliesTo: {}, rules: [ { detector: keywords, action: redact, terms: [ Falcon ] } ] }
        settings: { cache: exact }
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_streamed_guarded_uncached_tool_using_request_is_one_trace_by_the_conventions()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration(simulator.BaseUrl, Guarded), settings: collector.Settings);
        using var request = Chat("sim?tools=1", $"\"stream\":true,\"temperature\":0.5,\"seed\":7,\"max_tokens\":64,{Tools}", "the Falcon secret-prompt-text");
        request.Headers.Add("traceparent", Parent);
        request.Headers.Add("baggage", "session.id=session-7,user.id=ada,other=x");

        using var response = await edge.Client.SendAsync(request, Cancel);
        var body = await response.Content.ReadAsStringAsync(Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var spans = await collector.TraceAsync(TraceId, 5);

        var server = Assert.Single(spans, static s => s.Kind == 2);
        Assert.Equal("POST /v1/chat/completions", server.Name);
        Assert.Equal("b7ad6b7169203331", server.ParentId);
        Assert.Equal(("chat", "completed", "main", "sim*"), (server["gateway.operation"], server["gateway.outcome"], server["gateway.key.id"], server["gateway.route"]));
        Assert.Equal(("session-7", "ada"), (server["session.id"], server["user.id"]));
        Assert.Equal(("miss", "names=redact", 200L), (server["gateway.cache"], server["gateway.guardrails"], server["http.response.status_code"]));
        Assert.True((double)server["gateway.cost.usd"]! > 0);
        string[] steps = [.. server.Events.Where(static e => e.Name == "gateway.step").Select(static e => (string)e.Tags["gateway.step"]!)];
        Assert.Equal(["identify", "receive", "envelope", "authorize", "admit", "guard_input", "cache", "route", "call", "answer", "settle"], steps);
        Assert.Contains(server.Events, static e => e.Name == "gateway.route");

        var call = Assert.Single(spans, static s => s.Kind == 3);
        Assert.Equal(server.SpanId, call.ParentId);
        Assert.Equal("chat sim?tools=1", call.Name);
        Assert.Equal(("chat", "sim", "sim?tools=1", true), (call["gen_ai.operation.name"], call["gen_ai.provider.name"], call["gen_ai.request.model"], call["gen_ai.request.stream"]));
        Assert.Equal((0.5, 7L, 64L, "session-7"), (call["gen_ai.request.temperature"], call["gen_ai.request.seed"], call["gen_ai.request.max_tokens"], call["gen_ai.conversation.id"]));
        Assert.Equal("127.0.0.1", call["server.address"]);
        Assert.Equal(new Uri(simulator.BaseUrl).Port, (int)(long)call["server.port"]!);
        Assert.Equal(["tool_calls"], Assert.IsType<object[]>(call["gen_ai.response.finish_reasons"]));
        Assert.Equal(["get_weather"], Assert.IsType<object[]>(call["gateway.tool_calls"]));
        Assert.Equal("get_weather", Assert.Single(call.Events, static e => e.Name == "gateway.tool_call").Tags["gen_ai.tool.name"]);
        Assert.StartsWith("sim", (string)call["gen_ai.response.model"]!, StringComparison.Ordinal);
        Assert.NotNull(call["gen_ai.response.id"]);
        Assert.True((double)call["gen_ai.response.time_to_first_chunk"]! >= 0);
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal(record.Tokens.Input, (long)call["gen_ai.usage.input_tokens"]!);
        Assert.Equal(record.Tokens.Output, (long)call["gen_ai.usage.output_tokens"]!);
        Assert.Equal(record.CostNanoUsd, Math.Round((double)call["gateway.cost.usd"]! * 1e9));
        Assert.Equal(TraceId, record.TraceId);

        var guard = Assert.Single(spans, static s => s.Name == "gateway.guardrails.input");
        Assert.Equal((server.SpanId, "names=redact"), (guard.ParentId, guard["gateway.guardrails"]));
        var output = Assert.Single(spans, static s => s.Name == "gateway.guardrails.output");
        Assert.Equal((server.SpanId, "pass"), (output.ParentId, output["gateway.guardrails.verdict"]));
        Assert.Equal("miss", Assert.Single(spans, static s => s.Name == "gateway.cache")["gateway.cache"]);
        Assert.All(spans, s => Assert.True(s.Start <= s.End && s.Start >= server.Start && s.End <= server.End, s.Name));

        // The provider's own spans hang under the call, and nothing that was said is anywhere.
        Assert.Equal($"00-{TraceId}-{call.SpanId}-01", simulator.Received[^1].Headers["traceparent"]);
        Assert.False(simulator.Received[^1].Headers.ContainsKey("baggage"));
        Assert.DoesNotContain("secret-prompt-text", Everything(spans), StringComparison.Ordinal);
        Assert.DoesNotContain("arguments", Everything(spans), StringComparison.Ordinal);
        Assert.Contains("get_weather", body, StringComparison.Ordinal);
        ConventionTests.Check(call);
    }

    [Theory]
    [InlineData("redact", true, "change")]
    [InlineData("redact", false, "change")]
    [InlineData("block", true, "block")]
    [InlineData("block", false, "block")]
    public async Task What_rules_did_with_an_answer_is_told_of_streams_as_of_plain_ones(string action, bool stream, string verdict)
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(
            EdgeHost.Configuration(simulator.BaseUrl, $"guardrails: {{ names: {{ appliesTo: {{}}, rules: [ {{ detector: keywords, action: {action}, scopes: [ output ], terms: [ Falcon ] }} ] }} }}"), settings: collector.Settings);
        using var request = Chat("sim?text=the%20Fal%63on%20flies", $"\"stream\":{(stream ? "true" : "false")}", "hello");
        request.Headers.Add("traceparent", Parent);
        using var response = await edge.Client.SendAsync(request, Cancel);
        await response.Content.ReadAsStringAsync(Cancel);

        var spans = await collector.TraceAsync(TraceId, 3);
        var server = spans.Single(static s => s.Kind == 2);
        var output = Assert.Single(spans, static s => s.Name == "gateway.guardrails.output");
        Assert.Equal((server.SpanId, verdict), (output.ParentId, output["gateway.guardrails.verdict"]));
        Assert.True(output.Start >= server.Start && output.End <= server.End);
        Assert.DoesNotContain("Falcon", Everything(spans), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tools_that_the_gateway_runs_have_spans_by_the_conventions(bool fails)
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var hub = await FakeHub.StartAsync();
        if (fails)
        {
            hub.Answer = static (_, _) => Task.FromResult(new HubCallAnswer { Outcome = McpCallOutcome.ToolError, Result = System.Text.Json.JsonElement.Parse("""{"isError":true,"content":[]}""") });
        }

        var settings = hub.Settings.Concat(collector.Settings).ToDictionary(static s => s.Key, static s => s.Value);
        await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration(simulator.BaseUrl), settings: settings);
        using var request = Chat("sim?tools=2&tokens=3", "\"stream\":true", "secret-prompt-text");
        request.Headers.Add("traceparent", Parent);
        request.Headers.Add("x-gateway-mcp", "*");
        request.Headers.Add("x-gateway-agent", "on");
        using var response = await edge.Client.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await response.Content.ReadAsStringAsync(Cancel);

        var spans = await collector.TraceAsync(TraceId, 9);
        var server = spans.Single(static s => s.Kind == 2);
        var turns = spans.Where(static s => s.Name == "gateway.turn").ToList();
        Assert.Equal(2, turns.Count);
        Assert.All(turns, t => Assert.Equal(server.SpanId, t.ParentId));
        Assert.All(turns, t => Assert.Single(spans, s => s.Kind == 3 && s.ParentId == t.SpanId && s.Name.StartsWith("chat sim", StringComparison.Ordinal)));
        var tools = spans.Where(static s => s.Name.StartsWith("execute_tool ", StringComparison.Ordinal)).OrderBy(static s => s.Name, StringComparer.Ordinal).ToList();
        Assert.Equal(["execute_tool files__read", "execute_tool web__search"], tools.Select(static t => t.Name));
        foreach (var tool in tools)
        {
            Assert.Equal((1, server.SpanId, "execute_tool", "extension"), (tool.Kind, tool.ParentId, tool["gen_ai.operation.name"], tool["gen_ai.tool.type"]));
            Assert.Equal(tool.Name["execute_tool ".Length..], tool["gen_ai.tool.name"]);
            Assert.NotNull(tool["gen_ai.tool.call.id"]);
            Assert.Equal((fails ? "tool_error" : null, fails ? 2 : 0), (tool["error.type"], tool.Status));

            // Each call of the hub hangs under its tool, and the hub is told of it.
            var call = Assert.Single(spans, s => s.Scope == "System.Net.Http" && s.ParentId == tool.SpanId);
            Assert.Contains($"00-{TraceId}-{call.SpanId}-01", hub.Contexts);
        }

        Assert.DoesNotContain("secret-prompt-text", Everything(spans), StringComparison.Ordinal);
        Assert.DoesNotContain("result of", Everything(spans), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_attempt_has_its_span_and_the_failed_ones_say_why()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(
            EdgeHost.Configuration(simulator.BaseUrl).Replace("targets: [ { deployment: sim } ]", "targets: [ { deployment: broken, priority: 1 }, { deployment: sim, priority: 2 } ]", StringComparison.Ordinal)
                .Replace("routes:", "  broken: { provider: broken, model: \"sim*\" }\nroutes:", StringComparison.Ordinal)
                .Replace("deployments:", "  broken: { baseUrl: \"http://127.0.0.1:9/v1\", apiKey: k-0000000000 }\ndeployments:", StringComparison.Ordinal),
            settings: collector.Settings);
        using var request = Chat("sim", "\"stream\":false", "hello");
        request.Headers.Add("traceparent", Parent);
        using var response = await edge.Client.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);

        var spans = await collector.TraceAsync(TraceId, 3);
        var calls = spans.Where(static s => s.Kind == 3).OrderBy(static s => s.Start).ToList();
        Assert.Equal(["broken", "sim"], calls.Select(static c => (string)c["gateway.deployment"]!));
        Assert.Equal(("upstream_unreachable", 2), (calls[0]["error.type"], calls[0].Status));
        Assert.Null(calls[1]["error.type"]);
        Assert.Null(calls[0]["gen_ai.usage.input_tokens"]);
        Assert.Equal(2L, spans.Single(static s => s.Kind == 2)["gateway.attempts"]);
    }

    [Fact]
    public async Task An_unsampled_request_leaves_nothing_unless_it_fails_is_slow_or_dear()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(
            EdgeHost.Configuration(simulator.BaseUrl, "settings: { telemetry: { traceRatio: 0, traceCostUsd: 0.001 } }"), settings: collector.Settings);

        // The usual client would add a context of its own, as the edge listens to it in this process.
        using var bare = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null }) { BaseAddress = edge.Address };
        bare.DefaultRequestHeaders.Authorization = edge.Client.DefaultRequestHeaders.Authorization;
        using (var plain = await bare.SendAsync(Chat("sim?tokens=3", "\"stream\":false", "x"), Cancel))
        {
            Assert.Equal(HttpStatusCode.OK, plain.StatusCode);
        }

        using (var unknown = await bare.SendAsync(Chat("nobody-has-this", "\"stream\":false", "x"), Cancel))
        {
            Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        }

        using var failed = Chat("sim?status=500", "\"stream\":false", "x");
        failed.Headers.Add("traceparent", Parent[..^1] + "0");
        using (var response = await bare.SendAsync(failed, Cancel))
        {
            Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        }

        using (var dear = await bare.SendAsync(Chat("sim?tokens=2000", "\"stream\":false", "x"), Cancel))
        {
            Assert.Equal(HttpStatusCode.OK, dear.StatusCode);
        }

        var error = await collector.TraceAsync(TraceId, 2);
        var server = error.Single(static s => s.Kind == 2);
        Assert.Equal(("late", 2, "b7ad6b7169203331"), (server["gateway.trace.kept"], server.Status, server.ParentId));
        Assert.Equal("500", error.First(static s => s.Kind == 3)["error.type"]);
        await Eventually.TrueAsync(() => collector.Spans.Count(static s => s.Kind == 2) >= 2, "the dear request is not traced");
        var dearServer = Assert.Single(collector.Spans, static s => s.Kind == 2 && s.TraceId != TraceId);
        Assert.True((double)dearServer["gateway.cost.usd"]! >= 0.001);
        Assert.Equal("", dearServer.ParentId);
        var records = await edge.RecordsAsync(4);
        Assert.Equal(dearServer.TraceId, records[3].TraceId);

        // Who is not traced here goes on with the caller's own context.
        Assert.Equal(Parent[..^1] + "0", simulator.Received[^2].Headers["traceparent"]);
        Assert.False(simulator.Received[0].Headers.ContainsKey("traceparent"));
    }

    [Theory]
    [InlineData("01")]
    [InlineData("00")]
    public async Task A_service_that_is_asked_is_part_of_the_trace_and_begins_none_of_its_own(string flags)
    {
        var asked = new ConcurrentQueue<(string Path, string Context, string Baggage)>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var service = builder.Build();
        service.Urls.Add("http://127.0.0.1:0");
        service.Run(http =>
        {
            asked.Enqueue((http.Request.Path, http.Request.Headers.TraceParent.ToString(), http.Request.Headers.Baggage.ToString()));
            http.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        await service.StartAsync(Cancel);
        await using var collector = await OtlpReceiver.StartAsync();
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        var settings = new Dictionary<string, string?>(collector.Settings) { ["services:guardrails:http:0"] = service.Urls.Single(), ["Gateway:InternalToken"] = "internal-token-of-the-test" };
        await using var edge = await EdgeHost.StartAsync(
            EdgeHost.Configuration(simulator.BaseUrl, Guarded), services: static s => s.AddServiceHttpClient(WireNames.Guardrails).AddGuardService(), settings: settings);
        using var request = Chat("sim", "\"stream\":false", "Falcon");
        request.Headers.Add("traceparent", Parent[..^2] + flags);
        request.Headers.Add("baggage", "session.id=s1,secret=x");
        using var response = await edge.Client.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);

        var (_, context, baggage) = Assert.Single(asked);
        Assert.EndsWith("-" + flags, context, StringComparison.Ordinal);
        if (flags == "00")
        {
            return;
        }

        var spans = await collector.TraceAsync(TraceId, 4);
        var guard = spans.Single(static s => s.Name == "gateway.guardrails.input");
        var call = spans.Single(static s => s.Scope == "System.Net.Http");
        Assert.Equal((guard.SpanId, $"00-{TraceId}-{call.SpanId}-01"), (call.ParentId, context));
        Assert.Contains("session.id", baggage, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", baggage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Baggage_goes_to_providers_only_where_the_settings_say_so()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration(simulator.BaseUrl, "settings: { telemetry: { baggageToProviders: true } }"));
        using var request = Chat("sim", "\"stream\":false", "x");
        request.Headers.Add("baggage", "session.id=s1,enduser.id=bob");
        using var response = await edge.Client.SendAsync(request, Cancel);

        Assert.Equal("session.id=s1,enduser.id=bob", simulator.Received[^1].Headers["baggage"]);
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal(("s1", "bob"), (record.SessionId, record.EndUser));
    }

    [Fact]
    public async Task What_was_said_is_in_a_trace_only_redacted_and_only_where_policy_says_so()
    {
        Environment.SetEnvironmentVariable("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true");
        try
        {
            await using var collector = await OtlpReceiver.StartAsync();
            await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
            const string settings = "requestLog: { file: log.jsonl }\nsettings: { requestLog: bodies, telemetry: { traceContent: true } }";
            await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration(simulator.BaseUrl, settings), settings: collector.Settings);
            using var request = Chat("sim?tokens=3", "\"stream\":true", "mail me at ada.lovelace@example.com please");
            request.Headers.Add("traceparent", Parent);
            using var response = await edge.Client.SendAsync(request, Cancel);
            await response.Content.ReadAsStringAsync(Cancel);

            var call = (await collector.TraceAsync(TraceId, 2)).Single(static s => s.Kind == 3);
            var messages = JsonNode.Parse((string)call["gen_ai.input.messages"]!)!.AsArray();
            var text = messages[0]!["parts"]![0]!["content"]!.GetValue<string>();
            Assert.Equal("user", messages[0]!["role"]!.GetValue<string>());
            Assert.StartsWith("mail me at ", text, StringComparison.Ordinal);
            Assert.DoesNotContain("lovelace", text, StringComparison.Ordinal);
            Assert.Equal("assistant", JsonNode.Parse((string)call["gen_ai.output.messages"]!)![0]!["role"]!.GetValue<string>());
        }
        finally
        {
            Environment.SetEnvironmentVariable("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", null);
        }
    }

    private static string Everything(IEnumerable<OtlpSpan> spans) =>
        string.Join('\n', spans.Select(static s => s.Name + string.Join(';', s.Tags.Concat(s.Events.SelectMany(static e => e.Tags)).Select(static t => $"{t.Key}={(t.Value is object[] many ? string.Join(',', many) : t.Value)}"))));

    private static HttpRequestMessage Chat(string model, string more, string content) => new(HttpMethod.Post, "/v1/chat/completions")
    {
        Content = new StringContent($$"""{"model":"{{model}}","messages":[{"role":"user","content":"{{content}}"}],{{more}}}""", System.Text.Encoding.UTF8, "application/json"),
    };
}
