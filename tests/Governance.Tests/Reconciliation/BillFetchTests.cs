using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Gateway.Governance.Reconciliation.Fetching;
using Gateway.Governance.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Gateway.Governance.Tests.Reconciliation;

public sealed class BillFetchOnSqliteTests() : BillFetchTests(null);

public sealed class BillFetchOnPostgresTests(PostgresServer server) : BillFetchTests(server);

/// <summary>Bills come from the cost APIs by themselves.</summary>
public abstract class BillFetchTests(PostgresServer? server) : GovernanceTests(server)
{
    private const string AdminKey = "sk-admin-of-the-organisation";

    private static readonly Dictionary<string, string?> _settings = new() { ["COST_KEY"] = AdminKey };

    [Fact]
    public async Task OpenAIs_costs_come_page_by_page_with_their_quantities_and_replace_what_was_known()
    {
        await using var provider = await CostServer.StartAsync(Cancellation);
        var instance = await StartAsync(settings: _settings);
        var day = Yesterday();
        provider.Answer("/v1/organization/costs", "", Page("start_time", Unix(day), """{"amount":{"value":0.0025,"currency":"usd"},"line_item":"gpt-4o-2024-08-06, input","project_id":"proj_a"}""", next: "p2"));
        provider.Answer("/v1/organization/costs", "p2", Page("start_time", Unix(day), """{"amount":{"value":0.01,"currency":"usd"},"line_item":"gpt-4o-2024-08-06, output","project_id":"proj_a"}"""));
        provider.Answer("/v1/organization/usage/completions", "", Page("start_time", Unix(day), """{"input_tokens":1000,"output_tokens":1000,"input_cached_tokens":0,"model":"gpt-4o-2024-08-06","project_id":"proj_a"}"""));
        await ProviderAsync(instance, "openai", "c1");

        await DoAsync(instance.Admin, HttpMethod.Post, "/api/bill-sources", Source("openai", "OpenAI", provider) with { Credentials = new Dictionary<string, string> { ["proj_a"] = "c1" } });
        await FetchedAsync(instance, "s");

        var report = await ReportAsync(instance, day);
        Assert.Equal(12_500_000, report["billedNanoUsd"]!.GetValue<long>());
        Assert.Equal(("c1", "gpt-4o-2024-08-06"), ((string)report["items"]![0]!["credential"]!, (string)report["items"]![0]!["model"]!));
        Assert.All(provider.Seen, s => Assert.Equal($"Bearer {AdminKey}", s.Authorization));
        var asked = provider.Seen.First(s => s.Path == "/v1/organization/costs").Query;
        Assert.Contains("bucket_width=1d", asked, StringComparison.Ordinal);
        Assert.Contains($"end_time={Unix(day.AddDays(1))}", asked, StringComparison.Ordinal);
        Assert.Contains("group_by%5B%5D=line_item&group_by%5B%5D=project_id", asked, StringComparison.Ordinal);

        // The provider corrects its figures: the same days again, by request.
        provider.Answer("/v1/organization/costs", "", Page("start_time", Unix(day), """{"amount":{"value":1,"currency":"usd"},"line_item":"gpt-4o-2024-08-06, input","project_id":"proj_a"}"""));
        var fetched = await DoAsync(instance.Admin, HttpMethod.Post, "/api/bill-sources/s/fetch", new { });
        Assert.Equal(1_000_000_000, fetched["import"]!["nanoUsd"]!.GetValue<long>());
        Assert.Equal(1_000_000_000, (await ReportAsync(instance, day))["billedNanoUsd"]!.GetValue<long>());
        foreach (var place in (string[])[instance.Log, await StoredTextAsync(instance), (await DoAsync(instance.Admin, HttpMethod.Get, "/api/bill-sources/s")).ToJsonString(), (await SnapshotAsync(instance)).ToString()])
        {
            Assert.DoesNotContain(AdminKey, place, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Anthropics_reports_are_read_in_cents_with_the_quantities_of_the_usage_report()
    {
        await using var provider = await CostServer.StartAsync(Cancellation);
        var instance = await StartAsync(settings: _settings);
        var day = Yesterday();
        provider.Answer("/v1/organizations/cost_report", "", Page("starting_at", $"\"{day:yyyy-MM-dd}T00:00:00Z\"",
            """{"amount":"150","currency":"USD","cost_type":"tokens","token_type":"output_tokens","model":"claude-sonnet-4-5","service_tier":"standard","context_window":"0-200k","workspace_id":null}"""));
        provider.Answer("/v1/organizations/usage_report/messages", "", Page("starting_at", $"\"{day:yyyy-MM-dd}T00:00:00Z\"",
            """{"output_tokens":100000,"uncached_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"model":"claude-sonnet-4-5","service_tier":"standard","context_window":"0-200k","workspace_id":null}"""));
        await ProviderAsync(instance, "claude", "c1");

        await DoAsync(instance.Admin, HttpMethod.Post, "/api/bill-sources", Source("claude", "Anthropic", provider));
        await FetchedAsync(instance, "s");

        Assert.Equal(1_500_000_000, (await ReportAsync(instance, day))["billedNanoUsd"]!.GetValue<long>());
        Assert.All(provider.Seen, s => Assert.Equal((AdminKey, "2023-06-01"), (s.ApiKey, s.Version)));
        Assert.Contains($"starting_at={day.AddDays(-4):yyyy-MM-dd}T00:00:00Z", Uri.UnescapeDataString(provider.Seen.First().Query), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, """{"error":{"type":"invalid_request_error","message":"sk-admin-of-the-organisation is wrong"}}""", "needs an admin key")]
    [InlineData(429, "{}", "answered 429")]
    [InlineData(200, "{\"data\":[],\"has_more\":true}", "no page of the cost API")]
    [InlineData(200, "<html>", "no page of the cost API")]
    [InlineData(200, "{\"data\":[],\"has_more\":true,\"next_page\":\"round\"}", "that was there before")]
    [InlineData(200, "{\"data\":[{\"start_time\":1767225600,\"results\":[{\"amount\":{\"value\":1,\"currency\":\"eur\"}}]}],\"has_more\":false}", "1 results cannot be read")]
    public async Task What_goes_wrong_is_told_without_the_key_and_tried_again_later(int status, string body, string problem)
    {
        await using var provider = await CostServer.StartAsync(Cancellation);
        provider.Otherwise = (status, body);
        var instance = await StartAsync(settings: _settings);
        await ProviderAsync(instance, "openai", "c1");

        await DoAsync(instance.Admin, HttpMethod.Post, "/api/bill-sources", Source("openai", "OpenAI", provider));

        JsonNode? state = null;
        await Eventually.TrueAsync(async () => (state = (await DoAsync(instance.Admin, HttpMethod.Get, "/api/reconciliation/fetches"))["items"]![0]!)["problem"] is not null);
        Assert.Contains(problem, (string)state!["problem"]!, StringComparison.Ordinal);
        Assert.DoesNotContain(AdminKey, state.ToJsonString() + instance.Log, StringComparison.Ordinal);
        Assert.Equal(1, (int)state["failures"]!);
        var wait = state["nextAt"]!.GetValue<DateTimeOffset>() - state["fetchedAt"]!.GetValue<DateTimeOffset>();
        Assert.Equal(status == 429 ? TimeSpan.FromSeconds(1234) : TimeSpan.FromMinutes(5), wait);
        Assert.Empty((await DoAsync(instance.Admin, HttpMethod.Get, "/api/reconciliation/imports"))["items"]!.AsArray());
        Assert.Contains(problem, (string)(await DoAsync(instance.Admin, HttpMethod.Post, "/api/bill-sources/s/fetch", new { }))["problem"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_instances_on_one_store_fetch_once()
    {
        await using var provider = await CostServer.StartAsync(Cancellation);
        var first = await StartAsync(settings: _settings);
        Instance[] instances = IsPostgres ? [first, await StartAsync(settings: _settings)] : [first];
        await ProviderAsync(first, "openai", "c1");
        await DoAsync(first.Admin, HttpMethod.Post, "/api/bill-sources", Source("openai", "OpenAI", provider));

        foreach (var instance in instances)
        {
            await FetchedAsync(instance, "s");
        }

        Assert.Single((await DoAsync(first.Admin, HttpMethod.Get, "/api/reconciliation/imports"))["items"]!.AsArray());
        Assert.Equal(2, provider.Seen.Count);
    }

    [Fact]
    public async Task A_source_names_what_there_is_and_keeps_it_there()
    {
        var instance = await StartAsync(settings: _settings);
        var wrong = Source("nobody", "OpenAI", null) with { BaseUrl = "http://costs.example", Credentials = new Dictionary<string, string> { ["proj"] = "none" } };
        var (status, problem, _) = await SendAsync(instance.Admin, HttpMethod.Post, "/api/bill-sources", wrong);
        Assert.Equal((HttpStatusCode.BadRequest, "baseUrl"), (status, FieldsOf(problem).Single()));
        (status, problem, _) = await SendAsync(instance.Admin, HttpMethod.Post, "/api/bill-sources", wrong with { BaseUrl = null });
        Assert.Equal((HttpStatusCode.BadRequest, "credentials.proj providerId"), (status, string.Join(' ', FieldsOf(problem).Order(StringComparer.Ordinal))));
        (status, problem, _) = await SendAsync(instance.Admin, HttpMethod.Post, "/api/bill-sources", new { id = "s", providerId = "openai", api = "OpenAI" });
        Assert.Contains("secretRef", FieldsOf(problem));

        await ProviderAsync(instance, "openai", "c1");
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/bill-sources", Source("openai", "OpenAI", null) with { Enabled = false, Credentials = new Dictionary<string, string> { ["proj"] = "c1" } });
        (status, problem, _) = await SendAsync(instance.Admin, HttpMethod.Post, "/api/bill-sources", Source("openai", "OpenAI", null) with { Id = "second", Enabled = false });
        Assert.Equal((HttpStatusCode.BadRequest, "part"), (status, FieldsOf(problem).Single()));
        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync(instance.Admin, HttpMethod.Delete, "/api/credentials/c1")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(instance.Admin, HttpMethod.Post, "/api/bill-sources/none/fetch", new { })).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(instance.Admin, HttpMethod.Post, "/api/bill-sources/s/fetch", new { from = "2026-01-01", to = "2026-03-01" })).Status);
    }

    [Fact]
    public void Pauses_double_to_the_interval_and_respect_the_provider()
    {
        var interval = TimeSpan.FromHours(1);
        Assert.Equal([60, 5, 10, 20, 40, 60, 60], Enumerable.Range(0, 7).Select(n => (int)BillFetchBook.Pause(n, interval, null).TotalMinutes));
        Assert.Equal(TimeSpan.FromHours(2), BillFetchBook.Pause(1, interval, TimeSpan.FromHours(2)));
        Assert.Equal(TimeSpan.FromHours(24), BillFetchBook.Pause(1, interval, TimeSpan.FromDays(300)));
        Assert.Equal(TimeSpan.FromMinutes(5), BillFetchBook.Pause(1, interval, TimeSpan.FromSeconds(-5)));
        Assert.Equal(interval, BillFetchBook.Pause(long.MaxValue, interval, null));
    }

    private static DateTimeOffset Yesterday() => new DateTimeOffset(TimeProvider.System.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero).AddDays(-1);

    private static string Unix(DateTimeOffset day) => day.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string Page(string startName, string start, string result, string? next = null)
        => $$"""{"object":"page","data":[{"{{startName}}":{{start}},"results":[{{result}}]}],"has_more":{{(next is null ? "false" : "true")}},"next_page":{{(next is null ? "null" : $"\"{next}\"")}}}""";

    private static async Task ProviderAsync(Instance instance, string id, string credential)
    {
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/providers", new { id, baseUrl = "https://p.test/v1" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/credentials", new { id = credential, providerId = id, secret = "sk-any" });
    }

    private static SourceBody Source(string provider, string api, CostServer? server) => new("s", provider, api, server?.Address, new { kind = "env", name = "COST_KEY" });

    private static async Task FetchedAsync(Instance instance, string source) => await Eventually.TrueAsync(async () =>
    {
        var state = (await DoAsync(instance.Admin, HttpMethod.Get, "/api/reconciliation/fetches"))["items"]!.AsArray().FirstOrDefault(i => (string)i!["source"]! == source);
        Assert.Null(state?["problem"]);
        return state?["import"] is not null;
    });

    private static Task<JsonObject> ReportAsync(Instance instance, DateTimeOffset day)
        => DoAsync(instance.Admin, HttpMethod.Get, $"/api/reconciliation?from={day:yyyy-MM-dd}&to={day.AddDays(1):yyyy-MM-dd}");

    private sealed record SourceBody(string Id, string ProviderId, string Api, string? BaseUrl, object SecretRef)
    {
        public bool Enabled { get; init; } = true;

        public IReadOnlyDictionary<string, string> Credentials { get; init; } = new Dictionary<string, string>();
    }

    /// <summary>A provider's cost API.</summary>
    private sealed class CostServer(WebApplication app) : IAsyncDisposable
    {
        private readonly ConcurrentDictionary<(string Path, string Page), string> _answers = new();

        public ConcurrentQueue<(string Path, string Query, string Authorization, string ApiKey, string Version)> Seen { get; } = new();

        public (int Status, string Body) Otherwise { get; set; } = (200, "{\"data\":[],\"has_more\":false,\"next_page\":null}");

        public string Address => app.Urls.First();

        public void Answer(string path, string page, string body) => _answers[(path, page)] = body;

        public static async Task<CostServer> StartAsync(CancellationToken cancellation)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            var server = new CostServer(app);
            app.Run(async context =>
            {
                var request = context.Request;
                server.Seen.Enqueue((request.Path, request.QueryString.Value ?? "", request.Headers.Authorization.ToString(), request.Headers["x-api-key"].ToString(), request.Headers["anthropic-version"].ToString()));
                var known = server._answers.TryGetValue((request.Path, request.Query["page"].ToString()), out var body);
                context.Response.StatusCode = known ? 200 : server.Otherwise.Status;
                context.Response.Headers.RetryAfter = context.Response.StatusCode == 429 ? "1234" : default;
                await context.Response.WriteAsync(known ? body! : server.Otherwise.Body, cancellation);
            });
            await app.StartAsync(cancellation);
            return server;
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }
}
