using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Contracts;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Health;
using Gateway.Contracts.Usage;
using Gateway.Governance.Alerts;
using Gateway.Governance.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Governance.Tests.Ledger;

public sealed class SignalOnSqliteTests() : SignalTests(null);

public sealed class SignalOnPostgresTests(PostgresServer server) : SignalTests(server);

/// <summary>What the gateway notices by itself, and when whom it tells.</summary>
public abstract class SignalTests(PostgresServer? server) : GovernanceTests(server)
{
    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000;

    [Fact]
    public async Task A_provider_that_fails_is_told_of_once_and_so_is_its_end()
    {
        await using var receiver = await WebhookReceiver.StartAsync(Cancellation);
        var instance = await StartAsync();
        var watch = instance.Services.GetRequiredService<SignalWatch>();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/channels", new { id = "hook", name = "Hook", url = receiver.Url, groupSeconds = 0, topics = (string[])["ProviderErrors"] });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/channels", new { id = "other", name = "Other", url = receiver.Url, groupSeconds = 0, topics = (string[])["Budget"] });
        await DoAsync(instance.Admin, HttpMethod.Patch, "/api/settings", """{"alerts":{"errorMinimumRequests":10}}""");
        await watch.LookAsync(Cancellation);
        await IngestAsync(instance, [.. Enumerable.Range(0, 10).Select(static i => Record(i < 4))]);
        await watch.LookAsync(Cancellation);
        await watch.LookAsync(Cancellation);
        await Eventually.TrueAsync(() => receiver.Taken.Count > 0);
        await IngestAsync(instance, [.. Enumerable.Range(0, 100).Select(static _ => Record(false))]);
        await watch.LookAsync(Cancellation);
        await Eventually.TrueAsync(() => receiver.Taken.Count > 1);

        var signals = receiver.Taken.Select(static t => JsonNode.Parse(t.Body)!).OrderBy(static n => n["at"]!.GetValue<DateTimeOffset>()).Select(static n => Assert.Single(n["signals"]!.AsArray())!).ToList();
        Assert.Equal(["ProviderErrors", "ProviderErrors"], signals.Select(static s => s["kind"]!.GetValue<string>()));
        Assert.Equal([false, true], signals.Select(static s => s["resolved"]!.GetValue<bool>()));
        Assert.Equal("40 % of the requests to provider 'p' fail", signals[0]["title"]!.GetValue<string>());
        Assert.Equal(2, (await DoAsync(instance.Admin, HttpMethod.Get, "/api/alerts/signals"))["items"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_provider_of_which_every_deployment_rests_is_down_until_one_may_be_called()
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/providers", new { id = "p", baseUrl = "https://p.example.com/v1" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/deployments", new { id = "d1", providerId = "p", model = "m1" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/deployments", new { id = "d2", providerId = "p", model = "m2" });
        var watch = instance.Services.GetRequiredService<SignalWatch>();
        await ReportAsync(instance, "d1", true, "d2", false);
        await watch.LookAsync(Cancellation);
        await watch.LookAsync(Cancellation);
        Assert.Empty((await DoAsync(instance.Admin, HttpMethod.Get, "/api/alerts/signals"))["items"]!.AsArray());

        await ReportAsync(instance, "d1", true, "d2", true);
        await watch.LookAsync(Cancellation);
        await watch.LookAsync(Cancellation);
        await watch.LookAsync(Cancellation);
        await ReportAsync(instance, "d1", false, "d2", true);
        await watch.LookAsync(Cancellation);

        var items = (await DoAsync(instance.Admin, HttpMethod.Get, "/api/alerts/signals"))["items"]!.AsArray().Select(static i => i!).ToList();
        Assert.Equal([true, false], items.Select(static i => i["resolved"]!.GetValue<bool>()));
        Assert.All(items, static i => Assert.Equal(("ProviderDown", "p", "Critical"), (i["kind"]!.GetValue<string>(), i["subject"]!.GetValue<string>(), i["severity"]!.GetValue<string>())));
        Assert.Contains("connection refused", items[1]["text"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Spend_far_above_the_usual_is_told_for_the_whole_and_for_the_team()
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Patch, "/api/settings", """{"alerts":{"spendMinimumNanoUsd":1000}}""");
        var watch = instance.Services.GetRequiredService<SignalWatch>();

        // The mean hour of the week is 10; this hour is 2,000.
        await IngestAsync(instance, Record(false, Now - (3 * 86_400_000_000L), 1_680), Record(false, Now, 2_000));
        await watch.LookAsync(Cancellation);
        await instance.Services.GetRequiredService<SignalWatch>().LookAsync(Cancellation);

        var items = (await DoAsync(instance.Admin, HttpMethod.Get, "/api/alerts/signals"))["items"]!.AsArray();
        Assert.Equal(["all", "t"], items.Select(static i => i!["subject"]!.GetValue<string>()).Order());
        Assert.All(items, static i => Assert.Contains("200.0 times the usual", i!["title"]!.GetValue<string>(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_not_urgent_is_collected_and_what_is_goes_out_at_once()
    {
        await using var receiver = await WebhookReceiver.StartAsync(Cancellation);
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/channels", new { id = "hook", name = "Hook", url = receiver.Url, groupSeconds = 3_600 });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/budgets", """{"id":"b","name":"b","limitNanoUsd":1000,"window":"Total","alertPercents":[50,80,100]}""");
        await IngestAsync(instance, LedgerHarness.Record(Now, 500, 1, "b#total"));
        await Eventually.TrueAsync(() => QueuedAsync(instance, 1));
        await IngestAsync(instance, LedgerHarness.Record(Now, 300, 1, "b#total"));
        await Eventually.TrueAsync(() => QueuedAsync(instance, 2));
        Assert.Equal("1", await CountAsync(instance, "SELECT COUNT(*) FROM alert_deliveries WHERE state = 0 AND attempts = 0"));
        Assert.Empty(receiver.Taken);
        await IngestAsync(instance, LedgerHarness.Record(Now, 200, 1, "b#total"));
        await Eventually.TrueAsync(() => receiver.Taken.Count > 0);

        Assert.Equal([100], JsonNode.Parse(Assert.Single(receiver.Taken).Body)!["alerts"]!.AsArray().Select(static a => a!["percent"]!.GetValue<int>()));
        await ExecuteAsync(instance, "UPDATE alert_deliveries SET next_at = 0 WHERE state = 0");
        await Eventually.TrueAsync(() => receiver.Taken.Count > 1);
        Assert.Equal([50, 80], JsonNode.Parse(receiver.Taken[1].Body)!["alerts"]!.AsArray().Select(static a => a!["percent"]!.GetValue<int>()).Order());
    }

    private async Task<bool> QueuedAsync(Instance instance, int alerts) =>
        await CountAsync(instance, "SELECT COUNT(*) FROM budget_alerts WHERE queued > 0") == alerts.ToString(CultureInfo.InvariantCulture);

    private async Task<string?> CountAsync(Instance instance, string sql) => Convert.ToString(await ScalarAsync(instance, sql), CultureInfo.InvariantCulture);

    private static UsageRecord Record(bool failed, long? at = null, long cost = 1) => new()
    {
        Id = Guid.NewGuid().ToString("n"),
        StartedAtMicros = at ?? Now,
        Operation = Operation.Chat,
        Outcome = failed ? RequestOutcome.UpstreamUnavailable : RequestOutcome.Completed,
        Status = failed ? 502 : 200,
        KeyId = "k",
        TeamId = "t",
        Model = "m",
        ProviderId = "p",
        CostNanoUsd = cost,
        PriceVersion = "1",
    };

    private static async Task ReportAsync(Instance instance, string first, bool rests, string second, bool restsToo)
    {
        var until = TimeProvider.System.GetUtcNow().AddMinutes(5);
        var report = new HealthReport
        {
            EdgeId = "edge-1",
            Deployments =
            [
                new DeploymentReport { Id = first, RestsUntil = rests ? until : null, Reason = rests ? "connection refused" : null },
                new DeploymentReport { Id = second, RestsUntil = restsToo ? until : null, Reason = restsToo ? "connection refused" : null },
            ],
        };
        using var response = await instance.Internal.PostAsJsonAsync("/internal/health", report, ContractsJson.Default.HealthReport, Cancellation);
        Assert.True(response.IsSuccessStatusCode);
    }
}

/// <summary>The arithmetic of alerts.</summary>
public sealed class AlertRuleTests
{
    [Theory]
    [InlineData("22:00", "07:00", null, "2026-03-10T21:59:00Z", "2026-03-10T21:59:00Z")]
    [InlineData("22:00", "07:00", null, "2026-03-10T22:00:00Z", "2026-03-11T07:00:00Z")]
    [InlineData("22:00", "07:00", null, "2026-03-11T06:59:00Z", "2026-03-11T07:00:00Z")]
    [InlineData("12:00", "13:30", null, "2026-03-11T12:15:00Z", "2026-03-11T13:30:00Z")]
    [InlineData("22:00", "07:00", "Europe/Berlin", "2026-07-10T21:00:00Z", "2026-07-11T05:00:00Z")]
    [InlineData("22:00", "02:30", "Europe/Berlin", "2026-03-28T23:00:00Z", "2026-03-29T01:00:00Z")]
    [InlineData("07:00", "07:00", null, "2026-03-11T07:00:00Z", "2026-03-11T07:00:00Z")]
    public void Messages_wait_for_the_end_of_quiet_hours(string from, string to, string? zone, string now, string expected)
    {
        var channel = new AlertChannel { Id = "c", Name = "c", QuietFrom = from, QuietTo = to, TimeZone = zone };
        Assert.Equal(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture), QuietHours.NextOpen(channel, DateTimeOffset.Parse(now, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void A_window_counts_what_came_in_it_and_survives_a_new_anchor()
    {
        var window = new ErrorWindow();
        var start = new DateTimeOffset(2026, 1, 1, 5, 50, 0, TimeSpan.Zero);
        window.Add(start, Sums(100, 50));
        Assert.Empty(window.Over(TimeSpan.FromMinutes(5)));
        window.Add(start.AddMinutes(3), Sums(110, 55));
        Assert.Equal([("p", 10L, 5L)], window.Over(TimeSpan.FromMinutes(5)));
        window.Add(start.AddMinutes(6), Sums(130, 55));
        Assert.Equal([("p", 30L, 5L)], window.Over(TimeSpan.FromMinutes(5)));

        // From six o'clock on older hours are left out of the sums.
        window.Add(start.AddMinutes(11), Sums(20, 1));
        Assert.Empty(window.Over(TimeSpan.FromMinutes(5)));
        window.Add(start.AddMinutes(12), Sums(24, 3));
        Assert.Equal([("p", 4L, 2L)], window.Over(TimeSpan.FromMinutes(5)));

        static Dictionary<string, (long, long)> Sums(long requests, long errors) => new(StringComparer.Ordinal) { ["p"] = (requests, errors) };
    }

    [Theory]
    [InlineData(500, 100, 10, true)]
    [InlineData(499, 100, 10, false)]
    [InlineData(500, 0, 10, false)]
    [InlineData(9, 1, 10, false)]
    public void Spend_is_an_anomaly_by_factor_and_minimum(long spent, long mean, long minimum, bool expected) =>
        Assert.Equal(expected, SpendRule.IsAnomaly(new AlertSettings { SpendFactor = 5, SpendMinimumNanoUsd = minimum }, spent, mean));
}
