using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;

namespace Gateway.Edge.Tests.Operations;

/// <summary>Reranking, moderation and counting.</summary>
public sealed class SideOperationTests
{
    [Theory]
    [InlineData("sim")]
    [InlineData("to-cohere")]
    [InlineData("to-voyage")]
    public async Task Documents_are_ordered_in_either_callers_form(string model)
    {
        await using var host = await OperationsHost.StartAsync();
        var body = $$"""{"model":"{{model}}","query":"red apple","documents":["a blue car","a red apple","green grass"],"top_n":2}""";
        foreach (var path in (string[])["/v1/rerank", "/v2/rerank", "/cohere/v2/rerank"])
        {
            var answer = await host.JsonAsync(path, body);
            var results = (answer["results"] ?? answer["data"])!.AsArray();
            Assert.Equal(2, results.Count);
            Assert.Equal(1, results[0]!["index"]!.GetValue<int>());
            Assert.True(results[0]!["relevance_score"]!.GetValue<double>() > results[1]!["relevance_score"]!.GetValue<double>());
        }

        Assert.All(await host.Edge.RecordsAsync(3), record =>
        {
            Assert.Equal(Operation.Rerank, record.Operation);
            // One search, where searches have a price.
            Assert.True(model == "to-voyage" ? record.CostNanoUsd > 0 : record.CostNanoUsd >= 2_000_000);
        });
    }

    [Fact]
    public async Task A_rerank_without_documents_is_refused()
    {
        await using var host = await OperationsHost.StartAsync();
        using var missing = await host.Edge.PostAsync("/v1/rerank", """{"model":"sim","query":"x"}""");
        await EdgeHost.ErrorAsync(missing, 400, "missing_required_parameter");
        using var wrong = await host.Edge.PostAsync("/v1/rerank", """{"model":"to-voyage","query":"x","documents":[1]}""");
        await EdgeHost.ErrorAsync(wrong, 400, "invalid_value");
    }

    [Fact]
    public async Task A_moderation_needs_no_model()
    {
        await using var host = await OperationsHost.StartAsync();
        var answer = await host.JsonAsync("/v1/moderations", """{"input":["fine","violence"]}""");
        Assert.Equal([false, true], answer["results"]!.AsArray().Select(static r => r!["flagged"]!.GetValue<bool>()));
        var named = await host.JsonAsync("/v1/moderations", """{"model":"sim","input":"violence"}""");
        Assert.True(named["results"]![0]!["flagged"]!.GetValue<bool>());
        Assert.All(await host.Edge.RecordsAsync(2), static r => Assert.Equal(Operation.Moderation, r.Operation));
    }

    [Fact]
    public async Task Providers_that_count_are_asked_and_others_guessed_for()
    {
        await using var host = await OperationsHost.StartAsync();
        const string prompt = """ "messages":[{"role":"user","content":"how many tokens are these words"}]""";
        using var own = await host.Edge.PostAsync("/v1/messages/count_tokens", $$"""{"model":"to-claude",{{prompt}}}""");
        Assert.True((await OperationsHost.JsonAsync(own))["input_tokens"]!.GetValue<int>() > 0);
        Assert.False(own.Headers.Contains("x-gateway-estimated"));
        using var foreign = await host.Edge.PostAsync("/v1/messages/count_tokens", $$"""{"model":"to-gemini",{{prompt}}}""");
        Assert.True((await OperationsHost.JsonAsync(foreign))["input_tokens"]!.GetValue<int>() > 0);
        Assert.False(foreign.Headers.Contains("x-gateway-estimated"));
        using var guess = await host.Edge.PostAsync("/v1/messages/count_tokens", $$"""{"model":"sim",{{prompt}}}""");
        Assert.InRange((await OperationsHost.JsonAsync(guess))["input_tokens"]!.GetValue<int>(), 8, 20);
        Assert.Equal("true", Assert.Single(guess.Headers.GetValues("x-gateway-estimated")));

        const string contents = """{"contents":[{"role":"user","parts":[{"text":"how many tokens are these words"}]}]}""";
        foreach (var model in (string[])["to-gemini", "to-claude", "sim"])
        {
            Assert.True((await host.JsonAsync($"/v1beta/models/{model}:countTokens", contents))["totalTokens"]!.GetValue<int>() > 0);
        }

        Assert.Equal(4, host.Simulator.Received.Count);
        Assert.All(await host.Edge.RecordsAsync(6), static r =>
        {
            Assert.Equal(Operation.CountTokens, r.Operation);
            Assert.Equal(0, r.CostNanoUsd);
            Assert.Equal(new TokenUsage(), r.Tokens);
        });
        using var wrong = await host.Edge.PostAsync("/v1/messages/count_tokens", """{"model":"sim","messages":"x"}""");
        Assert.Equal(400, (int)wrong.StatusCode);
        Assert.Equal("error", JsonNode.Parse(await wrong.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["type"]!.GetValue<string>());
    }
}
