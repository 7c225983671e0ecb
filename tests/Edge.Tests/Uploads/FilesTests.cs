using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.LlmSimulator;
using OpenAI;
using OpenAI.Files;

#pragma warning disable OPENAI001 // Some purposes are a preview.

namespace Gateway.Edge.Tests.Uploads;

public sealed class FilesTests
{
    private const string Mate = "gw-mate-00000000000000000000000000000000000000000";
    private const string Other = "gw-other-0000000000000000000000000000000000000000";
    private const string Narrow = "gw-narrow-000000000000000000000000000000000000000";

    private const string Teams = $$"""
          mate: { value: {{Mate}}, team: red }
          other: { value: {{Other}}, team: blue }
          narrow: { value: {{Narrow}}, team: red, allowedProviders: [none] }
        teams: { red: { name: Red }, blue: { name: Blue } }
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_official_client_uploads_lists_downloads_and_deletes()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await StartAsync(simulator);
        var files = Client(edge).GetOpenAIFileClient();
        var bytes = new byte[200_000];
        new Random(5).NextBytes(bytes);
        OpenAIFile file = await files.UploadFileAsync(new MemoryStream(bytes), "my report.bin", FileUploadPurpose.UserData, Cancel);
        Assert.StartsWith("file-gw", file.Id, StringComparison.Ordinal);
        Assert.EndsWith(".bin", file.Filename, StringComparison.Ordinal);
        Assert.False(file.Filename.StartsWith("gw-", StringComparison.Ordinal));
        OpenAIFile same = await files.GetFileAsync(file.Id, Cancel);
        Assert.Equal((file.Id, file.Filename), (same.Id, same.Filename));
        OpenAIFileCollection all = await files.GetFilesAsync(Cancel);
        Assert.Equal(file.Id, Assert.Single(all).Id);
        BinaryData content = await files.DownloadFileAsync(file.Id, Cancel);
        Assert.True(bytes.AsSpan().SequenceEqual(content.ToArray()));
        FileDeletionResult deleted = await files.DeleteFileAsync(file.Id, Cancel);
        Assert.True(deleted.Deleted);
        Assert.Equal(file.Id, deleted.FileId);
        var gone = await Assert.ThrowsAsync<ClientResultException>(async () => await files.GetFileAsync(file.Id, Cancel));
        Assert.Equal(404, gone.Status);
        Assert.All(await edge.RecordsAsync(6), r => Assert.Equal((Operation.File, 0L), (r.Operation, r.CostNanoUsd)));
    }

    [Fact]
    public async Task What_is_one_teams_is_nobody_elses_also_after_a_restart()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        var folder = Directory.CreateTempSubdirectory("edge-files-").FullName;
        string id;
        await using (var edge = await StartAsync(simulator, folder, keepsFolder: true))
        {
            id = (string)(await UploadAsync(edge, "a", "user_data", "gw-0000-name.txt"))["id"]!;
        }

        await using var again = await StartAsync(simulator, folder);
        using var mates = await SendAsync(again, HttpMethod.Get, "/v1/files/" + id, Mate);
        Assert.Equal("gw-0000-name.txt", (string?)(await JsonAsync(mates))["filename"]);
        Assert.Single((await JsonAsync(await SendAsync(again, HttpMethod.Get, "/v1/files", Mate)))["data"]!.AsArray());
        Assert.Empty((await JsonAsync(await SendAsync(again, HttpMethod.Get, "/v1/files", Other)))["data"]!.AsArray());
        var asked = simulator.Received.Count;
        foreach (var (method, path) in new[] { (HttpMethod.Get, ""), (HttpMethod.Get, "/content"), (HttpMethod.Delete, "") })
        {
            await EdgeHost.ErrorAsync(await SendAsync(again, method, $"/v1/files/{id}{path}", Other), 404, "not_found");
        }

        await EdgeHost.ErrorAsync(await SendAsync(again, HttpMethod.Get, "/v1/files/" + id, Narrow), 404, "not_found");
        await EdgeHost.ErrorAsync(await SendAsync(again, HttpMethod.Get, "/v1/files/file-sim1", EdgeHost.Key), 404, "not_found");
        Assert.Equal(asked, simulator.Received.Count);
    }

    [Fact]
    public async Task What_cannot_be_is_refused()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(Configuration(simulator, "settings: { blockedTerms: [forbidden], maxRequestBytes: 10000 }"));
        await EdgeHost.ErrorAsync(await PostAsync(edge, new string('x', 20_000), "user_data"), 413, "request_too_large");
        await EdgeHost.ErrorAsync(await PostAsync(edge, "some forbidden text", "user_data"), 400, "content_blocked");
        await EdgeHost.ErrorAsync(await PostAsync(edge, "x", ""), 400, "missing_required_parameter");
        await EdgeHost.ErrorAsync(await PostAsync(edge, "x", "user_data", provider: "nope"), 400, "invalid_value");
        await EdgeHost.ErrorAsync(await PostAsync(edge, "x", "user_data", key: Narrow), 400, "unsupported_by_provider");
        await EdgeHost.ErrorAsync(await edge.PostAsync("/v1/files", "{}"), 415, "unsupported_content_type");
        await EdgeHost.ErrorAsync(await edge.Client.PutAsync("/v1/files", null, Cancel), 405, "method_not_allowed");
        Assert.Empty(simulator.Received);
    }

    internal static OpenAIClient Client(EdgeHost edge, string key = EdgeHost.Key) => new(
        new ApiKeyCredential(key),
        new OpenAIClientOptions { Endpoint = new Uri(edge.Address, "v1"), RetryPolicy = new ClientRetryPolicy(0) });

    internal static string Configuration(SimulatorHost simulator, string more = "") => EdgeHost.Configuration(simulator.BaseUrl, "", ", team: red").TrimEnd().Replace("providers:\n", $"providers:\n  none: {{ kind: anthropic, baseUrl: \"{simulator.BaseUrl}\", apiKey: sk-none-000000000000 }}\n", StringComparison.Ordinal) + "\n" + Teams + "\n" + more;

    internal static Task<EdgeHost> StartAsync(SimulatorHost simulator, string? folder = null, bool keepsFolder = false, string more = "") =>
        EdgeHost.StartAsync(Configuration(simulator, more), folder, keepsFolder);

    internal static async Task<JsonNode> UploadAsync(EdgeHost edge, string content, string purpose, string name = "lines.jsonl", string key = EdgeHost.Key) =>
        await JsonAsync(await PostAsync(edge, content, purpose, name, key));

    internal static Task<HttpResponseMessage> PostAsync(EdgeHost edge, string content, string purpose, string name = "lines.jsonl", string key = EdgeHost.Key, string? provider = null)
    {
        var form = new MultipartFormDataContent { { new StringContent(purpose), "purpose" }, { new ByteArrayContent(Encoding.UTF8.GetBytes(content)), "file", name } };
        return SendAsync(edge, HttpMethod.Post, "/v1/files", key, form, provider);
    }

    internal static Task<HttpResponseMessage> SendAsync(EdgeHost edge, HttpMethod method, string path, string key, HttpContent? content = null, string? provider = null)
    {
        var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (provider is not null)
        {
            request.Headers.Add("x-gateway-provider", provider);
        }

        return edge.Client.SendAsync(request, Cancel);
    }

    internal static async Task<JsonNode> JsonAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True(response.StatusCode == HttpStatusCode.OK, body);
        return JsonNode.Parse(body)!;
    }
}
