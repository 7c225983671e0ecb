using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.LlmSimulator;

namespace Gateway.Edge.Tests.Passthrough;

public sealed class PassthroughTests
{
    private const string Secret = "sk-provider-secret-1234567890";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/passthrough/sim/v1/chat/completions")]
    [InlineData("/passthrough/sim/chat/completions")]
    public async Task A_request_goes_through_with_the_providers_key_and_is_metered(string path)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator);
        using var request = new HttpRequestMessage(HttpMethod.Post, path + "?trace=a%2Fb") { Content = new StringContent(EdgeHost.Chat("sim?tokens=3"), Encoding.UTF8, "application/json") };
        request.Headers.Add("x-api-key", "another");
        request.Headers.Add("x-custom", "kept");
        request.Headers.Add("x-hop", "dropped");
        request.Headers.Add("Connection", "x-hop");
        request.Headers.Add("Cookie", "a=b");
        request.Headers.Add("X-HTTP-Method-Override", "DELETE");
        using var response = await edge.Client.SendAsync(request, Cancel);
        var body = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True(response.IsSuccessStatusCode, body);
        Assert.Equal("sim", response.Headers.GetValues("x-gateway-provider").Single());

        var received = Assert.Single(simulator.Received);
        Assert.Equal("/v1/chat/completions?trace=a%2Fb", received.Path);
        Assert.Equal(EdgeHost.Chat("sim?tokens=3"), received.BodyText);
        Assert.Equal(SimulatorHost.Redact("Bearer " + Secret), received.Headers["authorization"]);
        Assert.Equal("kept", received.Headers["x-custom"]);
        Assert.DoesNotContain("x-api-key", received.Headers.Keys);
        Assert.DoesNotContain("x-hop", received.Headers.Keys);
        Assert.DoesNotContain("cookie", received.Headers.Keys);
        Assert.DoesNotContain("x-http-method-override", received.Headers.Keys);

        var usage = JsonNode.Parse(body)!["usage"]!;
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal((Operation.Passthrough, RequestOutcome.Completed, "sim?tokens=3", "sim", "sim"), (record.Operation, record.Outcome, record.Model, record.DeploymentId, record.ProviderId));
        Assert.Equal(((long)usage["prompt_tokens"]!, (long)usage["completion_tokens"]!), (record.Tokens.Input, record.Tokens.Output));
        Assert.True(record.CostNanoUsd > 0);
        Assert.False(record.Estimated);
    }

    [Fact]
    public async Task A_stream_passes_byte_by_byte_and_is_metered()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator);
        var body = EdgeHost.Chat("sim?tokens=5", "\"stream\":true,\"stream_options\":{\"include_usage\":true}");
        using var response = await edge.PostAsync("/passthrough/sim/v1/chat/completions", body);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        var events = await response.Content.ReadAsStringAsync(Cancel);
        Assert.EndsWith("data: [DONE]\n\n", events, StringComparison.Ordinal);
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal((5L, true, false), (record.Tokens.Output, record.Stream, record.Estimated));
    }

    [Fact]
    public async Task A_method_in_lower_case_is_metered_all_the_same()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator);
        using var client = new TcpClient();
        await client.ConnectAsync(edge.Address.Host, edge.Address.Port, Cancel);
        var body = EdgeHost.Chat("sim?tokens=3");
        var request = $"post /passthrough/sim/v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {EdgeHost.Key}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), Cancel);
        using var reader = new StreamReader(client.GetStream());
        Assert.StartsWith("HTTP/1.1 200", await reader.ReadToEndAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(3, Assert.Single(await edge.RecordsAsync(1)).Tokens.Output);
    }

    [Fact]
    public async Task A_stream_without_a_report_is_estimated()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator);
        using var response = await edge.PostAsync("/passthrough/sim/v1/chat/completions", EdgeHost.Chat("sim?tokens=5", "\"stream\":true"));
        _ = await response.Content.ReadAsStringAsync(Cancel);
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.True(record.Estimated);
        Assert.True(record.Tokens.Output > 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_whose_caller_left_is_read_to_its_end_where_answers_are_drained(bool drains)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, $"settings: {{ onAbandon: {(drains ? "drain" : "abort")} }}");
        var body = EdgeHost.Chat("sim?tokens=60&rate=20", "\"stream\":true,\"stream_options\":{\"include_usage\":true}");
        using (var response = await edge.PostAsync("/passthrough/sim/v1/chat/completions", body))
        {
            // What is cancelled in the middle of a read closes the connection; what is only disposed of would be read to its end.
            using var leaves = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            await using var stream = await response.Content.ReadAsStreamAsync(Cancel);
            await stream.ReadExactlyAsync(new byte[200], Cancel);
            var rest = stream.ReadExactlyAsync(new byte[100_000], leaves.Token).AsTask();
            await leaves.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => rest);
        }

        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal((RequestOutcome.ClientCancelled, !drains, 499), (record.Outcome, record.Estimated, record.Status));
        Assert.True(drains ? record.Tokens.Output == 60 : record.Tokens.Output < 60, $"{record.Tokens.Output} tokens");
        await Eventually.TrueAsync(() => simulator.Stats.Active == 0, "the provider still answers");
    }

    [Fact]
    public async Task Files_go_up_and_come_back_and_cost_nothing()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator);
        var bytes = new byte[300_000];
        new Random(4).NextBytes(bytes);
        using var form = new MultipartFormDataContent { { new StringContent("user_data"), "purpose" }, { new ByteArrayContent(bytes), "file", "a.bin" } };
        using var up = await edge.Client.PostAsync("/passthrough/sim/v1/files", form, Cancel);
        var file = JsonNode.Parse(await up.Content.ReadAsStringAsync(Cancel))!;
        Assert.Equal(bytes.Length, (int)file["bytes"]!);
        var down = await edge.Client.GetByteArrayAsync($"/passthrough/sim/v1/files/{file["id"]}/content", Cancel);
        Assert.True(bytes.AsSpan().SequenceEqual(down));
        using var deleted = await edge.Client.DeleteAsync($"/passthrough/sim/v1/files/{file["id"]}", Cancel);
        Assert.True(deleted.IsSuccessStatusCode);
        Assert.All(await edge.RecordsAsync(3), r => Assert.Equal((Operation.Passthrough, 0L, 0L), (r.Operation, r.CostNanoUsd, r.Tokens.Input)));
    }

    [Fact]
    public async Task Another_dialect_keeps_its_own_form_of_errors_and_usage()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(Configuration("kind: anthropic, ", simulator.BaseUrl));
        using var missing = new HttpClient { BaseAddress = edge.Address };
        using var refused = await missing.PostAsync("/passthrough/sim/v1/messages", new StringContent("{}", Encoding.UTF8, "application/json"), Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal("error", (string?)JsonNode.Parse(await refused.Content.ReadAsStringAsync(Cancel))!["type"]);
        using var response = await edge.PostAsync("/passthrough/sim/v1/messages", """{"model":"sim?tokens=4","max_tokens":50,"stream":true,"messages":[{"role":"user","content":"hello"}]}""");
        Assert.Contains("message_stop", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(SimulatorHost.Redact(Secret), simulator.Received[^1].Headers["x-api-key"]);
        Assert.True(simulator.Received[^1].Headers.ContainsKey("anthropic-version"));
        Assert.Equal(4, Assert.Single(await edge.RecordsAsync(1)).Tokens.Output);
    }

    [Fact]
    public async Task Who_may_not_is_told_so()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(Configuration("", simulator.BaseUrl, """
              elsewhere: { value: gw-elsewhere-0000000000000000000000000000000000, allowedProviders: [other] }
              narrow: { value: gw-narrow-0000000000000000000000000000000000000, allowedModels: ["sim"] }
            """));
        using var nobody = new HttpClient { BaseAddress = edge.Address };
        await EdgeHost.ErrorAsync(await nobody.GetAsync("/passthrough/sim/v1/models", Cancel), 401, "missing_api_key");
        await EdgeHost.ErrorAsync(await edge.Client.GetAsync("/passthrough/nope/v1/models", Cancel), 404, "not_found");
        await EdgeHost.ErrorAsync(await edge.Client.GetAsync("/passthrough/sim/a%2f%2e%2e%2fb", Cancel), 404, "not_found");
        await EdgeHost.ErrorAsync(await As(edge, "gw-elsewhere-0000000000000000000000000000000000", HttpMethod.Get, "/passthrough/sim/v1/files", null), 403, "provider_not_allowed");

        const string narrow = "gw-narrow-0000000000000000000000000000000000000";
        await EdgeHost.ErrorAsync(await As(edge, narrow, HttpMethod.Get, "/passthrough/sim/v1/files", null), 403, "model_not_allowed");
        await EdgeHost.ErrorAsync(await As(edge, narrow, HttpMethod.Post, "/passthrough/sim/v1/chat/completions", EdgeHost.Chat("sim?tokens=1")), 403, "model_not_allowed");
        await EdgeHost.ErrorAsync(await As(edge, narrow, HttpMethod.Post, "/passthrough/sim/v1/models/sim/x", EdgeHost.Chat("sim?tokens=1")), 403, "model_not_allowed");
        Assert.Empty(simulator.Received);
        using var allowed = await As(edge, narrow, HttpMethod.Post, "/passthrough/sim/v1/chat/completions", EdgeHost.Chat("sim"));
        Assert.True(allowed.IsSuccessStatusCode);
    }

    [Theory]
    [InlineData("application/json", """{"model":"sim","messages":[{"role":"user","content":"the f\u006frbidden word"}]}""")]
    [InlineData("text/plain", "the forbidden word")]
    [InlineData("application/jsonl", "{\"a\":1}\n{\"b\":\"f\\u006frbidden\"}\n")]
    [InlineData("application/octet-stream", "\u0001 forbidden \u0002")]
    public async Task A_blocked_term_goes_nowhere(string type, string body)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, "settings: { blockedTerms: [forbidden] }");
        using var content = new StringContent(body, Encoding.UTF8);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        await EdgeHost.ErrorAsync(await edge.Client.PostAsync("/passthrough/sim/v1/chat/completions", content, Cancel), 400, "content_blocked");
        Assert.Empty(simulator.Received);
    }

    [Fact]
    public async Task Limits_and_budgets_hold()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, "budgets: { small: { limitUsd: 0.000001, window: day } }", ", limits: { requestsPerMinute: 3 }, budgets: [small]");
        await EdgeHost.ErrorAsync(await edge.PostAsync("/passthrough/sim/v1/chat/completions", EdgeHost.Chat("sim", "\"max_tokens\":100000000")), 402, "budget_exceeded");
        await EdgeHost.ErrorAsync(await edge.PostAsync("/passthrough/sim/v1/unknown", """{"prompt":"a"}"""), 402, "model_unpriced");
        Assert.Empty(simulator.Received);
        for (var i = 0; i < 3; i++)
        {
            using var free = await edge.Client.GetAsync("/passthrough/sim/v1/files", Cancel);
            Assert.True(free.IsSuccessStatusCode, await free.Content.ReadAsStringAsync(Cancel));
        }

        await EdgeHost.ErrorAsync(await edge.Client.GetAsync("/passthrough/sim/v1/files", Cancel), 429, "request_limit_exceeded");
    }

    [Fact]
    public async Task An_error_passes_without_the_credential()
    {
        await using var provider = new RawProvider($$$"""
            HTTP/1.1 401 Unauthorized
            Content-Type: application/json
            Connection: close

            {"error":{"message":"Incorrect API key provided: {{{Secret}}}.","odd":1}}
            """);
        await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration(provider.BaseUrl));
        using var response = await edge.PostAsync("/passthrough/sim/v1/anything", """{"model":"sim"}""");
        var body = await response.Content.ReadAsStringAsync(Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.DoesNotContain(Secret, body, StringComparison.Ordinal);
        Assert.Contains("\"odd\":1", body, StringComparison.Ordinal);
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal((RequestOutcome.UpstreamError, 401, 0L), (record.Outcome, record.Status, record.CostNanoUsd));
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var elsewhere = new RawProvider("HTTP/1.1 200 OK\nContent-Length: 0\n\n");
        await using var provider = new RawProvider($"HTTP/1.1 302 Found\nLocation: {elsewhere.BaseUrl}/there\nContent-Length: 0\nConnection: close\n\n");
        await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration(provider.BaseUrl));
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        using var client = new HttpClient(handler) { BaseAddress = edge.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/passthrough/sim/v1/files/x/content") { Headers = { { "Authorization", "Bearer " + EdgeHost.Key } } };
        using var response = await client.SendAsync(request, Cancel);
        Assert.Equal((HttpStatusCode.Found, 0), (response.StatusCode, elsewhere.Requests));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\nContent-Type: text/event-stream\nTransfer-Encoding: chunked\n\n5\ndata:\n")]
    [InlineData("HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: 100\n\n{\"a\":")]
    public async Task A_cut_answer_is_no_success(string answer)
    {
        await using var provider = new RawProvider(answer);
        await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration(provider.BaseUrl));
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using var response = await edge.PostAsync("/passthrough/sim/v1/x", """{"model":"sim"}""");
            _ = await response.Content.ReadAsStringAsync(Cancel);
        });
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal((RequestOutcome.UpstreamCut, true), (record.Outcome, record.Estimated));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense\n\n")]
    public async Task No_answer_is_a_502(string answer)
    {
        await using var provider = new RawProvider(answer);
        await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration(provider.BaseUrl));
        using var response = await edge.PostAsync("/passthrough/sim/v1/x", """{"model":"sim"}""");
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal(RequestOutcome.UpstreamUnavailable, Assert.Single(await edge.RecordsAsync(1)).Outcome);
    }

    [Theory]
    [InlineData("application/json", true)]
    [InlineData("application/octet-stream", true)]
    [InlineData("application/octet-stream", false)]
    public async Task A_body_that_is_too_large_is_a_413(string type, bool announced)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, "settings: { maxRequestBytes: 1024 }");
        using var content = new ByteArrayContent(Encoding.ASCII.GetBytes("\"" + new string('a', 5000) + "\""));
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/passthrough/sim/v1/files") { Content = content };
        request.Headers.TransferEncodingChunked = !announced;
        await EdgeHost.ErrorAsync(await edge.Client.SendAsync(request, Cancel), 413, "request_too_large");
    }

    [Fact]
    public async Task Broken_json_is_a_400_and_goes_nowhere()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator);
        await EdgeHost.ErrorAsync(await edge.PostAsync("/passthrough/sim/v1/chat/completions", "{\"model\":"), 400, "invalid_json");
        await EdgeHost.ErrorAsync(await edge.PostAsync("/passthrough/sim/v1/chat/completions", """{"model":"a","model":"b"}"""), 400, "duplicate_parameter");
        Assert.Empty(simulator.Received);
    }

    private static Task<HttpResponseMessage> As(EdgeHost edge, string key, HttpMethod method, string path, string? body)
    {
        var request = new HttpRequestMessage(method, new Uri(edge.Address, path)) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return edge.Client.SendAsync(request, Cancel);
    }

    private static string Configuration(string kind, string baseUrl, string moreKeys = "") => $$"""
        version: 1
        autoProviders: false
        demo: false
        providers:
          sim: { {{kind}}baseUrl: "{{baseUrl}}", apiKey: {{Secret}} }
          other: { baseUrl: "{{baseUrl}}", apiKey: sk-other }
        deployments:
          sim: { provider: sim, model: "sim*", price: { version: test, inputPerMillion: 1, outputPerMillion: 2 } }
        routes:
          "sim*": { targets: [ { deployment: sim } ] }
        keys:
          main: { value: {{EdgeHost.Key}} }
        {{moreKeys}}
        """;
}
