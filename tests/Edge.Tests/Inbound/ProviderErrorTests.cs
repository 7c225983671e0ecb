using System.Net;
using System.Text.Json.Nodes;
using Gateway.Dialects.Chat;
using Gateway.Edge.Runtime;
using Gateway.LlmSimulator;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Edge.Tests.Inbound;

/// <summary>What error answers of providers mean beyond their status: to the credential's health, and to the caller.</summary>
public sealed class ProviderErrorTests
{
    private const string GoogleLimit = """[{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details. Please retry in 35s.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"35s"}]}}]""";

    [Theory]
    [InlineData(DialectId.OpenAIChat)]
    [InlineData(DialectId.Anthropic)]
    public async Task A_wait_in_the_body_alone_rests_the_credential_and_is_told_to_the_caller(DialectId dialect)
    {
        await using var provider = new FixedProvider("application/json", GoogleLimit, 429);
        await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration(provider.BaseUrl));
        var caller = new Caller(dialect);
        var before = TimeProvider.System.GetUtcNow();
        using var response = await caller.AskAsync(edge, "sim");
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(35), response.Headers.RetryAfter?.Delta);
        var health = Assert.Single(edge.Services.GetRequiredService<RuntimeState>().Routing.Credentials, static c => c.Value.Unavailable(out _) is not null).Value;
        Assert.Null(health.Retired);
        Assert.True(health.CoolsUntil >= before.AddSeconds(35));

        using var next = await caller.AskAsync(edge, "sim");
        Assert.Equal(429, (await caller.ErrorAsync(next, 429)).Status);
        Assert.InRange(next.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 5, 35);
    }

    [Theory]
    [InlineData("""{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","code":"insufficient_quota"}}""", true)]
    [InlineData("""{"error":{"message":"You exceeded your current quota, please check your plan and billing details."}}""", false)]
    [InlineData("""{"error":{"message":"Quota of tokens per minute exceeded."}}""", false)]
    public async Task Only_a_code_of_an_exhausted_account_retires_a_credential_on_a_429(string body, bool retires)
    {
        await using var provider = new FixedProvider("application/json", body, 429);
        await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration(provider.BaseUrl));
        using var response = await edge.ChatAsync("sim");
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        var health = Assert.Single(edge.Services.GetRequiredService<RuntimeState>().Routing.Credentials, static c => c.Value.Unavailable(out _) is not null).Value;
        Assert.Equal(retires, health.Retired is not null);
    }

    [Fact]
    public async Task Members_that_the_provider_does_not_take_are_listed()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration(simulator.BaseUrl).Replace("apiKey:", "drop: [ logit_bias, seed ], apiKey:", StringComparison.Ordinal));
        using var dropped = await edge.ChatAsync("sim", "\"seed\":1,\"logit_bias\":{}");
        Assert.Equal(["seed", "logit_bias"], Listed(dropped));
        Assert.Null(JsonNode.Parse(simulator.Received[^1].BodyText)!["seed"]);
        using var streamed = await edge.ChatAsync("sim", "\"seed\":1,\"stream\":true");
        Assert.Equal(["seed"], Listed(streamed));
        using var nothing = await edge.ChatAsync("sim");
        Assert.False(nothing.Headers.Contains("x-gateway-dropped"));
    }

    [Fact]
    public async Task Bedrock_callers_are_told_the_type_of_every_error_in_the_header()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        var caller = new Caller(DialectId.BedrockConverse);
        using var good = await caller.AskAsync(edge, "sim");
        using var wrong = await caller.AskAsync(edge, "sim?status=400");
        Assert.Equal("ValidationException", Assert.Single(wrong.Headers.GetValues("x-amzn-ErrorType")));
        using var limited = await caller.AskAsync(edge, "sim?status=429");
        Assert.Equal("ThrottlingException", Assert.Single(limited.Headers.GetValues("x-amzn-ErrorType")));
        using var absent = await caller.AskAsync(edge, "no-such-model");
        Assert.Equal("ResourceNotFoundException", Assert.Single(absent.Headers.GetValues("x-amzn-ErrorType")));
        using var other = await new Caller(DialectId.Anthropic).AskAsync(edge, "no-such-model");
        Assert.False(good.Headers.Contains("x-amzn-ErrorType") || other.Headers.Contains("x-amzn-ErrorType"));
    }

    [Theory]
    [InlineData(DialectId.BedrockConverse)]
    [InlineData(DialectId.Anthropic)]
    public async Task The_type_in_the_header_of_a_bedrock_provider_decides(DialectId dialect)
    {
        await using var provider = new FixedProvider("application/json", """{"message":"The operation is not allowed."}""", 400, "x-amzn-ErrorType: ServiceUnavailableException:http://internal/\r\n");
        var yaml = EdgeHost.Configuration("http://unused").Replace("baseUrl: \"http://unused\"", $"kind: bedrock, region: us-east-1, baseUrl: \"{provider.BaseUrl[..^3]}\"", StringComparison.Ordinal);
        await using var edge = await EdgeHost.StartAsync(yaml);
        var caller = new Caller(dialect);
        using var response = await caller.AskAsync(edge, "sim");
        if (dialect == DialectId.BedrockConverse)
        {
            Assert.StartsWith("ServiceUnavailableException", Assert.Single(response.Headers.GetValues("x-amzn-ErrorType")), StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(ChatErrorKind.Overloaded, (await caller.ErrorAsync(response, (int)response.StatusCode)).Kind);
        }
    }

    [Fact]
    public async Task The_beta_parameter_of_an_anthropic_caller_reaches_anthropic_and_no_other_does()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var yaml = EdgeHost.Configuration("http://unused").Replace("baseUrl: \"http://unused\"", $"kind: anthropic, baseUrl: \"{simulator.RootUrl}/v1\"", StringComparison.Ordinal);
        await using var edge = await EdgeHost.StartAsync(yaml);
        var caller = new Caller(DialectId.Anthropic);
        foreach (var (asked, sent) in new[] { ("?beta=true", "?beta=true"), ("?api-version=2024-10-21&beta=true&x=1", "?beta=true"), ("", ""), ("?beta=1", ""), ("?key=abc", "") })
        {
            using var response = await edge.PostAsync("/v1/messages" + asked, caller.Body("sim", "hi", stream: false));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.EndsWith("/messages" + sent, simulator.Received[^1].Path, StringComparison.Ordinal);
        }

        using var chat = await edge.PostAsync("/v1/chat/completions?beta=true&api-version=1", new Caller(DialectId.OpenAIChat).Body("sim", "hi", stream: false));
        Assert.EndsWith("/messages", simulator.Received[^1].Path, StringComparison.Ordinal);
    }

    private static string[] Listed(HttpResponseMessage response) => Assert.Single(response.Headers.GetValues("x-gateway-dropped")).Split(", ");
}
