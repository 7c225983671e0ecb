using System.Net;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.Governance.Tests.Support;

namespace Gateway.Governance.Tests;

public sealed class UsageOnSqliteTests() : UsageTests(null);

public sealed class UsageOnPostgresTests(PostgresServer server) : UsageTests(server);

public abstract class UsageTests(PostgresServer? server) : GovernanceTests(server)
{
    // 2026-03-01T10:30:00Z: inside an hour, so that ragged ends are exercised.
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 10, 30, 0, TimeSpan.Zero);
    private const string Year = "from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z";

    [Fact]
    public async Task A_record_counts_once_however_often_it_is_sent()
    {
        var instance = await StartAsync();
        var records = Enumerable.Range(0, 50).Select(i => Record(i)).ToList();

        var first = await IngestAsync(instance, records);
        var second = await IngestAsync(instance, records);
        var third = await IngestAsync(instance, [.. records, Record(50), Record(50)]);

        Assert.Equal((50, 0), (first.Stored, first.Duplicates));
        Assert.Equal((0, 50), (second.Stored, second.Duplicates));
        Assert.Equal((1, 51), (third.Stored, third.Duplicates));
        Assert.Equal(51, (await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{Year}"))["total"]!["requests"]!.GetValue<long>());
    }

    [Fact]
    public async Task The_same_batches_from_many_senders_at_once_count_once()
    {
        var instance = await StartAsync();
        var batches = Enumerable.Range(0, 6).Select(b => Enumerable.Range(b * 100, 200).Select(i => Record(i)).ToList()).ToList();

        var acks = await Task.WhenAll(Enumerable.Range(0, 4).SelectMany(_ => batches).Select(b => IngestAsync(instance, b)));

        Assert.Equal(700, acks.Sum(a => a.Stored));
        Assert.Equal(24 * 200, acks.Sum(a => a.Stored + a.Duplicates));
        var total = (await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{Year}"))["total"]!;
        Assert.Equal(700, total["requests"]!.GetValue<long>());
        Assert.Equal(Enumerable.Range(0, 700).Sum(i => Record(i).CostNanoUsd), total["costNanoUsd"]!.GetValue<long>());
    }

    [Fact]
    public async Task What_was_acknowledged_is_there_after_a_restart()
    {
        var first = await StartAsync();
        await IngestAsync(first, Enumerable.Range(0, 20).Select(i => Record(i)).ToList());
        await DoAsync(first.Admin, HttpMethod.Post, "/api/teams", new { id = "t", name = "t" });
        await StopAsync(first);

        var second = await StartAsync();

        Assert.Equal(20, (await DoAsync(second.Admin, HttpMethod.Get, $"/api/usage?{Year}"))["total"]!["requests"]!.GetValue<long>());
        Assert.Equal(20, (await IngestAsync(second, Enumerable.Range(0, 20).Select(i => Record(i)).ToList())).Duplicates);
        await DoAsync(second.Admin, HttpMethod.Get, "/api/teams/t");
    }

    [Fact]
    public async Task Totals_are_exact_by_every_grouping()
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", new { id = "key-0", name = "Key zero" });
        var records = Enumerable.Range(0, 500).Select(i => Record(i)).ToList();
        await IngestAsync(instance, records);

        foreach (var (query, of) in ((string, Func<UsageRecord, string>)[])
        [
            ("key", r => r.KeyId),
            ("model", r => r.Model),
            ("team", r => r.TeamId),
            ("provider", r => r.ProviderId),
            ("key,model", r => $"{r.KeyId}|{r.Model}"),
            ("model&groupBy=team", r => $"{r.Model}|{r.TeamId}"),
        ])
        {
            var report = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{Year}&groupBy={query}");
            var names = report["groupBy"]!.AsArray().Select(n => n!.GetValue<string>()).ToList();
            var actual = report["groups"]!.AsArray().ToDictionary(g => string.Join('|', names.Select(n => g![n]!.GetValue<string>())), g => Figures(g!["totals"]!));
            Assert.Equal(records.GroupBy(of).ToDictionary(g => g.Key, g => Figures([.. g])), actual);
            Assert.Equal(Figures(records), Figures(report["total"]!));
        }

        var byKey = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{Year}&groupBy=key");
        Assert.Equal("Key zero", byKey["groups"]!.AsArray().Single(g => g!["key"]!.GetValue<string>() == "key-0")!["keyName"]!.GetValue<string>());
        var cost = byKey["total"]!;
        Assert.Equal(cost["costNanoUsd"]!.GetValue<long>() / 1_000_000_000m, decimal.Parse(cost["costUsd"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(10, 20)]
    [InlineData(-30, 30)]
    [InlineData(1, 61)]
    [InlineData(17, 333)]
    [InlineData(30, 90)]
    [InlineData(30, 91)]
    [InlineData(-1000, 2000)]
    public async Task A_range_that_cuts_through_hours_is_exact(int fromMinute, int toMinute)
    {
        var instance = await StartAsync();
        var records = Enumerable.Range(0, 400).Select(i => Record(i)).ToList();
        await IngestAsync(instance, records);
        var (from, to) = (Start.AddMinutes(fromMinute), Start.AddMinutes(toMinute));

        var report = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?from={from:yyyy-MM-ddTHH:mm:ssZ}&to={to:yyyy-MM-ddTHH:mm:ssZ}");

        var expected = records.Where(r => r.StartedAtMicros >= Usage.Reports.UsageQueries.Micros(from) && r.StartedAtMicros < Usage.Reports.UsageQueries.Micros(to)).ToList();
        Assert.Equal(Figures(expected), Figures(report["total"]!));
    }

    [Fact]
    public async Task Records_are_paged_newest_first_and_filtered()
    {
        var instance = await StartAsync();
        var records = Enumerable.Range(0, 130).Select(i => Record(i)).ToList();
        await IngestAsync(instance, records);

        var seen = new List<JsonNode>();
        for (string? next = ""; next is not null;)
        {
            var page = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage/records?limit=50{(next.Length == 0 ? "" : $"&after={next}")}");
            seen.AddRange(page["items"]!.AsArray()!);
            next = page["next"]?.GetValue<string>();
        }

        Assert.Equal(
            records.OrderByDescending(r => r.StartedAtMicros).ThenByDescending(r => r.Id, StringComparer.Ordinal).Select(r => r.Id),
            seen.Select(r => r["id"]!.GetValue<string>()));
        Assert.Equal(records.Count(r => r.KeyId == "key-1" && r.Status == 200), await CountAsync("key=key-1&status=200"));
        Assert.Equal(records.Count(r => r.Model == "model-2"), await CountAsync("model=model-2"));
        Assert.Equal(10, await CountAsync($"from={Start:yyyy-MM-ddTHH:mm:ssZ}&to={Start.AddMinutes(10):yyyy-MM-ddTHH:mm:ssZ}"));

        var one = seen.Single(r => r["id"]!.GetValue<string>() == records[7].Id);
        Assert.Equal("edge-1", one["edge"]!.GetValue<string>());
        Assert.Equal(records[7].Tokens.Reasoning, one["tokens"]!["reasoning"]!.GetValue<long>());
        Assert.Equal(records[7].Outcome.ToString(), one["outcome"]!.GetValue<string>());

        async Task<int> CountAsync(string filter)
            => (await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage/records?limit=1000&{filter}"))["items"]!.AsArray().Count;
    }

    [Theory]
    [InlineData("usage?groupBy=colour", "groupBy")]
    [InlineData("usage?grupBy=key", "grupBy")]
    [InlineData("usage?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z", "to")]
    [InlineData("usage/records?after=!!", "after")]
    [InlineData("usage/records?limit=1001", "limit")]
    public async Task A_question_that_makes_no_sense_is_refused_by_name(string path, string field)
    {
        var instance = await StartAsync();
        var (status, problem, _) = await SendAsync(instance.Admin, HttpMethod.Get, $"/api/{path}");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal([field], FieldsOf(problem));
    }

    [Fact]
    public async Task A_wrong_batch_is_refused_whole_and_says_what_is_wrong()
    {
        var instance = await StartAsync();
        var id = Record(1).Id;
        foreach (var (body, field) in ((string, string?)[])
        [
            ("{", null),
            ("null", null),
            ("""{"edgeId":"e"}""", null),
            ("""{"edgeId":"e","records":[null]}""", null),
            ("""{"edgeId":"","records":[]}""", "edgeId"),
            ("""{"edgeId":"e","records":[{"id":"X","startedAtMicros":1,"operation":"Chat","outcome":"Completed"}]}""", "records[0].id"),
            ($$"""{"edgeId":"e","records":[{"id":"{{id}}","startedAtMicros":1,"operation":"Chat","outcome":"Completed"},{"id":"{{id}}","startedAtMicros":-1,"operation":"Chat","outcome":"Completed"}]}""", "records[1].startedAtMicros"),
            ($$$"""{"edgeId":"e","records":[{"id":"{{{id}}}","startedAtMicros":1,"operation":"Chat","outcome":"Completed","tokens":{"output":-5}}]}""", "records[0].tokens.output"),
            ($$"""{"edgeId":"e","records":[{"id":"{{id}}","startedAtMicros":1,"operation":"Chat","outcome":"Completed","costNanoUsd":-5}]}""", "records[0].costNanoUsd"),
        ])
        {
            var (status, problem, _) = await SendAsync(instance.Internal, HttpMethod.Post, "/internal/usage", body);
            Assert.True(status == HttpStatusCode.BadRequest, $"{body}: {status} {instance.Log}");
            Assert.Equal(field is null ? "malformed_request" : "invalid_fields", problem["code"]!.GetValue<string>());
            if (field is not null)
            {
                Assert.Equal([field], FieldsOf(problem));
            }
        }

        Assert.Equal(0, (await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{Year}"))["total"]!["requests"]!.GetValue<long>());
        var records = Enumerable.Range(0, 5001).Select(i => Record(i)).ToList();
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => IngestAsync(instance, records));
        Assert.Contains("at most 5000", refused.Message, StringComparison.Ordinal);
        Assert.Equal(5000, (await IngestAsync(instance, records[..5000])).Stored);
    }

    [Fact]
    public async Task Whatever_a_caller_wrote_as_its_model_is_counted()
    {
        var instance = await StartAsync();
        var models = (string[])["a\u0000b", "💥💥", "line\nbreak", new string('x', 5000), string.Concat(Enumerable.Repeat("漢", 400)), "' ; DROP TABLE usage_records --"];

        var ack = await IngestAsync(instance, models.Select((m, i) => Record(i) with { Model = m }).ToList());

        Assert.Equal(models.Length, ack.Stored);
        var report = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{Year}&groupBy=model");
        Assert.Equal(models.Length, report["groups"]!.AsArray().Count);
        Assert.All(report["groups"]!.AsArray(), g => Assert.InRange(g!["model"]!.GetValue<string>().Length, 1, 256));
    }

    /// <summary>A record that is the same for the same number, one each minute, its figures spread over classes and outcomes.</summary>
    internal static UsageRecord Record(int number) => new()
    {
        Id = $"{number * 2_654_435_761L % 4_294_967_296L:x8}{number:x24}",
        StartedAtMicros = Usage.Reports.UsageQueries.Micros(Start.AddMinutes(number)),
        DurationMicros = 1000 + number,
        FirstByteMicros = 500,
        KeyId = $"key-{number % 3}",
        TeamId = number % 2 == 0 ? "team" : "",
        Operation = Operation.Chat,
        Model = $"model-{number % 5}",
        DeploymentId = "d",
        ProviderId = number % 7 == 0 ? "" : "p",
        Status = number % 7 == 0 ? 502 : 200,
        Outcome = number % 7 == 0 ? RequestOutcome.UpstreamUnavailable : number % 11 == 0 ? RequestOutcome.ClientCancelled : RequestOutcome.Completed,
        ErrorCode = number % 7 == 0 ? "upstream_unavailable" : "",
        Stream = number % 2 == 0,
        Attempts = 1,
        Tokens = new TokenUsage { Input = number, CacheRead = 2, CacheWrite = 3, Output = 4 * number, Reasoning = 5, AudioInput = 6, AudioOutput = 7 },
        Estimated = number % 13 == 0,
        CostNanoUsd = number % 17 == 0 ? 0 : 123_456_789L + number,
        PriceVersion = number % 17 == 0 ? "" : "v1",
    };

    private static string Figures(List<UsageRecord> records) => string.Join(
        ' ',
        records.Count,
        records.Count(r => r.Outcome is not (RequestOutcome.Completed or RequestOutcome.ClientCancelled)),
        records.Count(r => r.Estimated),
        records.Count(r => r.PriceVersion.Length == 0),
        records.Sum(r => r.Tokens.Input),
        records.Sum(r => r.Tokens.CacheRead),
        records.Sum(r => r.Tokens.CacheWrite),
        records.Sum(r => r.Tokens.Output),
        records.Sum(r => r.Tokens.Reasoning),
        records.Sum(r => r.Tokens.AudioInput),
        records.Sum(r => r.Tokens.AudioOutput),
        records.Sum(r => r.CostNanoUsd));

    private static string Figures(JsonNode totals) => string.Join(
        ' ',
        ((JsonNode?[])
        [
            totals["requests"], totals["errors"], totals["estimatedRequests"], totals["unpricedRequests"],
            totals["tokens"]!["input"], totals["tokens"]!["cacheRead"], totals["tokens"]!["cacheWrite"], totals["tokens"]!["output"],
            totals["tokens"]!["reasoning"], totals["tokens"]!["audioInput"], totals["tokens"]!["audioOutput"], totals["costNanoUsd"],
        ]).Select(n => n!.GetValue<long>()));
}
