using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json.Nodes;
using Gateway.EndToEnd.Hosting;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Embeddings;

namespace Gateway.EndToEnd.Clients;

/// <summary>What the gateway says was used is what the provider charges.</summary>
public abstract class UsageTests(GatewayFixture gateway) : GatewayTests(gateway)
{
    [Fact]
    public async Task Totals_by_key_and_model_are_the_providers_own_bill()
    {
        var (one, oneKey) = await Gateway.NewKeyAsync("usage one");
        var (two, twoKey) = await Gateway.NewKeyAsync("usage two");
        (string Key, string Model, int Prompt, int Cached, int Completion, int Reasoning)[] expected =
        [
            (one, "sim-usage-a?tokens=7", await ChatAsync(oneKey, "sim-usage-a?tokens=7", times: 4), 0, 4 * 7, 0),
            (one, "sim-usage-b?tokens=9", await StreamAsync(oneKey, "sim-usage-b?tokens=9", times: 3), 0, 3 * 9, 0),
            (two, "sim-usage-b?tokens=9", await StreamAsync(twoKey, "sim-usage-b?tokens=9", times: 2), 0, 2 * 9, 0),
            (two, "sim-usage-c?tokens=20&cached=2&reasoning=6", await ChatAsync(twoKey, "sim-usage-c?tokens=20&cached=2&reasoning=6", times: 2), 2 * 2, 2 * 20, 2 * 6),
            (two, "sim-usage-d", await EmbedAsync(twoKey, "sim-usage-d"), 0, 0, 0),
        ];
        string[] keys = [one, two];
        List<JsonNode> groups = [];
        await Poll.UntilAsync(
            async () =>
            {
                var report = await Gateway.Admin.GetAsync("usage?groupBy=key,model");
                groups = [.. report["groups"]!.AsArray().Where(g => keys.Contains((string?)g!["key"])).Select(g => g!)];
                return groups.Sum(g => (long)g["totals"]!["requests"]!) >= 12;
            },
            () => "The ledger never got the records.");

        Assert.Equal(expected.Length, groups.Count);
        foreach (var (key, model, prompt, cached, completion, reasoning) in expected)
        {
            var totals = Assert.Single(groups, g => (string?)g["key"] == key && (string?)g["model"] == model)["totals"]!;
            var tokens = totals["tokens"]!;
            Assert.Equal(
                (prompt - cached, cached, completion - reasoning, reasoning),
                ((int)tokens["input"]!, (int)tokens["cacheRead"]!, (int)tokens["output"]!, (int)tokens["reasoning"]!));
            Assert.Equal(
                ((prompt - cached) * GatewayFixture.InputPrice) + (cached * GatewayFixture.CacheReadPrice)
                + ((completion - reasoning) * GatewayFixture.OutputPrice) + (reasoning * GatewayFixture.ReasoningPrice),
                (long)totals["costNanoUsd"]!);
            Assert.Equal((0, 0, 0), ((int)totals["errors"]!, (int)totals["estimatedRequests"]!, (int)totals["unpricedRequests"]!));
        }

        foreach (var bill in Gateway.Simulator.Bill.Models.Where(m => m.Model.StartsWith("sim-usage-", StringComparison.Ordinal)))
        {
            var totals = groups.Where(g => ((string)g["model"]!).Split('?')[0] == bill.Model).Select(g => g["totals"]!).ToList();
            Assert.Equal(bill.Requests, totals.Sum(t => (long)t["requests"]!));
            Assert.Equal(bill.PromptTokens, totals.Sum(t => (long)t["tokens"]!["input"]! + (long)t["tokens"]!["cacheRead"]!));
            Assert.Equal(bill.CompletionTokens, totals.Sum(t => (long)t["tokens"]!["output"]! + (long)t["tokens"]!["reasoning"]!));
        }
    }

    private static ChatMessage[] Prompt(int number) => [new UserChatMessage(string.Concat(Enumerable.Repeat("Tell me about budgets. ", number + 1)))];

    private async Task<int> ChatAsync(string key, string model, int times)
    {
        var chat = new ChatClient(model, new ApiKeyCredential(key), Options());
        var prompt = 0;
        for (var i = 0; i < times; i++)
        {
            ChatCompletion answer = await chat.CompleteChatAsync(Prompt(i), cancellationToken: Cancellation);
            prompt += answer.Usage.InputTokenCount;
        }

        return prompt;
    }

    private async Task<int> StreamAsync(string key, string model, int times)
    {
        var chat = new ChatClient(model, new ApiKeyCredential(key), Options());
        var prompt = 0;
        for (var i = 0; i < times; i++)
        {
            await foreach (var update in chat.CompleteChatStreamingAsync(Prompt(i), cancellationToken: Cancellation))
            {
                prompt += update.Usage?.InputTokenCount ?? 0;
            }
        }

        return prompt;
    }

    private async Task<int> EmbedAsync(string key, string model)
    {
        OpenAIEmbeddingCollection answer = await new EmbeddingClient(model, new ApiKeyCredential(key), Options()).GenerateEmbeddingsAsync(["one", "two"], cancellationToken: Cancellation);
        return answer.Usage.InputTokenCount;
    }

    private OpenAIClientOptions Options() => new() { Endpoint = new Uri(Gateway.Url + "/v1"), RetryPolicy = new ClientRetryPolicy(0) };
}
