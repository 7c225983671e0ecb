using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json.Nodes;
using Gateway.EndToEnd.Hosting;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Embeddings;

namespace Gateway.EndToEnd.Clients;

/// <summary>The official .NET client, unchanged but for its address and key.</summary>
public abstract class OpenAIClientTests(GatewayFixture gateway) : GatewayTests(gateway)
{
    private static readonly ChatMessage[] _question = [new UserChatMessage("What is the weather in Oslo?")];

    private static readonly ChatTool _weather = ChatTool.CreateFunctionTool(
        "get_weather",
        "Current weather of a city",
        BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}"""));

    [Fact]
    public async Task A_plain_chat_is_answered()
    {
        var chat = await ChatAsync("sim-net-plain?tokens=5");

        ChatCompletion answer = await chat.CompleteChatAsync(_question, cancellationToken: Cancellation);

        Assert.Equal(ChatFinishReason.Stop, answer.FinishReason);
        Assert.NotEmpty(Assert.Single(answer.Content).Text);
        Assert.Equal(5, answer.Usage.OutputTokenCount);
    }

    [Fact]
    public async Task A_stream_brings_the_whole_answer_piece_by_piece()
    {
        var chat = await ChatAsync("sim-net-stream?text=one%20two%20three");

        var updates = await ReadAsync(chat.CompleteChatStreamingAsync(_question, cancellationToken: Cancellation));

        Assert.Equal("one two three", TextOf(updates));
        Assert.True(updates.Count(u => u.ContentUpdate.Count > 0) >= 3, "The stream came in one piece.");
        Assert.Contains(updates, u => u.FinishReason == ChatFinishReason.Stop);
        Assert.Contains(updates, u => u.Usage?.OutputTokenCount == 3);
    }

    [Fact]
    public async Task Tools_are_called_and_their_results_sent_back()
    {
        var chat = await ChatAsync("sim-net-tools?tools=2");
        var options = new ChatCompletionOptions { Tools = { _weather } };

        ChatCompletion asked = await chat.CompleteChatAsync(_question, options, Cancellation);

        Assert.Equal(ChatFinishReason.ToolCalls, asked.FinishReason);
        Assert.Equal(2, asked.ToolCalls.Count);
        Assert.All(asked.ToolCalls, call => Assert.Equal("get_weather", call.FunctionName));
        Assert.NotNull(JsonNode.Parse(asked.ToolCalls[0].FunctionArguments.ToString()));

        ChatMessage[] results = [.. _question, new AssistantChatMessage(asked), .. asked.ToolCalls.Select(call => new ToolChatMessage(call.Id, "Sunny"))];
        ChatCompletion answer = await (await ChatAsync("sim-net-tools?tokens=3")).CompleteChatAsync(results, cancellationToken: Cancellation);
        Assert.Equal(ChatFinishReason.Stop, answer.FinishReason);
    }

    [Fact]
    public async Task Tools_are_called_in_a_stream()
    {
        var chat = await ChatAsync("sim-net-tools?tools=1");

        var updates = await ReadAsync(chat.CompleteChatStreamingAsync(_question, new ChatCompletionOptions { Tools = { _weather } }, Cancellation));

        var calls = updates.SelectMany(u => u.ToolCallUpdates).ToList();
        Assert.Equal("get_weather", Assert.Single(calls, c => !string.IsNullOrEmpty(c.FunctionName)).FunctionName);
        Assert.NotNull(JsonNode.Parse(string.Concat(calls.Select(c => c.FunctionArgumentsUpdate?.ToString()))));
        Assert.Contains(updates, u => u.FinishReason == ChatFinishReason.ToolCalls);
    }

    [Fact]
    public async Task Embeddings_keep_their_order_and_length()
    {
        var (_, key) = await Gateway.NewKeyAsync("net embeddings");
        var embeddings = new EmbeddingClient("sim-net-embedding", new ApiKeyCredential(key), Options());

        OpenAIEmbeddingCollection answer = await embeddings.GenerateEmbeddingsAsync(["one", "two", "three"], new EmbeddingGenerationOptions { Dimensions = 8 }, Cancellation);

        Assert.Equal([0, 1, 2], answer.Select(e => e.Index));
        Assert.All(answer, e => Assert.Equal(8, e.ToFloats().Length));
        Assert.True(answer.Usage.InputTokenCount > 0);
    }

    [Fact]
    public async Task Models_are_listed()
    {
        var (_, key) = await Gateway.NewKeyAsync("net models");

        var models = await new OpenAIClient(new ApiKeyCredential(key), Options()).GetOpenAIModelClient().GetModelsAsync(Cancellation);

        Assert.Contains("demo", models.Value.Select(m => m.Id));
        Assert.Contains("down", models.Value.Select(m => m.Id));
    }

    [Theory]
    [InlineData("x-api-key")]
    [InlineData("api-key")]
    [InlineData("x-goog-api-key")]
    public async Task The_key_may_come_in_another_header(string header)
    {
        var (_, key) = await Gateway.NewKeyAsync(header);
#pragma warning disable OPENAI001 // An evaluation API of the client; it is the only way to send the key in another header.
        var chat = new ChatClient("sim-net-header", ApiKeyAuthenticationPolicy.CreateHeaderApiKeyPolicy(new ApiKeyCredential(key), header), Options());
#pragma warning restore OPENAI001

        ChatCompletion answer = await chat.CompleteChatAsync(_question, cancellationToken: Cancellation);

        Assert.Equal(ChatFinishReason.Stop, answer.FinishReason);
    }

    [Fact]
    public async Task The_demo_model_answers_the_first_key_plain_and_streamed()
    {
        var chat = new ChatClient("demo", new ApiKeyCredential(Gateway.DevKey), Options());

        ChatCompletion plain = await chat.CompleteChatAsync(_question, cancellationToken: Cancellation);
        var streamed = await ReadAsync(chat.CompleteChatStreamingAsync(_question, cancellationToken: Cancellation));

        Assert.Contains("demo", plain.Content[0].Text, StringComparison.Ordinal);
        Assert.Equal(plain.Content[0].Text, TextOf(streamed));
    }

    [Fact]
    public async Task A_wrong_key_is_refused()
    {
        var chat = new ChatClient("demo", new ApiKeyCredential("gw-0000000000000000000000000000000000000000000"), Options());

        await RefusedAsync(chat, 401, "invalid_api_key", "client");
    }

    [Fact]
    public async Task An_unknown_model_is_named_in_the_refusal()
    {
        var refused = await RefusedAsync(await ChatAsync("no-such-model"), 404, "model_not_found", "client");

        Assert.Contains("no-such-model", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provider_that_is_down_is_a_502_that_lists_the_attempts()
    {
        var refused = await RefusedAsync(await ChatAsync("down"), 502, "upstream_unreachable", "upstream");

        var error = JsonNode.Parse(refused.GetRawResponse()!.Content.ToString())!["error"]!;
        Assert.Equal("down", (string?)Assert.Single(error["attempts"]!.AsArray())!["deployment"]);
    }

    [Fact]
    public async Task A_limit_of_the_provider_comes_with_its_retry_after()
    {
        var chat = await ChatAsync("limited-net?status=429&retryAfter=7");

        var refused = await Assert.ThrowsAsync<ClientResultException>(() => chat.CompleteChatAsync(_question, cancellationToken: Cancellation));

        Assert.Equal((429, "rate_limit_exceeded"), (refused.Status, (string?)JsonNode.Parse(refused.GetRawResponse()!.Content.ToString())!["error"]!["code"]));
        Assert.True(refused.GetRawResponse()!.Headers.TryGetValue("retry-after", out var wait));
        Assert.Equal("7", wait);

        // Until then the provider is not asked again.
        await RefusedAsync(chat, 429, "upstream_rate_limited", "upstream");
    }

    [Theory]
    [InlineData("cut=900")]
    [InlineData("cut=900&reset=1")]
    [InlineData("endAfter=4")]
    [InlineData("noDone=1")]
    [InlineData("malformed=4")]
    [InlineData("streamError=4")]
    public async Task A_stream_that_breaks_off_is_an_error_and_never_a_clean_end(string fault)
    {
        var chat = await ChatAsync($"sim-net-cut?tokens=20&{fault}");
        var seen = 0;

        var broken = await Record.ExceptionAsync(async () =>
        {
            await foreach (var update in chat.CompleteChatStreamingAsync(_question, cancellationToken: Cancellation))
            {
                seen += update.ContentUpdate.Count;
            }
        });

        Assert.NotNull(broken);
        Assert.True(seen > 0, "Nothing of the stream came before it broke off.");
    }

    [Fact]
    public async Task A_plain_answer_that_breaks_off_is_a_502() =>
        await RefusedAsync(await ChatAsync("sim-net-cut?tokens=20&cut=50"), 502, "upstream_cut", "upstream");

    private static async Task<ClientResultException> RefusedAsync(ChatClient chat, int status, string code, string? fault)
    {
        var plain = await Assert.ThrowsAsync<ClientResultException>(() => chat.CompleteChatAsync(_question, cancellationToken: Cancellation));
        var streamed = await Assert.ThrowsAsync<ClientResultException>(() => ReadAsync(chat.CompleteChatStreamingAsync(_question, cancellationToken: Cancellation)));
        foreach (var refused in (ClientResultException[])[plain, streamed])
        {
            var error = JsonNode.Parse(refused.GetRawResponse()!.Content.ToString())!["error"]!;
            Assert.Equal((status, code, fault), (refused.Status, (string?)error["code"], (string?)error["fault"]));
        }

        return plain;
    }

    private static async Task<List<StreamingChatCompletionUpdate>> ReadAsync(AsyncCollectionResult<StreamingChatCompletionUpdate> stream)
    {
        var updates = new List<StreamingChatCompletionUpdate>();
        await foreach (var update in stream)
        {
            updates.Add(update);
        }

        return updates;
    }

    private static string TextOf(IEnumerable<StreamingChatCompletionUpdate> updates) =>
        string.Concat(updates.SelectMany(u => u.ContentUpdate).Select(part => part.Text));

    private async Task<ChatClient> ChatAsync(string model) =>
        new(model, new ApiKeyCredential((await Gateway.NewKeyAsync(model)).Key), Options());

    // Without retries of its own, so that each test sees what the gateway said.
    private OpenAIClientOptions Options() => new() { Endpoint = new Uri(Gateway.Url + "/v1"), RetryPolicy = new ClientRetryPolicy(0) };
}
