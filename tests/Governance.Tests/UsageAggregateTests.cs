using System.Net;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Contracts.Usage;
using Gateway.Governance.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Governance.Tests;

public sealed class UsageAggregatesOnSqliteTests() : UsageAggregateTests(null);

public sealed class UsageAggregatesOnPostgresTests(PostgresServer server) : UsageAggregateTests(server);

/// <summary>Whatever arrives, in whatever order and however often: the aggregates are the sums of the records.</summary>
public abstract class UsageAggregateTests(PostgresServer? server) : GovernanceTests(server)
{
    private static readonly DateTimeOffset Start = new(2026, 2, 27, 21, 17, 0, TimeSpan.Zero);
    private const string All = "from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z";

    private static readonly Gen<Drawn> _drawn =
        from minute in Gen.Choose(0, 6_000)
        from micros in Gen.Choose(0, 59_999_999)
        from who in Gen.Choose(0, 5 * 4 * 2 * 3)
        from what in Gen.Choose(0, 4 * 2 * 2 * 9)
        from count in Gen.Frequency((9, Gen.Constant(1)), (1, Gen.Choose(2, 50)))
        from tokens in Gen.Choose(0, 1_000_000)
        select new Drawn(minute, micros, who, what, count, tokens);

    // Each at least once, some again, in any order, in batches of any size; and a range with ragged ends.
    private static readonly Gen<Delivery> _deliveries =
        from records in Gen.ArrayOf(_drawn)
        from order in Gen.ArrayOf(Gen.Choose(0, 100_000))
        from size in Gen.Choose(1, 60)
        from begin in Gen.Choose(0, 3_000)
        from length in Gen.Choose(0, 3_000)
        select new Delivery(records, order, size, begin, length);

    private int _case;

    [Fact]
    public async Task Aggregates_are_the_sums_of_the_records()
    {
        var instance = await StartAsync();
        await Task.Factory.StartNew(
            () => Prop.ForAll(Arb.From(_deliveries), delivery => CheckAsync(instance, delivery)).Check(Config.QuickThrowOnFailure.WithMaxTest(IsPostgres ? 12 : 25)),
            Cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private async Task CheckAsync(Instance instance, Delivery delivery)
    {
        // All cases share one store, each with a month and ids of its own.
        var (begin, first) = (Start.AddMonths(-2 * _case), 1_000 * _case);
        _case++;
        var records = delivery.Records.Select((drawn, i) => drawn.Of(first + i, begin)).ToList();
        var sent = delivery.Order.Where(_ => records.Count > 0).Select(i => records[i % records.Count]).Concat(records).ToList();
        for (var at = 0; at < sent.Count; at += delivery.Size)
        {
            await IngestAsync(instance, sent.Skip(at).Take(delivery.Size).ToList());
        }

        foreach (var (query, of) in ((string, Func<UsageRecord, IEnumerable<string>>)[])
        [
            ("key", r => [r.KeyId]), ("model", r => [r.Model]), ("team", r => [r.TeamId]), ("customer", r => [r.CustomerId]),
            ("user", r => [r.UserId]), ("provider", r => [r.ProviderId]), ("route", r => [r.Route]), ("tag", r => r.Tags),
        ])
        {
            foreach (var (from, to) in ((DateTimeOffset, DateTimeOffset)[])[(begin.AddDays(-1), begin.AddDays(10)), (begin.AddMinutes(delivery.From), begin.AddMinutes(delivery.From + delivery.Length))])
            {
                var within = Within(from, to);
                var report = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{Range(from, to)}&groupBy={query}");
                Assert.Equal(Figures(within), Figures(report["total"]!));
                Assert.Equal(
                    within.SelectMany(r => of(r).Distinct().Select(v => (Value: v, Record: r))).GroupBy(r => r.Value).ToDictionary(g => g.Key, g => Figures(g.Select(r => r.Record))),
                    report["groups"]!.AsArray().ToDictionary(g => g![query]!.GetValue<string>(), g => Figures(g!["totals"]!)));
            }
        }

        var whole = Range(begin.AddDays(-1), begin.AddDays(10));
        var filtered = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{whole}&key=k1&provider=p1&groupBy=model");
        Assert.Equal(Figures(records.Where(r => r.KeyId == "k1" && r.ProviderId == "p1")), Figures(filtered["total"]!));
        var one = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{whole}&team=t1");
        Assert.Equal(Figures(records.Where(r => r.TeamId == "t1")), Figures(one["total"]!));

        List<UsageRecord> Within(DateTimeOffset from, DateTimeOffset to) => [.. records.Where(r => Micros(from) <= r.StartedAtMicros && r.StartedAtMicros < Micros(to))];
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
    public async Task A_series_has_percentiles_of_its_hours_and_minutes_are_counted_from_the_records()
    {
        var instance = await StartAsync();
        var begin = new DateTimeOffset(2026, 11, 20, 10, 0, 0, TimeSpan.Zero);
        await IngestAsync(instance, Enumerable.Range(0, 100).Select(i => UsageTests.Record(i) with
        {
            StartedAtMicros = Micros(begin) + (i < 50 ? i * 1_000_000L : 7_200_000_000L + (i * 60_000L)), DurationMicros = i < 50 ? 10_000 : 1_000_000, FirstByteMicros = i < 50 ? 5_000 : 500_000,
        }).ToList());

        var hours = (await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{Range(begin, begin.AddHours(4))}&interval=hour&latency=true"))["series"]!.AsArray();
        Assert.Equal([begin, begin.AddHours(2)], hours.Select(static p => p!["start"]!.GetValue<DateTimeOffset>()));
        Assert.InRange(hours[0]!["latency"]!["duration"]!["p99"]!.GetValue<long>(), 9_000, 11_000);
        Assert.InRange(hours[1]!["latency"]!["duration"]!["p50"]!.GetValue<long>(), 900_000, 1_100_000);
        Assert.InRange(hours[1]!["latency"]!["firstByte"]!["p95"]!.GetValue<long>(), 450_000, 550_000);
        var days = (await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{Range(begin.AddDays(-40), begin.AddDays(2))}&interval=week&latency=true"))["series"]!.AsArray();
        Assert.InRange(Assert.Single(days)!["latency"]!["duration"]!["p50"]!.GetValue<long>(), 9_000, 11_000);

        var minutes = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{Range(begin, begin.AddHours(3))}&interval=minute&latency=true");
        Assert.Equal([(begin, 50L), (begin.AddHours(2), 50L)], minutes["series"]!.AsArray().Select(static p => (p!["start"]!.GetValue<DateTimeOffset>(), p["requests"]!.GetValue<long>())));
        Assert.InRange(minutes["series"]![0]!["latency"]!["duration"]!["p99"]!.GetValue<long>(), 9_000, 11_000);
        Assert.InRange(minutes["series"]![1]!["latency"]!["firstByte"]!["p50"]!.GetValue<long>(), 450_000, 550_000);
        Assert.InRange(minutes["latency"]!["duration"]!["p99"]!.GetValue<long>(), 900_000, 1_100_000);
        var (status, problem, _) = await SendAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{Range(begin, begin.AddHours(4))}&interval=minute");
        Assert.Equal((HttpStatusCode.BadRequest, "interval"), (status, problem!["errors"]![0]!["field"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("key")]
    [InlineData("team")]
    [InlineData("customer")]
    [InlineData("user")]
    [InlineData("route")]
    [InlineData("model")]
    [InlineData("provider")]
    public async Task One_value_of_a_dimension_has_percentiles_of_its_own(string by)
    {
        var instance = await StartAsync();
        var begin = new DateTimeOffset(2026, 10, 20, 10, 0, 0, TimeSpan.Zero);
        await IngestAsync(instance, Enumerable.Range(0, 120).Select(i => Of(UsageTests.Record(i), i % 3) with
        {
            StartedAtMicros = Micros(begin) + (i % 2 * 3_600_000_000L) + (i * 20_000_000L), DurationMicros = 10_000 * (long)Math.Pow(10, i % 3), FirstByteMicros = 5_000 * (long)Math.Pow(10, i % 3),
        }).ToList());
        for (var which = 0; which < 3; which++)
        {
            var wanted = 10_000 * (long)Math.Pow(10, which);
            foreach (var (range, interval) in ((string, string)[])[(Range(begin, begin.AddHours(2)), "hour"), (Range(begin.AddDays(-3), begin.AddDays(3)), "day"), (Range(begin.AddMinutes(-5), begin.AddHours(2)), "minute")])
            {
                var report = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{range}&{by}=v{which}&interval={interval}&latency=true");
                Assert.Equal(40, report["total"]!["requests"]!.GetValue<long>());
                foreach (var latency in report["series"]!.AsArray().Select(static p => p!["latency"]!).Append(report["latency"]!))
                {
                    Assert.InRange(latency["duration"]!["p50"]!.GetValue<long>(), wanted * 0.9, wanted * 1.1);
                    Assert.InRange(latency["firstByte"]!["p99"]!.GetValue<long>(), wanted * 0.45, wanted * 0.55);
                }
            }
        }

        // Of some values at once, each its own.
        var some = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{Range(begin, begin.AddHours(2))}&groupBy={by}&values=v2&values=v0&values=v9&interval=hour&latency=true");
        Assert.Equal(80, some["total"]!["requests"]!.GetValue<long>());
        var groups = some["groups"]!.AsArray().ToDictionary(g => g![by]!.GetValue<string>(), static g => g!);
        Assert.Equal(["v0", "v2"], groups.Keys.Order());
        Assert.InRange(groups["v0"]["latency"]!["duration"]!["p50"]!.GetValue<long>(), 9_000, 11_000);
        Assert.InRange(groups["v2"]["latency"]!["duration"]!["p50"]!.GetValue<long>(), 900_000, 1_100_000);
        Assert.All(groups.Values, static g => Assert.Equal(2, g["series"]!.AsArray().Count));

        UsageRecord Of(UsageRecord record, int which) => by switch
        {
            "key" => record with { KeyId = $"v{which}" },
            "team" => record with { TeamId = $"v{which}" },
            "customer" => record with { CustomerId = $"v{which}" },
            "user" => record with { UserId = $"v{which}" },
            "route" => record with { Route = $"v{which}" },
            "model" => record with { Model = $"v{which}" },
            _ => record with { ProviderId = $"v{which}" },
        };
    }

    [Fact]
    public async Task Percentiles_of_several_filters_are_there_by_the_minute_and_else_said_not_to_be()
    {
        var instance = await StartAsync();
        var begin = new DateTimeOffset(2026, 10, 20, 10, 0, 0, TimeSpan.Zero);
        await IngestAsync(instance, Enumerable.Range(0, 40).Select(i => UsageTests.Record(i) with
        {
            StartedAtMicros = Micros(begin) + (i * 1_000_000L), KeyId = $"k{i % 2}", Model = $"m{i / 20}", DurationMicros = 10_000 * (1 + (i % 2)) * (1 + (i / 20)), FirstByteMicros = 1_000,
        }).ToList());
        var range = Range(begin, begin.AddHours(1));

        var minutes = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{range}&key=k1&model=m1&interval=minute&latency=true");
        Assert.InRange(minutes["series"]![0]!["latency"]!["duration"]!["p50"]!.GetValue<long>(), 36_000, 44_000);
        var (status, problem, _) = await SendAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{range}&key=k1&model=m1&latency=true");
        Assert.Equal((HttpStatusCode.BadRequest, "latency"), (status, problem!["errors"]![0]!["field"]!.GetValue<string>()));
        var without = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{range}&key=k1&model=m1&latency=available");
        Assert.Equal((10, null), (without["total"]!["requests"]!.GetValue<long>(), without["latency"]));
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{range}&groupBy=key&latency=true")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{range}&values=k1")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{range}&groupBy=tag&values=a")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{range}&tag=a&latency=true")).Status);
    }

    [Fact]
    public async Task Hours_of_single_values_go_after_their_time_and_their_days_stay()
    {
        var first = await StartAsync();
        var now = TimeProvider.System.GetUtcNow();
        var old = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero).AddDays(-60).AddHours(9);
        await IngestAsync(first, Enumerable.Range(0, 60).Select(i => UsageTests.Record(i) with
        {
            StartedAtMicros = Micros(i < 30 ? old : now.AddHours(-3)) + i, KeyId = $"k{i % 5}", DurationMicros = i < 30 ? 10_000 : 1_000_000, FirstByteMicros = 1_000,
        }).ToList());
        await StopAsync(first);
        var second = await StartAsync(settings: new Dictionary<string, string?> { ["Gateway:UsageRetention:HourlyLatencyDays"] = "30" });
        var kept = -1L;
        while (kept != 2 && !Cancellation.IsCancellationRequested)
        {
            // Two bins of each key's late hour are what stays.
            kept = await second.Services.GetRequiredService<Storage.Database>().ReadAsync(s => s.ScalarAsync<long>("SELECT COUNT(*) FROM usage_latency_of_hour WHERE dimension = 1 AND value = 'k1'"), Cancellation);
            await Task.Yield();
        }

        var hours = await DoAsync(second.Admin, HttpMethod.Get, $"/api/usage?{Range(old.AddHours(-1), old.AddHours(3))}&key=k1&interval=hour&latency=true");
        Assert.Equal(6, hours["total"]!["requests"]!.GetValue<long>());
        Assert.InRange(hours["latency"]!["duration"]!["p50"]!.GetValue<long>(), 9_000, 11_000);
        var all = await DoAsync(second.Admin, HttpMethod.Get, $"/api/usage?{Range(old.AddDays(-2), now.AddHours(1))}&key=k1&interval=day&latency=true");
        Assert.Equal(["10", "1000"], all["series"]!.AsArray().Select(static p => ((p!["latency"]!["duration"]!["p50"]!.GetValue<long>() + 1_000) / 1_000 is < 100 ? 10 : 1000).ToString(System.Globalization.CultureInfo.InvariantCulture)));
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

    private static string Range(DateTimeOffset from, DateTimeOffset to) => $"from={from:yyyy-MM-ddTHH:mm:ssZ}&to={to:yyyy-MM-ddTHH:mm:ssZ}";

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
            records.Sum(r => r.CostNanoUsd),
            records.Where(r => r.Cache == CacheUse.Exact).Sum(r => r.Count),
            records.Where(r => r.Cache == CacheUse.Semantic).Sum(r => r.Count),
            records.Where(r => r.Cache == CacheUse.Shared).Sum(r => r.Count),
            records.Sum(r => r.SavedNanoUsd),
            records.Sum(r => r.SavedTokens));
    }

    internal static string Figures(JsonNode totals) => string.Join(
        ' ',
        ((JsonNode?[])
        [
            totals["requests"], totals["errors"], totals["estimatedRequests"], totals["tokens"]!["input"], totals["tokens"]!["cacheWriteHour"], totals["tokens"]!["output"],
            totals["tokens"]!["imageOutput"], totals["tokens"]!["audioCacheRead"], totals["units"]?["images"], totals["units"]?["webSearches"], totals["costNanoUsd"],
            totals["cache"]?["exact"], totals["cache"]?["semantic"], totals["cache"]?["shared"], totals["cache"]?["savedNanoUsd"], totals["cache"]?["savedTokens"],
        ]).Select(n => n?.GetValue<long>() ?? 0));

    private sealed record Delivery(Drawn[] Records, int[] Order, int Size, int From, int Length);

    private sealed record Drawn(int Minute, int Micros, int Who, int What, int Count, int Tokens)
    {
        public UsageRecord Of(int number, DateTimeOffset begin) => UsageTests.Record(number) with
        {
            StartedAtMicros = UsageAggregateTests.Micros(begin.AddMinutes(Minute)) + Micros,
            KeyId = $"k{Who % 5}", TeamId = Who / 5 % 4 == 0 ? "" : $"t{Who / 5 % 4}", CustomerId = $"c{Who / 20 % 2}", UserId = Who / 40 == 0 ? "" : $"u{Who / 40}",
            Model = $"m{What % 4}", ProviderId = $"p{What / 4 % 2}", Route = $"r{What / 8 % 2}", Count = Count,
            Tags = [.. new[] { "", "T1", "t1" }[What / 16 % 3] is { Length: > 0 } one ? [one] : Array.Empty<string>(), .. What / 48 == 1 ? ["t1", "t2"] : Array.Empty<string>()],
            Tokens = new TokenUsage { Input = Tokens, CacheWriteHour = Tokens % 9, Output = Tokens / 3, ImageOutput = Tokens % 5, AudioCacheRead = Tokens % 4 },
            Units = new UsageUnits { Images = Tokens % 3, WebSearches = Tokens % 2 },
            Cache = (CacheUse)(Tokens % 4), SavedNanoUsd = Tokens % 4 == 0 ? 0 : Tokens * 3L, SavedTokens = Tokens % 4 == 0 ? 0 : Tokens,
        };
    }
}
