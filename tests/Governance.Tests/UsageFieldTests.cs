using System.Net;
using Gateway.Contracts.Usage;
using Gateway.Governance.Tests.Support;

namespace Gateway.Governance.Tests;

public sealed class UsageFieldsOnSqliteTests() : UsageFieldTests(null);

public sealed class UsageFieldsOnPostgresTests(PostgresServer server) : UsageFieldTests(server);

/// <summary>Whatever a record says is kept and shown.</summary>
public abstract class UsageFieldTests(PostgresServer? server) : GovernanceTests(server)
{
    [Fact]
    public async Task Every_member_of_a_record_is_kept()
    {
        var instance = await StartAsync();
        var record = UsageTests.Record(3) with
        {
            UserId = "u", CustomerId = "c", EndUser = "end ü", Tags = ["a", "env:prod"], Budgets = ["b#month", "b#rolling-30d"], Epoch = 18, Route = "r", CredentialId = "cr",
            Tier = ServiceTier.Priority, TraceId = "0102030405060708090a0b0c0d0e0f10", SessionId = "s", Continued = true, Count = 7, Cache = CacheUse.Semantic, SavedNanoUsd = 25, SavedTokens = 26,
            Tokens = new TokenUsage
            {
                Input = 1, CacheRead = 2, CacheWrite = 3, CacheWriteHour = 4, Output = 5, Reasoning = 6, AudioInput = 7, AudioCacheRead = 8, AudioOutput = 9, ImageInput = 10,
                ImageCacheRead = 11, ImageOutput = 12,
            },
            Units = new UsageUnits
            {
                Images = 19, Pixels = 20, AudioMilliseconds = 21, Characters = 22, Searches = 23, WebSearches = 24, ImageQuality = ImageQuality.High, WebSearchSize = WebSearchSize.Low,
            },
        };
        await IngestAsync(instance, record);

        var shown = (await DoAsync(instance.Admin, HttpMethod.Get, "/api/usage/records"))["items"]![0]!;

        foreach (var (name, value) in ((string, string)[])
        [
            ("user", "u"), ("customer", "c"), ("endUser", "end ü"), ("route", "r"), ("credential", "cr"), ("tier", "Priority"),
            ("traceId", "0102030405060708090a0b0c0d0e0f10"), ("session", "s"), ("continued", "true"), ("count", "7"), ("cache", "Semantic"), ("savedNanoUsd", "25"), ("savedTokens", "26"),
        ])
        {
            Assert.Equal(value, shown[name]!.ToString());
        }

        Assert.Equal(["a", "env:prod"], shown["tags"]!.AsArray().Select(t => t!.GetValue<string>()));
        Assert.Equal(["b#month", "b#rolling-30d"], shown["budgets"]!.AsArray().Select(t => t!.GetValue<string>()));
        Assert.Equal(Enumerable.Range(1, 12), shown["tokens"]!.AsObject().Select(t => t.Value!.GetValue<int>()).Order());
        Assert.Equal("High Low", $"{shown["units"]!["imageQuality"]} {shown["units"]!["webSearchSize"]}");
        Assert.Equal(Enumerable.Range(19, 6).Sum(), shown["units"]!.AsObject().Where(u => u.Value!.GetValueKind() == System.Text.Json.JsonValueKind.Number).Sum(u => u.Value!.GetValue<int>()));
    }

    [Theory]
    [InlineData("\"tier\":77", "tier")]
    [InlineData("\"count\":0", "count")]
    [InlineData("\"cache\":9", "cache")]
    [InlineData("\"savedNanoUsd\":-1", "savedNanoUsd")]
    [InlineData("\"savedTokens\":-1", "savedTokens")]
    [InlineData("\"traceId\":\"xyz\"", "traceId")]
    [InlineData("\"tokens\":{\"imageOutput\":-1}", "tokens.imageOutput")]
    [InlineData("\"units\":{\"pixels\":-1}", "units.pixels")]
    public async Task What_cannot_be_is_refused_by_name(string member, string field)
    {
        var instance = await StartAsync();
        var body = $$"""{"edgeId":"e","records":[{"id":"{{UsageTests.Record(1).Id}}","startedAtMicros":1,"operation":"Chat","outcome":"Completed",{{member}}}]}""";

        var (status, problem, _) = await SendAsync(instance.Internal, HttpMethod.Post, "/internal/usage", body);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal([$"records[0].{field}"], FieldsOf(problem));
    }
}
