using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.Governance.Tests.Support;

namespace Gateway.Governance.Tests;

public sealed class UsageAggregatesOnSqliteTests() : UsageAggregateTests(null);

public sealed class UsageAggregatesOnPostgresTests(PostgresServer server) : UsageAggregateTests(server);

/// <summary>Whatever arrives, in whatever order and however often: the aggregates are the sums of the records.</summary>
public abstract class UsageAggregateTests(PostgresServer? server) : GovernanceTests(server)
{
    private static readonly DateTimeOffset Start = new(2026, 2, 27, 21, 17, 0, TimeSpan.Zero);
    private const string All = "from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Aggregates_are_the_sums_of_the_records(int seed)
    {
        var instance = await StartAsync();
        var random = new Random(seed);
        var records = Enumerable.Range(0, 400).Select(i => Record(random, i)).ToList();

        // Each twice at least, in any order, in batches of any size.
        var sent = records.Concat(records).Concat(records.Take(random.Next(400))).OrderBy(_ => random.Next()).ToList();
        for (var at = 0; at < sent.Count;)
        {
            var size = random.Next(1, 300);
            await IngestAsync(instance, sent.Skip(at).Take(size).ToList());
            at += size;
        }

        foreach (var (query, name, of) in ((string, string, Func<UsageRecord, IEnumerable<string>>)[])
        [
            ("key", "key", r => [r.KeyId]), ("model", "model", r => [r.Model]), ("team", "team", r => [r.TeamId]), ("customer", "customer", r => [r.CustomerId]),
            ("user", "user", r => [r.UserId]), ("provider", "provider", r => [r.ProviderId]), ("route", "route", r => [r.Route]), ("tag", "tag", r => r.Tags),
        ])
        {
            foreach (var (from, to) in ((DateTimeOffset, DateTimeOffset)[])
                [(Start.AddDays(-1), Start.AddDays(10)), (Start.AddMinutes(random.Next(3000)), Start.AddMinutes(3000 + random.Next(3000)))])
            {
                var within = records.Where(r => Micros(from) <= r.StartedAtMicros && r.StartedAtMicros < Micros(to)).ToList();
                var report = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?from={from:yyyy-MM-ddTHH:mm:ssZ}&to={to:yyyy-MM-ddTHH:mm:ssZ}&groupBy={query}");
                Assert.Equal(Figures(within), Figures(report["total"]!));
                Assert.Equal(
                    within.SelectMany(r => of(r).Distinct().Select(v => (Value: v, Record: r))).GroupBy(r => r.Value).ToDictionary(g => g.Key, g => Figures(g.Select(r => r.Record))),
                    report["groups"]!.AsArray().ToDictionary(g => g![name]!.GetValue<string>(), g => Figures(g!["totals"]!)));
            }
        }

        var key = records[0].KeyId;
        var filtered = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{All}&key={key}&provider=p1&groupBy=model");
        Assert.Equal(Figures(records.Where(r => r.KeyId == key && r.ProviderId == "p1")), Figures(filtered["total"]!));
        var one = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{All}&team=t1");
        Assert.Equal(Figures(records.Where(r => r.TeamId == "t1")), Figures(one["total"]!));
    }

    [Theory]
    [InlineData("Europe/Berlin", "day")]
    [InlineData("America/New_York", "day")]
    [InlineData("UTC", "week")]
    [InlineData("Pacific/Auckland", "month")]
    [InlineData("UTC", "hour")]
    public async Task A_series_has_the_days_of_its_time_zone(string zone, string interval)
    {
        var instance = await StartAsync();
        var random = new Random(7);
        var records = Enumerable.Range(0, 500).Select(i => Record(random, i) with { StartedAtMicros = Micros(new DateTimeOffset(2026, 3, 20, 0, 0, 0, TimeSpan.Zero).AddMinutes(random.Next(20_000))) }).ToList();
        await IngestAsync(instance, records);

        var report = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?from=2026-03-19T00:00:00Z&to=2026-04-06T00:00:00Z&interval={interval}&timeZone={zone}&groupBy=model&compare=previous");

        var time = TimeZoneInfo.FindSystemTimeZoneById(zone);
        var expected = records.GroupBy(r => Bucket(TimeZoneInfo.ConvertTime(DateTimeOffset.UnixEpoch.AddTicks(r.StartedAtMicros * 10), time).DateTime))
            .OrderBy(g => g.Key).Select(g => $"{g.Sum(r => r.Count)} {g.Sum(r => r.CostNanoUsd)}");
        Assert.Equal(expected, report["series"]!.AsArray().Select(p => $"{p!["requests"]} {p["costNanoUsd"]}"));
        Assert.Equal(0, report["previous"]!["requests"]!.GetValue<long>());
        Assert.Equal(records.Sum(r => r.Count), report["groups"]!.AsArray().SelectMany(g => g!["series"]!.AsArray()).Sum(p => p!["requests"]!.GetValue<long>()));

        DateTime Bucket(DateTime local) => interval switch
        {
            "hour" => local.Date.AddHours(local.Hour),
            "day" => local.Date,
            "week" => local.Date.AddDays(-(((int)local.DayOfWeek + 6) % 7)),
            _ => new DateTime(local.Year, local.Month, 1, 0, 0, 0, DateTimeKind.Unspecified),
        };
    }

    [Fact]
    public async Task Percentiles_are_within_nine_per_cent()
    {
        var instance = await StartAsync();
        var durations = Enumerable.Range(1, 1000).Select(i => (long)(2_000 * Math.Pow(1.006, i))).ToList();
        await IngestAsync(instance, durations.Select((d, i) => UsageTests.Record(i) with { DurationMicros = d, FirstByteMicros = d / 2, Model = "m" }).ToList());

        var report = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{All}&latency=true&groupBy=model");

        foreach (var latency in (JsonNode[])[report["latency"]!, report["groups"]![0]!["latency"]!])
        {
            foreach (var (name, share) in ((string, double)[])[("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99)])
            {
                var real = durations[(int)(share * 1000) - 1];
                Assert.InRange(latency["duration"]![name]!.GetValue<long>(), real * 0.9, real * 1.1);
                Assert.InRange(latency["firstByte"]![name]!.GetValue<long>(), real * 0.45, real * 0.55);
            }
        }
    }

    [Fact]
    public async Task Invented_names_are_bounded_and_still_counted()
    {
        var instance = await StartAsync();
        for (var i = 0; i < 4; i++)
        {
            await IngestAsync(instance, Enumerable.Range(i * 400, 400).Select(n => UsageTests.Record(n) with { StartedAtMicros = Micros(Start), Model = $"made-up-{n}", Tags = [$"tag-{n}"] }).ToList());
        }

        foreach (var dimension in (string[])["model", "tag"])
        {
            var report = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{All}&groupBy={dimension}&limit=1000");
            var groups = report["groups"]!.AsArray();
            Assert.Equal(1600, report["total"]!["requests"]!.GetValue<long>());
            Assert.True(report["truncated"]!.GetValue<bool>());
            Assert.Equal(600, groups.Single(g => g![dimension]!.GetValue<string>() == "(other)")!["totals"]!["requests"]!.GetValue<long>());
        }
    }

    internal static UsageRecord Record(Random random, int number) => UsageTests.Record(number) with
    {
        StartedAtMicros = Micros(Start.AddMinutes(random.Next(6000))) + random.Next(60_000_000),
        KeyId = $"k{random.Next(5)}", TeamId = random.Next(3) == 0 ? "" : $"t{random.Next(3)}", CustomerId = $"c{random.Next(2)}", UserId = random.Next(2) == 0 ? "" : $"u{random.Next(3)}",
        Model = $"m{random.Next(4)}", ProviderId = $"p{random.Next(2)}", Route = $"r{random.Next(2)}", Count = random.Next(10) == 0 ? random.Next(1, 50) : 1,
        EndUser = random.Next(3) == 0 ? $"e{random.Next(4)}" : "", SessionId = random.Next(3) == 0 ? $"s{random.Next(9)}" : "",
        TraceId = random.Next(3) == 0 ? $"{random.Next(1, 9):x32}" : "",
        Tags = [.. Enumerable.Range(0, random.Next(3)).Select(_ => random.Next(2) == 0 ? $"T{random.Next(3)}" : $"t{random.Next(3)}")],
        Tokens = new TokenUsage { Input = random.Next(1000), CacheWriteHour = random.Next(9), Output = random.Next(1000), ImageOutput = random.Next(5), AudioCacheRead = random.Next(5) },
        Units = new UsageUnits { Images = random.Next(3), WebSearches = random.Next(2) },
    };

    internal static long Micros(DateTimeOffset instant) => Usage.Aggregates.UsageTime.Micros(instant);

    internal static string Figures(IEnumerable<UsageRecord> found)
    {
        var records = found.ToList();
        return string.Join(
            ' ',
            records.Sum(r => r.Count),
            records.Where(r => r.Outcome is not (RequestOutcome.Completed or RequestOutcome.ClientCancelled)).Sum(r => r.Count),
            records.Where(r => r.Estimated).Sum(r => r.Count),
            records.Sum(r => r.Tokens.Input),
            records.Sum(r => r.Tokens.CacheWriteHour),
            records.Sum(r => r.Tokens.Output),
            records.Sum(r => r.Tokens.ImageOutput),
            records.Sum(r => r.Tokens.AudioCacheRead),
            records.Sum(r => r.Units.Images),
            records.Sum(r => r.Units.WebSearches),
            records.Sum(r => r.CostNanoUsd));
    }

    internal static string Figures(JsonNode totals) => string.Join(
        ' ',
        ((JsonNode?[])
        [
            totals["requests"], totals["errors"], totals["estimatedRequests"], totals["tokens"]!["input"], totals["tokens"]!["cacheWriteHour"], totals["tokens"]!["output"],
            totals["tokens"]!["imageOutput"], totals["tokens"]!["audioCacheRead"], totals["units"]?["images"], totals["units"]?["webSearches"], totals["costNanoUsd"],
        ]).Select(n => n?.GetValue<long>() ?? 0));
}
