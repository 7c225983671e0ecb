using System.ClientModel;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.LlmSimulator;
using OpenAI.Files;

#pragma warning disable OPENAI001 // The client of batches is a preview.

namespace Gateway.Edge.Tests.Uploads;

public sealed class BatchesTests
{
    private const string Other = "gw-other-0000000000000000000000000000000000000000";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_official_client_makes_a_batch_and_reads_its_results_and_it_is_billed_once()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        var folder = Directory.CreateTempSubdirectory("edge-batches-").FullName;
        string batchId;
        await using (var edge = await FilesTests.StartAsync(simulator, folder, keepsFolder: true))
        {
            var openAI = FilesTests.Client(edge);
            OpenAIFile input = await openAI.GetOpenAIFileClient().UploadFileAsync(new MemoryStream(Encoding.UTF8.GetBytes(Lines(3))), "lines.jsonl", FileUploadPurpose.Batch, Cancel);
            Assert.Equal("lines.jsonl", input.Filename);
            var client = openAI.GetBatchClient();
            var created = await client.CreateBatchAsync(
                BinaryContent.Create(BinaryData.FromString($$"""{"input_file_id":"{{input.Id}}","endpoint":"/v1/chat/completions","completion_window":"24h","metadata":{"mine":"yes"} }""")),
                waitUntilCompleted: false,
                new System.ClientModel.Primitives.RequestOptions { CancellationToken = Cancel });
            batchId = created.BatchId;
            Assert.StartsWith("batch_gw", batchId, StringComparison.Ordinal);

            var batch = JsonNode.Parse((await client.GetBatchAsync(batchId, null)).GetRawResponse().Content)!;
            Assert.Equal(("completed", input.Id, "yes", 1), ((string)batch["status"]!, (string)batch["input_file_id"]!, (string)batch["metadata"]!["mine"]!, batch["metadata"]!.AsObject().Count));
            BinaryData output = await openAI.GetOpenAIFileClient().DownloadFileAsync((string)batch["output_file_id"]!, Cancel);
            Assert.Equal(3, output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
            Assert.Equal(batchId, (string?)(await List(edge, EdgeHost.Key)).Single()!["id"]);

            var billed = Assert.Single(await edge.RecordsAsync(6), r => r.Tokens.Input > 0);
            Assert.Equal((Operation.Batch, 30L, 15L, "sim?tokens=3", "main", "sim"), (billed.Operation, billed.Tokens.Input, billed.Tokens.Output, billed.Model, billed.KeyId, billed.DeploymentId));
            Assert.Equal(60_000, billed.CostNanoUsd);
            var raw = (string)JsonNode.Parse(simulator.Received.Last(r => r.Path.Contains("/batches/", StringComparison.Ordinal)).Path.Split('/')[^1].Insert(0, "\"") + "\"")!;
            var hash = System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes("sim\n" + raw));
            Assert.Equal(Convert.ToHexStringLower(hash.AsSpan(0, 16)), billed.Id);
        }

        await using var again = await FilesTests.StartAsync(simulator, folder);
        Assert.Equal("completed", (string?)(await FilesTests.JsonAsync(await FilesTests.SendAsync(again, HttpMethod.Get, "/v1/batches/" + batchId, EdgeHost.Key)))["status"]);
        Assert.Single(await again.RecordsAsync(7), r => r.Tokens.Input > 0);
    }

    [Fact]
    public async Task Results_are_guarded_line_by_line_when_they_are_downloaded()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await FilesTests.StartAsync(simulator, more: """
            guardrails:
              p: { appliesTo: { routes: [ "sim*" ] }, rules: [ { detector: keywords, action: redact, scopes: [ output ], terms: [ Kranich ] }, { detector: keywords, action: block, scopes: [ output ], terms: [ Falcon ], message: Not here. } ] }
            """);
        const string model = "sim?text=we%20saw%20a%20";
        var lines = string.Join('\n', new[] { "Kranich", "falcon", "sparrow" }.Select((bird, i) => $$$"""{"custom_id":"{{{i}}}","method":"POST","url":"/v1/chat/completions","body":{"model":"{{{model}}}{{{bird}}}","messages":[{"role":"user","content":"hi"}]}}"""));
        foreach (var (line, i) in lines.Split('\n').Select(static (l, i) => (l, i)))
        {
            var file = (string)(await FilesTests.UploadAsync(edge, line, "batch"))["id"]!;
            var batch = (string)(await CreateAsync(edge, file))["id"]!;
            var output = (string)(await FilesTests.JsonAsync(await FilesTests.SendAsync(edge, HttpMethod.Get, "/v1/batches/" + batch, EdgeHost.Key)))["output_file_id"]!;
            var result = JsonNode.Parse(await (await FilesTests.SendAsync(edge, HttpMethod.Get, $"/v1/files/{output}/content", EdgeHost.Key)).Content.ReadAsStringAsync(Cancel))!;
            Assert.Equal(i.ToString(System.Globalization.CultureInfo.InvariantCulture), (string?)result["custom_id"]);
            var said = (string?)result["response"]?["body"]?["choices"]?[0]?["message"]?["content"];
            Assert.Equal(i switch { 0 => "we saw a [TERM]", 1 => null, _ => "we saw a sparrow" }, said?.Trim());
            Assert.Equal(i == 1 ? ("content_blocked", "Not here.") : (null, null), ((string?)result["error"]?["code"], (string?)result["error"]?["message"]));
        }
    }

    [Fact]
    public async Task Lines_and_files_are_changed_when_they_are_uploaded_and_what_could_not_be_put_back_is_redacted()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await FilesTests.StartAsync(simulator, more: """
            guardrails:
              p: { appliesTo: {}, rules: [ { detector: keywords, action: pseudonymize, scopes: [ input ], terms: [ Kranich ] }, { detector: keywords, action: mask, scopes: [ input ], terms: [ Storch ] }, { detector: keywords, action: block, scopes: [ input ], terms: [ Falcon ], message: Not this. } ] }
            """);
        string Line(int id, string text) => $$$"""{"custom_id":"{{{id}}}","method":"POST","url":"/v1/chat/completions","body":{"model":"sim?tokens=3","messages":[{"role":"user","content":"{{{text}}}"}]}}""" + "\n";
        await FilesTests.UploadAsync(edge, Line(1, "a Kranich and a St\\u006frch") + Line(2, "nothing"), "batch");
        Assert.Contains("\"content\":\"a [TERM] and a ******\"", simulator.Received[^1].BodyText, StringComparison.Ordinal);
        Assert.Contains("\"content\":\"nothing\"", simulator.Received[^1].BodyText, StringComparison.Ordinal);
        await FilesTests.UploadAsync(edge, "a Kranich, no batch", "user_data");
        Assert.Contains("a [TERM], no batch", simulator.Received[^1].BodyText, StringComparison.Ordinal);
        var received = simulator.Received.Count;
        var error = await EdgeHost.ErrorAsync(await FilesTests.PostAsync(edge, Line(1, "fine") + Line(2, "a falcon"), "batch"), 400, "content_blocked");
        Assert.Contains("Not this.", (string?)error["message"], StringComparison.Ordinal);
        Assert.Equal(received, simulator.Received.Count);
    }

    [Fact]
    public async Task A_batch_is_nobody_elses()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await FilesTests.StartAsync(simulator);
        var file = (string)(await FilesTests.UploadAsync(edge, Lines(1), "batch"))["id"]!;
        var batch = (string)(await CreateAsync(edge, file))["id"]!;
        await EdgeHost.ErrorAsync(await FilesTests.SendAsync(edge, HttpMethod.Get, "/v1/batches/" + batch, Other), 404, "not_found");
        await EdgeHost.ErrorAsync(await FilesTests.SendAsync(edge, HttpMethod.Post, $"/v1/batches/{batch}/cancel", Other), 404, "not_found");
        await EdgeHost.ErrorAsync(await PostAsync(edge, file, Other), 404, "not_found");
        Assert.Empty(await List(edge, Other));
        var cancelled = await FilesTests.JsonAsync(await FilesTests.SendAsync(edge, HttpMethod.Post, $"/v1/batches/{batch}/cancel", EdgeHost.Key));
        Assert.Equal((batch, "cancelling"), ((string?)cancelled["id"], (string?)cancelled["status"]));
        var plain = (string)(await FilesTests.UploadAsync(edge, Lines(1), "user_data"))["id"]!;
        await EdgeHost.ErrorAsync(await PostAsync(edge, plain), 400, "invalid_value");
    }

    [Theory]
    [InlineData("""{"custom_id":"3","method":"POST","url":"/v1/chat/completions","body":{"model":"sim?tokens=3","messages":[{"role":"user","content":"f\u006frbidden"}]}}""", 400, "content_blocked")]
    [InlineData("""{"custom_id":"3","method":"POST","url":"/v1/chat/completions","body":{"model":"unknown","messages":[]}}""", 400, "invalid_value")]
    [InlineData("""{"custom_id":"1","method":"POST","url":"/v1/chat/completions","body":{"model":"sim?tokens=3","messages":[]}}""", 400, "invalid_value")]
    [InlineData("""{"custom_id":"3","method":"POST","url":"/v1/files","body":{"model":"sim?tokens=3","messages":[]}}""", 400, "invalid_value")]
    [InlineData("""{"custom_id":"3","method":"POST","url":"/v1/chat/completions","body":{"model":"sim?tokens=3","messages":[]},"body":{}}""", 400, "invalid_json")]
    [InlineData("""{"custom_id":"3","method":"POST","url":"/v1/chat/completions","body":{"model":"sim?tokens=3"}}""", 400, "invalid_value")]
    [InlineData("nonsense", 400, "invalid_json")]
    public async Task A_line_that_is_not_right_is_named(string third, int status, string code)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await FilesTests.StartAsync(simulator, more: "settings: { blockedTerms: [forbidden] }");
        var error = await EdgeHost.ErrorAsync(await FilesTests.PostAsync(edge, Lines(2) + third + "\n", "batch"), status, code);
        Assert.StartsWith("Line 3: ", (string?)error["message"], StringComparison.Ordinal);
        Assert.Empty(simulator.Received);
    }

    [Fact]
    public async Task A_model_that_is_not_there_is_not_found()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await FilesTests.StartAsync(simulator);
        var error = await EdgeHost.ErrorAsync(await FilesTests.PostAsync(edge, Lines(1).Replace("sim?tokens=3", "unknown", StringComparison.Ordinal), "batch"), 404, "model_not_found");
        Assert.StartsWith("Line 1: ", (string?)error["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_is_charged_the_most_it_can_cost_until_it_is_billed()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        var folder = Directory.CreateTempSubdirectory("edge-batches-").FullName;
        var yaml = WithBudget(simulator, "0.03");
        string file, batch;
        await using (var edge = await EdgeHost.StartAsync(yaml, folder, keepsFolder: true))
        {
            file = (string)(await FilesTests.UploadAsync(edge, Lines(3), "batch"))["id"]!;
            batch = (string)(await CreateAsync(edge, file))["id"]!;
            var charged = (await edge.RecordsAsync(2))[^1];
            Assert.InRange(charged.CostNanoUsd, 3 * 4_096 * 2_000, 30_000_000);
            Assert.Equal((Operation.Batch, true, 0L), (charged.Operation, charged.Estimated, charged.Tokens.Input));
            await EdgeHost.ErrorAsync(await PostAsync(edge, file), 402, "budget_exceeded");
        }

        await using var again = await EdgeHost.StartAsync(yaml, folder);
        await EdgeHost.ErrorAsync(await PostAsync(again, file), 402, "budget_exceeded");
        await FilesTests.JsonAsync(await FilesTests.SendAsync(again, HttpMethod.Get, "/v1/batches/" + batch, EdgeHost.Key));
        Assert.Equal(60_000, (await again.RecordsAsync(7)).Sum(r => r.CostNanoUsd));
        await FilesTests.JsonAsync(await FilesTests.SendAsync(again, HttpMethod.Get, "/v1/batches/" + batch, EdgeHost.Key));
        var back = Assert.Single(await again.RecordsAsync(8), r => r.CostNanoUsd < 0);
        Assert.Equal("tiny#day", Assert.Single(back.Budgets));
        await CreateAsync(again, file);
    }

    [Fact]
    public async Task A_batch_that_is_cancelled_gives_back_what_it_was_charged()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(WithBudget(simulator, "0.03"));
        var file = (string)(await FilesTests.UploadAsync(edge, Lines(3), "batch"))["id"]!;
        var batch = (string)(await CreateAsync(edge, file))["id"]!;
        await FilesTests.JsonAsync(await FilesTests.SendAsync(edge, HttpMethod.Post, $"/v1/batches/{batch}/cancel", EdgeHost.Key));
        await EdgeHost.ErrorAsync(await PostAsync(edge, file), 402, "budget_exceeded");
        Assert.Equal("cancelled", (string?)(await FilesTests.JsonAsync(await FilesTests.SendAsync(edge, HttpMethod.Get, "/v1/batches/" + batch, EdgeHost.Key)))["status"]);
        Assert.Equal(0, (await edge.RecordsAsync(6)).Sum(r => r.CostNanoUsd));
        await CreateAsync(edge, file);
    }

    [Fact]
    public async Task A_batch_that_the_provider_does_not_take_costs_nothing()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(WithBudget(simulator, "0.03"));
        var file = (string)(await FilesTests.UploadAsync(edge, Lines(3), "batch"))["id"]!;
        using var refused = await FilesTests.SendAsync(edge, HttpMethod.Post, "/v1/batches", EdgeHost.Key, new StringContent($$"""{"input_file_id":"{{file}}","endpoint":"/v1/chat/completions"}""", Encoding.UTF8, "application/json"));
        Assert.Equal(400, (int)refused.StatusCode);
        Assert.Equal(0, (await edge.RecordsAsync(2)).Sum(r => r.CostNanoUsd));
        await CreateAsync(edge, file);
    }

    [Fact]
    public async Task A_cap_in_every_line_makes_a_batch_fit_and_a_batch_that_may_cost_more_than_is_left_is_refused()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(WithBudget(simulator, "0.002"));
        var open = (string)(await FilesTests.UploadAsync(edge, Lines(3), "batch"))["id"]!;
        await EdgeHost.ErrorAsync(await PostAsync(edge, open), 402, "budget_exceeded");
        Assert.DoesNotContain(simulator.Received, static r => r.Path.EndsWith("/batches", StringComparison.Ordinal));
        var capped = (string)(await FilesTests.UploadAsync(edge, Lines(3).Replace("\"messages\"", "\"max_tokens\":50,\"messages\"", StringComparison.Ordinal), "batch"))["id"]!;
        await CreateAsync(edge, capped);
    }

    private static string WithBudget(SimulatorHost simulator, string usd) => FilesTests.Configuration(simulator, $"budgets: {{ tiny: {{ limitUsd: {usd}, window: day }} }}")
        .Replace("team: red }\n  mate", "team: red, budgets: [tiny] }\n  mate", StringComparison.Ordinal);

    private static string Lines(int count) => string.Concat(Enumerable.Range(1, count).Select(static i =>
        $$$"""{"custom_id":"{{{i}}}","method":"POST","url":"/v1/chat/completions","body":{"model":"sim?tokens=3","messages":[{"role":"user","content":"hello"}]}}""" + "\n"));

    private static async Task<JsonNode> CreateAsync(EdgeHost edge, string file) => await FilesTests.JsonAsync(await PostAsync(edge, file));

    private static Task<HttpResponseMessage> PostAsync(EdgeHost edge, string file, string key = EdgeHost.Key) => FilesTests.SendAsync(
        edge,
        HttpMethod.Post,
        "/v1/batches",
        key,
        new StringContent($$"""{"input_file_id":"{{file}}","endpoint":"/v1/chat/completions","completion_window":"24h"}""", Encoding.UTF8, "application/json"));

    private static async Task<JsonArray> List(EdgeHost edge, string key) =>
        (await FilesTests.JsonAsync(await FilesTests.SendAsync(edge, HttpMethod.Get, "/v1/batches", key)))["data"]!.AsArray();
}
