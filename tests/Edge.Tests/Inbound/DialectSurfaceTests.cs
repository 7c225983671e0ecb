using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Dialects.Chat;
using Gateway.LlmSimulator;

namespace Gateway.Edge.Tests.Inbound;

/// <summary>What is particular to one API: where its key is, its lists, its streams, its clients' habits.</summary>
public sealed class DialectSurfaceTests
{
    private const string Gemini = """{"contents":[{"role":"user","parts":[{"text":"hello there"}]}]}""";

    [Fact]
    public async Task A_gemini_stream_is_one_array_unless_events_are_asked_for()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        using var response = await edge.PostAsync("/v1beta/models/sim%3Ftext=one%2520two:streamGenerateContent", Gemini);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        var elements = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!.AsArray();
        Assert.Equal("one two", string.Concat(elements.SelectMany(static e => e!["candidates"]?.AsArray() ?? []).Select(static c => c!["content"]?["parts"]?[0]?["text"]?.GetValue<string>())).Trim());
        Assert.NotNull(elements[^1]!["usageMetadata"]);
    }

    [Theory]
    [InlineData("?key=" + EdgeHost.Key, null, HttpStatusCode.OK)]
    [InlineData("", "x-goog-api-key", HttpStatusCode.OK)]
    [InlineData("?key=gw-wrong", null, HttpStatusCode.Unauthorized)]
    [InlineData("", null, HttpStatusCode.Unauthorized)]
    public async Task A_gemini_key_may_be_in_the_address(string query, string? header, HttpStatusCode status)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        using var client = new HttpClient { BaseAddress = edge.Address };
        if (header is not null)
        {
            client.DefaultRequestHeaders.Add(header, EdgeHost.Key);
        }

        using var content = new StringContent(Gemini, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri("/v1beta/models/sim:generateContent" + query, UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.Equal(status, response.StatusCode);
        Assert.All(simulator.Received, static r => Assert.DoesNotContain(EdgeHost.Key, string.Join(' ', r.Headers) + r.Path + r.BodyText, StringComparison.Ordinal));
        using var elsewhere = await client.PostAsync(new Uri("/v1/chat/completions" + query, UriKind.Relative), new StringContent(EdgeHost.Chat("sim"), Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        Assert.Equal(header is null ? HttpStatusCode.Unauthorized : HttpStatusCode.OK, elsewhere.StatusCode);
    }

    [Fact]
    public async Task A_signature_of_aws_is_no_key_but_one_besides_it_is()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        using var client = new HttpClient { BaseAddress = edge.Address };
        using var signed = Signed();
        using var refused = await client.SendAsync(signed, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Contains("AWS_BEARER_TOKEN_BEDROCK", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using var both = Signed();
        both.Headers.Add("x-api-key", EdgeHost.Key);
        using var accepted = await client.SendAsync(both, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);

        static HttpRequestMessage Signed()
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(EdgeHost.Chat("sim"), Encoding.UTF8, "application/json") };
            request.Headers.TryAddWithoutValidation("Authorization", $"AWS4-HMAC-SHA256 Credential={EdgeHost.Key}/20250101/us-east-1/bedrock/aws4_request, SignedHeaders=host, Signature=00");
            return request;
        }
    }

    [Fact]
    public async Task Models_are_listed_in_the_form_of_who_asks()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(
            $$"""
            version: 1
            autoProviders: false
            demo: false
            providers: { sim: { baseUrl: "{{simulator.BaseUrl}}" } }
            deployments: { sim: { provider: sim, model: sim } }
            routes: { a: sim, b: sim, c: sim }
            keys: { main: { value: {{EdgeHost.Key}} } }
            """);
        var gemini = await GetAsync(edge, "/v1beta/models?pageSize=2");
        Assert.Equal(["models/a", "models/b"], gemini["models"]!.AsArray().Select(static m => m!["name"]!.GetValue<string>()));
        var rest = await GetAsync(edge, "/v1beta/models?pageSize=2&pageToken=" + gemini["nextPageToken"]!.GetValue<string>());
        Assert.Equal("models/c", Assert.Single(rest["models"]!.AsArray())!["name"]!.GetValue<string>());
        Assert.Null(rest["nextPageToken"]);
        Assert.Equal("models/b", (await GetAsync(edge, "/genai/v1beta/models/b"))["name"]!.GetValue<string>());

        edge.Client.DefaultRequestHeaders.Add("anthropic-version", "2023-06-01");
        var anthropic = await GetAsync(edge, "/v1/models?limit=2");
        Assert.True(anthropic["has_more"]!.GetValue<bool>());
        Assert.Equal("b", anthropic["last_id"]!.GetValue<string>());
        var last = await GetAsync(edge, "/v1/models?limit=2&after_id=b");
        Assert.False(last["has_more"]!.GetValue<bool>());
        Assert.Equal("model", last["data"]![0]!["type"]!.GetValue<string>());
        Assert.Equal("c", (await GetAsync(edge, "/v1/models/c"))["id"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("/anthropic/v1/nothing", 404)]
    [InlineData("/v1beta/nothing", 404)]
    [InlineData("/v1beta/models/sim:generateContent", 405)]
    public async Task What_is_not_there_is_told_in_the_dialect_of_the_address(string path, int status)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        using var request = new HttpRequestMessage(status == 405 ? HttpMethod.Put : HttpMethod.Post, path);
        using var response = await edge.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var dialect = path.StartsWith("/anthropic", StringComparison.Ordinal) ? DialectId.Anthropic : DialectId.Gemini;
        await new Caller(dialect).ErrorAsync(response, status);
        Assert.Equal(status == 405, response.Content.Headers.Allow.Contains("POST"));
    }

    [Fact]
    public async Task What_the_provider_cannot_express_is_listed()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        const string path = "/v1beta/models/sim:generateContent";
        const string body = """{"contents":[{"role":"user","parts":[{"text":"x"}]}],"safetySettings":[{"category":"HARM_CATEGORY_HATE_SPEECH","threshold":"BLOCK_NONE"}]}""";
        await using var edge = await EdgeHost.StartAsync(simulator);
        using var response = await edge.PostAsync(path, body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("safetySettings", response.Headers.GetValues("x-gateway-dropped").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_provider_cannot_express_is_refused_where_the_route_says_so()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration(simulator.BaseUrl).Replace("targets: [ { deployment: sim } ]", "targets: [ { deployment: sim } ], unsupported: reject", StringComparison.Ordinal));
        var caller = new Caller(DialectId.Gemini);
        using var refused = await edge.PostAsync("/v1beta/models/sim:generateContent", Gemini[..^1] + ""","safetySettings":[{"category":"HARM_CATEGORY_HATE_SPEECH","threshold":"BLOCK_NONE"}]}""");
        Assert.Contains("safetySettings", (await caller.ErrorAsync(refused, 400)).Message, StringComparison.Ordinal);
        using var accepted = await caller.AskAsync(edge, "sim");
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
        Assert.Single(simulator.Received);
        Assert.Contains(await edge.RecordsAsync(2), static r => r.ErrorCode == "unsupported_by_provider" && r.CostNanoUsd == 0);
    }

    [Fact]
    public async Task A_long_session_of_a_coding_agent_passes()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        var system = new string('s', 30_000);
        var result = new string('r', 40_000);
        var body = $$$"""
            {"model":"sim?text=done","max_tokens":32000,"stream":true,"temperature":1,"metadata":{"user_id":"user_1"},
            "system":[{"type":"text","text":"You are a coding agent.","cache_control":{"type":"ephemeral"}},{"type":"text","text":"{{{system}}}","cache_control":{"type":"ephemeral"}}],
            "tools":[{"name":"Bash","description":"Runs a command","input_schema":{"type":"object","properties":{"command":{"type":"string"}},"required":["command"]}}],
            "messages":[{"role":"user","content":[{"type":"text","text":"list files","cache_control":{"type":"ephemeral"}}]},
            {"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"c2ln"},{"type":"text","text":"Sure."},{"type":"tool_use","id":"toolu_1","name":"Bash","input":{"command":"ls"}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"text","text":"{{{result}}}"}]}]}]}
            """;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages?beta=true") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("anthropic-version", "2023-06-01");
        request.Headers.Add("anthropic-beta", "claude-code-20250219,interleaved-thinking-2025-05-14");
        using var response = await edge.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        var answer = await new Caller(DialectId.Anthropic).StreamedAsync(response);
        Assert.Equal("done", Caller.Text(answer).Trim());
        var sent = JsonNode.Parse(Assert.Single(simulator.Received).BodyText)!;
        Assert.Contains(sent["messages"]!.AsArray(), m => m!["role"]!.GetValue<string>() == "tool" && m["content"]!.ToJsonString().Contains(result, StringComparison.Ordinal));
    }

    private static async Task<JsonNode> GetAsync(EdgeHost edge, string path) =>
        JsonNode.Parse(await edge.Client.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken))!;
}
