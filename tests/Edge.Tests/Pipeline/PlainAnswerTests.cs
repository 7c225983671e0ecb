using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.LlmSimulator;

namespace Gateway.Edge.Tests.Pipeline;

public sealed class PlainAnswerTests
{
    [Fact]
    public async Task The_provider_gets_the_callers_bytes_with_the_model_spliced_and_its_own_credential()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        const string body = """{ "x_unknown" : {"deep":[1.0e5]}, "model":"sim?extra=1","messages":[{"role":"user","content":"h\u00e9 😀"}] , "seed":7 }""";
        using var response = await edge.PostAsync("/v1/chat/completions", body);
        var answer = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var received = Assert.Single(simulator.Received);
        Assert.Equal(body, received.BodyText);
        Assert.Equal(SimulatorHost.Redact("Bearer sk-provider-secret-1234567890"), received.Headers["authorization"]);
        Assert.NotNull(JsonNode.Parse(answer)!["choices"]);
        Assert.Equal("sim", response.Headers.GetValues("x-gateway-provider").Single());
        Assert.NotEmpty(response.Headers.GetValues("x-gateway-request-id").Single());
    }

    [Fact]
    public async Task The_record_holds_the_providers_figures_and_their_cost()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        using var response = await edge.ChatAsync("sim?tokens=20&cached=1&reasoning=5");
        var usage = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["usage"]!;
        var record = Assert.Single(await edge.RecordsAsync(1));
        var prompt = usage["prompt_tokens"]!.GetValue<long>();
        var completion = usage["completion_tokens"]!.GetValue<long>();
        Assert.Equal(prompt, record.Tokens.Input + record.Tokens.CacheRead);
        Assert.Equal(completion, record.Tokens.Output + record.Tokens.Reasoning);
        Assert.Equal((prompt * 1000) + (completion * 2000), record.CostNanoUsd);
        Assert.Equal("test", record.PriceVersion);
        Assert.Equal("main", record.KeyId);
        Assert.Equal(RequestOutcome.Completed, record.Outcome);
        Assert.Equal(200, record.Status);
        Assert.Equal(1, record.Attempts);
        Assert.False(record.Estimated);
        Assert.True(record.DurationMicros > 0);
    }

    [Theory]
    [InlineData("/v1/completions", """{"model":"sim","prompt":"x"}""", Operation.Completion)]
    [InlineData("/v1/embeddings", """{"model":"sim","input":["a","b"]}""", Operation.Embedding)]
    public async Task The_other_operations_take_the_same_way(string path, string body, Operation operation)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        using var response = await edge.PostAsync(path, body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(path, Assert.Single(simulator.Received).Path);
        Assert.Equal(operation, Assert.Single(await edge.RecordsAsync(1)).Operation);
    }

    [Fact]
    public async Task An_answer_without_usage_is_estimated_and_says_so()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        using var response = await edge.ChatAsync("sim?usage=0&tokens=50");
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.True(record.Estimated);
        Assert.InRange(record.Tokens.Output, 10, 400);
        Assert.True(record.CostNanoUsd > 0);
    }

    [Theory]
    [InlineData("authorization", "Bearer ")]
    [InlineData("x-api-key", "")]
    [InlineData("api-key", "")]
    [InlineData("x-goog-api-key", "")]
    public async Task A_key_is_taken_from_the_header_of_any_sdk(string header, string prefix)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        using var client = new HttpClient { BaseAddress = edge.Address };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(EdgeHost.Chat("sim"), Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation(header, prefix + EdgeHost.Key);
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.DoesNotContain(EdgeHost.Key, string.Join(' ', Assert.Single(simulator.Received).Headers), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Models_lists_exactly_what_the_key_may_use()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(
            $$"""
            version: 1
            autoProviders: false
            demo: true
            providers: { sim: { baseUrl: "{{simulator.BaseUrl}}" } }
            deployments: { sim: { provider: sim, model: sim } }
            routes: { a-model: sim, b-model: sim }
            keys: { main: { value: {{EdgeHost.Key}}, allowedModels: [ "a-*" ] } }
            """);
        var list = JsonNode.Parse(await edge.Client.GetStringAsync(new Uri("/v1/models", UriKind.Relative), TestContext.Current.CancellationToken))!;
        Assert.Equal("a-model", Assert.Single(list["data"]!.AsArray())!["id"]!.GetValue<string>());
        using var hidden = await edge.Client.GetAsync(new Uri("/v1/models/b-model", UriKind.Relative), TestContext.Current.CancellationToken);
        await EdgeHost.ErrorAsync(hidden, 404, "model_not_found");
        using var refused = await edge.ChatAsync("b-model");
        await EdgeHost.ErrorAsync(refused, 403, "model_not_allowed");
    }
}
