using System.Net;
using Gateway.Governance.RequestLog;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Governance.Tests;

public sealed class RequestLogKeepingOnSqliteTests() : RequestLogKeepingTests(null);

public sealed class RequestLogKeepingOnPostgresTests(PostgresServer server) : RequestLogKeepingTests(server);

/// <summary>How long the request log keeps what, and how it forgets.</summary>
public abstract class RequestLogKeepingTests(PostgresServer? server) : RequestLogHarness(server)
{
    [Fact]
    public async Task A_person_or_key_is_forgotten()
    {
        var instance = await StartAsync();
        await IngestAsync(instance, [.. Enumerable.Range(1, 4).Select(n => Record(n) with { EndUser = n <= 2 ? "anna" : "bert", KeyId = n == 4 ? "k-b" : "k-a", SessionId = $"s{n}" })]);
        await SendLogsAsync(instance, [.. Enumerable.Range(1, 4).Select(n => WithBodies(n, """{"p":"word"}""", null) with { EndUser = n <= 2 ? "anna" : "bert", KeyId = n == 4 ? "k-b" : "k-a" })]);

        var gone = await DoAsync(instance.Admin, HttpMethod.Delete, "/api/logs?endUser=anna");
        Assert.True((bool)gone["done"]!);
        Assert.Equal((2, 2, 2), ((int)gone["entries"]!, (int)gone["bodies"]!, (int)gone["records"]!));
        Assert.Equal([Id(4), Id(3)], await FoundAsync(instance.Admin, "text=word"));
        Assert.Empty(await FoundAsync(instance.Admin, "endUser=anna"));
        Assert.Equal(4, (await FoundAsync(instance.Admin, "")).Count);
        Assert.DoesNotContain("anna", await EverythingAsync(instance, withFreedPages: false), StringComparison.Ordinal);
        Assert.Equal(["s3", "s4"], (await DoAsync(instance.Admin, HttpMethod.Get, "/api/logs/sessions"))["items"]!.AsArray().Select(s => (string)s!["session"]!).Order());

        gone = await DoAsync(instance.Admin, HttpMethod.Delete, "/api/logs?key=k-b");
        Assert.Equal((1, 1, 0), ((int)gone["entries"]!, (int)gone["bodies"]!, (int)gone["records"]!));
        Assert.Equal([Id(3)], await FoundAsync(instance.Admin, "text=word"));
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(instance.Admin, HttpMethod.Delete, "/api/logs")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(instance.Admin, HttpMethod.Delete, "/api/logs?key=a&endUser=b")).Status);
        await Eventually.TrueAsync(() => Actions(instance).GetAwaiter().GetResult().Contains("log.erase"));
    }

    [Fact]
    public async Task Bodies_go_before_entries_and_months_go_whole()
    {
        var time = new ManualTime(Start);
        var instance = await StartAsync(settings: new Dictionary<string, string?> { ["Gateway:RequestLog:DetailDays"] = "60", ["Gateway:RequestLog:BodyDays"] = "10" });
        var ages = new Dictionary<int, int> { [1] = 1, [2] = 9, [3] = 11, [4] = 45, [5] = 100, [6] = 200 };
        await SendLogsAsync(instance, [.. ages.Select(a => WithBodies(a.Key, """{"p":"word"}""", null) with { StartedAtMicros = Micros(Start.AddDays(-a.Value)) })]);
        await IngestAsync(instance, [.. ages.Select(a => Record(a.Key) with { StartedAtMicros = Micros(Start.AddDays(-a.Value)) })]);
        var retention = ActivatorUtilities.CreateInstance<LogRetention>(instance.Services, (TimeProvider)time);
        await retention.RunAsync(Cancellation);
        await retention.RunAsync(Cancellation);

        Assert.Equal([Id(1), Id(2)], await FoundAsync(instance.Admin, "text=word"));
        var items = (await DoAsync(instance.Admin, HttpMethod.Get, "/api/logs"))["items"]!.AsArray();
        Assert.Equal([1, 2, 3, 4], ages.Keys.Where(n => items.Any(i => (string)i!["id"]! == Id(n) && (bool)i["hasDetail"]!)));
        Assert.Equal([1, 2], ages.Keys.Where(n => items.Any(i => (string)i!["id"]! == Id(n) && (bool)i["hasBodies"]!)));

        // What comes late for a month that was dropped finds its tables again.
        await SendLogsAsync(instance, WithBodies(7, """{"p":"word"}""", null) with { StartedAtMicros = Micros(Start.AddDays(-200)) });
        Assert.Contains(Id(7), await FoundAsync(instance.Admin, "text=word"));
    }

    [Fact]
    public async Task Bodies_stay_readable_when_the_key_ring_is_rotated_and_are_lost_with_their_key()
    {
        var instance = await StartAsync();
        await SendLogsAsync(instance, WithBodies(1, """{"p":"word"}""", null));
        var before = (string)(await DoAsync(instance.Admin, HttpMethod.Get, "/api/keyring"))["current"]!;
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/keyring/rotate");
        await Eventually.TrueAsync(() => SendAsync(instance.Admin, HttpMethod.Delete, $"/api/keyring/{before}").GetAwaiter().GetResult().Status != HttpStatusCode.Conflict);
        await StopAsync(instance);

        instance = await StartAsync();
        Assert.Equal("""{"p":"word"}""", (string)(await DoAsync(instance.Admin, HttpMethod.Get, $"/api/logs/{Id(1)}/bodies"))["request"]!["text"]!);
        Assert.Equal([Id(1)], await FoundAsync(instance.Admin, "text=word"));
        await StopAsync(instance);

        instance = await StartAsync();
        await ExecuteAsync(instance, "UPDATE request_log_months SET sealed = 'AAAA'");
        Assert.Equal("sealed", (string)(await SendAsync(instance.Admin, HttpMethod.Get, $"/api/logs/{Id(1)}/bodies")).Body["code"]!);
        Assert.Equal((1, 0), await SendLogsAsync(instance, WithBodies(2, """{"p":"word"}""", null)));
    }
}
