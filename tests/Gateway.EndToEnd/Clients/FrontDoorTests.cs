using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.EndToEnd.Hosting;
using ModelContextProtocol.Client;

namespace Gateway.EndToEnd.Clients;

/// <summary>What else is behind the one address: administration, dashboard, MCP; and how fast a change of a key is in force.</summary>
public abstract class FrontDoorTests(GatewayFixture gateway) : GatewayTests(gateway)
{
    private static readonly TimeSpan _inForce = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_new_key_works_and_a_revoked_one_fails_within_a_second()
    {
        for (var round = 0; round < 3; round++)
        {
            var created = await Gateway.Admin.PostAsync("keys", new { name = "soon revoked" });
            var key = (string)created["key"]!;
            Assert.InRange(await UntilAsync(key, HttpStatusCode.OK), TimeSpan.Zero, _inForce);

            await Gateway.Admin.DeleteAsync($"keys/{(string)created["id"]!}");
            Assert.InRange(await UntilAsync(key, HttpStatusCode.Unauthorized), TimeSpan.Zero, _inForce);
        }
    }

    [Fact]
    public async Task A_key_that_may_use_one_model_gets_no_other()
    {
        var created = await Gateway.Admin.PostAsync("keys", new { name = "narrow", allowedModels = (string[])["demo"] });
        var key = (string)created["key"]!;
        await UntilAsync(key, HttpStatusCode.OK);

        Assert.Equal(HttpStatusCode.OK, (await ChatAsync(key, "demo")).Status);
        var (status, body) = await ChatAsync(key, "sim-forbidden");
        Assert.Equal((HttpStatusCode.Forbidden, "model_not_allowed"), (status, (string?)body["error"]!["code"]));
        Assert.DoesNotContain(Gateway.Simulator.Bill.Models, m => m.Model == "sim-forbidden");
    }

    [Fact]
    public async Task A_budget_that_is_spent_refuses_before_the_provider_is_called()
    {
        await Gateway.Admin.PostAsync("budgets", new { id = "tiny", name = "Tiny", limitNanoUsd = 1 });
        await Gateway.Admin.PostAsync("teams", new { id = "poor", name = "Poor", budgetIds = (string[])["tiny"] });
        var created = await Gateway.Admin.PostAsync("keys", new { name = "poor", teamId = "poor" });
        var key = (string)created["key"]!;
        await UntilAsync(key, HttpStatusCode.OK);

        var (status, body) = await ChatAsync(key, "sim-too-dear");

        Assert.Equal((HttpStatusCode.PaymentRequired, "budget_exceeded"), (status, (string?)body["error"]!["code"]));
        Assert.DoesNotContain(Gateway.Simulator.Bill.Models, m => m.Model == "sim-too-dear");
    }

    [Fact]
    public async Task The_mcp_client_connects_with_a_virtual_key()
    {
        var (_, key) = await Gateway.NewKeyAsync("mcp");
        await using var transport = new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = new Uri(Gateway.Url + "/mcp"),
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = new Dictionary<string, string> { ["Authorization"] = "Bearer " + key },
        });
        await using var client = await McpClient.CreateAsync(transport, cancellationToken: Cancellation);

        Assert.False(string.IsNullOrEmpty(client.ServerInfo?.Name));
        Assert.NotNull(await client.ListToolsAsync(cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Mcp_needs_a_key()
    {
        using var content = new StringContent("""{"jsonrpc":"2.0","id":1,"method":"ping"}""", Encoding.UTF8, "application/json");
        using var response = await Gateway.Http.PostAsync(new Uri(Gateway.Url + "/mcp"), content, Cancellation);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Theory]
    [InlineData("/api/keys", HttpStatusCode.Unauthorized, "application/problem+json")]
    [InlineData("/api/usage", HttpStatusCode.Unauthorized, "application/problem+json")]
    [InlineData("/api/openapi.json", HttpStatusCode.OK, "application/json")]
    [InlineData("/internal/snapshot", HttpStatusCode.NotFound, "application/json")]
    [InlineData("/internal/usage", HttpStatusCode.NotFound, "application/json")]
    [InlineData("/v1/no/such", HttpStatusCode.NotFound, "application/json")]
    [InlineData("/", HttpStatusCode.OK, "text/html")]
    public async Task Every_path_says_what_it_is_to_a_stranger(string path, HttpStatusCode status, string type)
    {
        using var response = await Gateway.Http.GetAsync(new Uri(Gateway.Url + path), Cancellation);

        Assert.Equal((status, type), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
    }

    [Fact]
    public async Task A_virtual_key_does_not_open_the_admin_api()
    {
        // Its holder sees what is his own, and changes nothing.
        using var request = new HttpRequestMessage(HttpMethod.Post, Gateway.Url + "/api/keys") { Content = JsonContent.Create(new { name = "more" }) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Gateway.DevKey);
        using var response = await Gateway.Http.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    private async Task<TimeSpan> UntilAsync(string key, HttpStatusCode status)
    {
        var clock = Stopwatch.StartNew();
        await Poll.UntilAsync(async () => await Gateway.StatusWithAsync(key) == status, () => $"The key never got {status}.");
        return clock.Elapsed;
    }

    private async Task<(HttpStatusCode Status, JsonNode Body)> ChatAsync(string key, string model)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Gateway.Url + "/v1/chat/completions");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        request.Content = new StringContent($$"""{"model":"{{model}}","messages":[{"role":"user","content":"Hello"}]}""", Encoding.UTF8, "application/json");
        using var response = await Gateway.Http.SendAsync(request, Cancellation);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!);
    }
}
