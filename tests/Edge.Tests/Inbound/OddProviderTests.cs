using System.Net;
using System.Text.Json.Nodes;
using Gateway.Dialects.Chat;

namespace Gateway.Edge.Tests.Inbound;

/// <summary>Providers that answer in a form other than the one that was asked for, or only nearly in the dialect they claim.</summary>
public sealed class OddProviderTests
{
    private const string Plain = """{"choices":[{"message":{"content":"hi","tool_calls":[{"id":"c1","function":{"name":"f","arguments":{"a":1}}}]},"finish_reason":"tool_use"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}""";
    private const string Whole = """{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"one two"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}""";
    private const string Events =
        "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"one \"},\"finish_reason\":null}]}\n\n"
        + "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"two\"},\"finish_reason\":\"stop\"}]}\n\n"
        + "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}\n\n"
        + "data: [DONE]\n\n";

    [Fact]
    public async Task A_nearly_compatible_answer_is_mended()
    {
        await using var provider = new FixedProvider("application/json", Plain);
        await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration(provider.BaseUrl));
        using var response = await edge.ChatAsync("sim");
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var answer = JsonNode.Parse(text)!;
        Assert.StartsWith("chatcmpl-", answer["id"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("tool_calls", answer["choices"]![0]!["finish_reason"]!.GetValue<string>());
        Assert.Equal("function", answer["choices"]![0]!["message"]!["tool_calls"]![0]!["type"]!.GetValue<string>());
        Assert.Equal("{\"a\":1}", answer["choices"]![0]!["message"]!["tool_calls"]![0]!["function"]!["arguments"]!.GetValue<string>());
        Assert.Equal(3, Assert.Single(await edge.RecordsAsync(1)).Tokens.Input);
    }

    [Fact]
    public async Task Mending_can_be_switched_off()
    {
        await using var provider = new FixedProvider("application/json", Plain);
        await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration(provider.BaseUrl).Replace("apiKey:", "normalize: false, apiKey:", StringComparison.Ordinal));
        using var response = await edge.ChatAsync("sim");
        Assert.Equal(Plain, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_nearly_compatible_stream_is_mended_and_counted()
    {
        const string events = "data: {\"choices\":[{\"delta\":{\"content\":\"one\"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},\"finish_reason\":\"tool_use\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n";
        await using var provider = new FixedProvider("text/event-stream", events);
        await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration(provider.BaseUrl));
        var caller = new Caller(DialectId.OpenAIChat);
        using var response = await caller.AskAsync(edge, "sim", stream: true);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var chunks = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).SkipLast(1).Select(static e => JsonNode.Parse(e["data: ".Length..])!).ToList();
        Assert.All(chunks, static c => Assert.Equal("chat.completion.chunk", c["object"]!.GetValue<string>()));
        Assert.Single(chunks.Select(static c => c["id"]!.GetValue<string>()).Distinct());
        Assert.Contains("\"tool_calls\"", text, StringComparison.Ordinal);
        Assert.Contains("\"finish_reason\":\"tool_calls\"", text, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
        Assert.Equal(2, Assert.Single(await edge.RecordsAsync(1)).Tokens.Output);
    }

    private const string FailedResponse = """{"id":"resp_1","object":"response","created_at":1,"status":"failed","error":{"code":"rate_limit_exceeded","message":"Slow down."},"output":[],"usage":null}""";

    [Fact]
    public async Task A_response_that_failed_is_an_error_where_a_stream_was_asked_for()
    {
        await using var provider = new FixedProvider("application/json", FailedResponse);
        await using var edge = await StartNativeAsync(provider);
        var caller = new Caller(DialectId.OpenAIResponses);
        using var response = await caller.AskAsync(edge, "sim", stream: true);
        Assert.Contains("Slow down.", (await caller.ErrorAsync(response, 429)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_response_that_failed_keeps_its_bytes_in_its_own_dialect()
    {
        await using var provider = new FixedProvider("application/json", FailedResponse);
        await using var edge = await StartNativeAsync(provider);
        using var response = await edge.PostAsync("/v1/responses", """{"model":"sim","input":"hi","store":false}""");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(FailedResponse, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_answer_that_conforms_keeps_its_bytes()
    {
        await using var provider = new FixedProvider("application/json", Whole);
        await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration(provider.BaseUrl));
        using var response = await edge.ChatAsync("sim");
        Assert.Equal(Whole, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(DialectId.OpenAIChat)]
    [InlineData(DialectId.OpenAIResponses)]
    [InlineData(DialectId.Anthropic)]
    [InlineData(DialectId.Gemini)]
    [InlineData(DialectId.BedrockConverse)]
    [InlineData(DialectId.Cohere)]
    public async Task A_whole_answer_becomes_the_stream_that_was_asked_for_and_the_reverse(DialectId dialect)
    {
        var caller = new Caller(dialect);
        await using (var provider = new FixedProvider("application/json", Whole))
        {
            await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration(provider.BaseUrl));
            using var response = await caller.AskAsync(edge, "sim", stream: true);
            Assert.Equal("one two", Caller.Text(await caller.StreamedAsync(response)));
            Assert.Equal(2, Assert.Single(await edge.RecordsAsync(1)).Tokens.Output);
        }

        await using (var provider = new FixedProvider("text/event-stream", Events))
        {
            await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration(provider.BaseUrl));
            using var response = await caller.AskAsync(edge, "sim");
            Assert.Equal("one two", Caller.Text(await caller.AnswerAsync(response)));
            Assert.Equal(2, Assert.Single(await edge.RecordsAsync(1)).Tokens.Output);
        }

        await using (var provider = new FixedProvider("text/event-stream", Events.Replace("data: [DONE]\n\n", "", StringComparison.Ordinal).Replace("\"stop\"", "null", StringComparison.Ordinal)))
        {
            await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration(provider.BaseUrl));
            using var response = await caller.AskAsync(edge, "sim");
            await caller.ErrorAsync(response, 502);
        }
    }

    private static Task<EdgeHost> StartNativeAsync(FixedProvider provider) =>
        EdgeHost.StartAsync(EdgeHost.Configuration(provider.BaseUrl).Replace("apiKey:", "nativeResponses: true, apiKey:", StringComparison.Ordinal));
}
