using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;

namespace Gateway.Edge.Tests.Operations;

/// <summary>Embeddings: every caller's form to every provider's.</summary>
public sealed class EmbeddingOperationTests
{
    private static readonly string[] _models = ["sim", "to-gemini", "to-cohere", "to-titan", "to-bedrock"];

    [Fact]
    public async Task OpenAIs_form_reaches_every_provider()
    {
        await using var host = await OperationsHost.StartAsync();
        foreach (var model in _models)
        {
            var answer = await host.JsonAsync("/v1/embeddings", $$"""{"model":"{{model}}","input":["one","two","three"]}""");
            var data = answer["data"]!.AsArray();
            Assert.Equal([0, 1, 2], data.Select(static d => d!["index"]!.GetValue<int>()));
            Assert.All(data, static d => Assert.NotEmpty(d!["embedding"]!.AsArray()));
            Assert.NotEqual(data[0]!["embedding"]!.ToJsonString(), data[1]!["embedding"]!.ToJsonString());
            Assert.NotNull(answer["usage"]!["prompt_tokens"]);
        }

        // Titan takes one text a request.
        Assert.Equal(3, host.Simulator.Received.Count(static r => r.Path.Contains("titan", StringComparison.Ordinal)));
        Assert.Contains(host.Simulator.Received, static r => r.Path.StartsWith("/v1beta/openai/embeddings", StringComparison.Ordinal));
        var records = await host.Edge.RecordsAsync(_models.Length);
        Assert.All(records, static r =>
        {
            Assert.Equal(Operation.Embedding, r.Operation);
            Assert.Equal(RequestOutcome.Completed, r.Outcome);
            Assert.True(r.Tokens.Input > 0 && r.CostNanoUsd > 0);
        });
    }

    [Fact]
    public async Task Base64_holds_the_same_numbers()
    {
        await using var host = await OperationsHost.StartAsync();
        foreach (var model in _models)
        {
            var plain = await host.JsonAsync("/v1/embeddings", $$"""{"model":"{{model}}","input":"one"}""");
            var coded = await host.JsonAsync("/v1/embeddings", $$"""{"model":"{{model}}","input":"one","encoding_format":"base64"}""");
            var bytes = Convert.FromBase64String(coded["data"]![0]!["embedding"]!.GetValue<string>());
            var numbers = Enumerable.Range(0, bytes.Length / 4).Select(i => BitConverter.ToSingle(bytes, i * 4)).ToList();
            var expected = plain["data"]![0]!["embedding"]!.AsArray().Select(static v => (float)v!.GetValue<double>()).ToList();
            Assert.Equal(expected.Count, numbers.Count);
            Assert.All(expected.Zip(numbers), static pair => Assert.Equal(pair.First, pair.Second, 5e-6f));
        }
    }

    [Fact]
    public async Task Geminis_forms_reach_every_provider()
    {
        await using var host = await OperationsHost.StartAsync();
        foreach (var model in _models)
        {
            var one = await host.JsonAsync($"/v1beta/models/{model}:embedContent", """{"model":"models/other","content":{"parts":[{"text":"one"}]},"taskType":"RETRIEVAL_QUERY"}""");
            Assert.NotEmpty(one["embedding"]!["values"]!.AsArray());
            var two = await host.JsonAsync(
                $"/v1beta/models/{model}:batchEmbedContents",
                """{"requests":[{"model":"models/other","content":{"parts":[{"text":"one"}]}},{"model":"models/other","content":{"parts":[{"text":"two"}]}}]}""");
            Assert.Equal(2, two["embeddings"]!.AsArray().Count);
        }

        // The provider's own name stands wherever the body names the model.
        var sent = host.Simulator.Received.Where(static r => r.Path.Contains("gemini-embedding-001:", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, sent.Count);
        Assert.All(sent, static r =>
        {
            Assert.DoesNotContain("models/other", r.BodyText, StringComparison.Ordinal);
            Assert.Contains("models/gemini-embedding-001", r.BodyText, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Coheres_form_reaches_every_provider()
    {
        await using var host = await OperationsHost.StartAsync();
        foreach (var model in _models)
        {
            var answer = await host.JsonAsync("/v2/embed", $$"""{"model":"{{model}}","texts":["one","two"],"input_type":"search_document","embedding_types":["float"]}""");
            Assert.Equal(2, answer["embeddings"]!["float"]!.AsArray().Count);
        }

        Assert.Contains(host.Simulator.Received, static r => r.Path == "/v2/embed" && r.BodyText.Contains("embed-v4.0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task More_inputs_than_a_provider_takes_come_back_in_order()
    {
        await using var host = await OperationsHost.StartAsync();
        var texts = new JsonArray([.. Enumerable.Range(0, 100).Select(static i => (JsonNode)$"text {i}")]).ToJsonString();
        var answer = await host.JsonAsync("/v1/embeddings", $$"""{"model":"to-bedrock","input":{{texts}}}""");
        var single = await host.JsonAsync("/v1/embeddings", """{"model":"to-bedrock","input":"text 99"}""");
        Assert.Equal(100, answer["data"]!.AsArray().Count);
        Assert.Equal(single["data"]![0]!["embedding"]!.ToJsonString(), answer["data"]![99]!["embedding"]!.ToJsonString());
        Assert.Equal(3, host.Simulator.Received.Count);
    }

    [Fact]
    public async Task What_cannot_be_said_or_is_wrong_is_refused_in_the_callers_form()
    {
        await using var host = await OperationsHost.StartAsync();
        using var tokens = await host.Edge.PostAsync("/v1/embeddings", """{"model":"to-titan","input":[[1,2,3]]}""");
        await EdgeHost.ErrorAsync(tokens, 400, "unsupported_by_provider");
        using var none = await host.Edge.PostAsync("/v1/embeddings", """{"model":"to-claude","input":"x"}""");
        await EdgeHost.ErrorAsync(none, 400, "unsupported_by_provider");
        using var empty = await host.Edge.PostAsync("/v1/embeddings", """{"model":"to-titan","input":[]}""");
        await EdgeHost.ErrorAsync(empty, 400, "invalid_value");
        using var gemini = await host.Edge.PostAsync("/v1beta/models/to-titan:embedContent", """{"content":{"parts":[]}}""");
        Assert.Equal(400, (int)gemini.StatusCode);
        Assert.Equal("INVALID_ARGUMENT", JsonNode.Parse(await gemini.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["error"]!["status"]!.GetValue<string>());
        using var cohere = await host.Edge.PostAsync("/v2/embed", """{"model":"to-titan","texts":[]}""");
        Assert.Equal(400, (int)cohere.StatusCode);
        Assert.NotNull(JsonNode.Parse(await cohere.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["message"]);
        Assert.Empty(host.Simulator.Received);
    }
}
