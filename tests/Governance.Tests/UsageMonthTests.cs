using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Contracts.Usage;
using Gateway.Governance.Storage;
using Gateway.Governance.Tests.Support;
using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Partitions;
using Gateway.Governance.Usage.Reports;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Governance.Tests;

public sealed class UsageMonthsOnSqliteTests() : UsageMonthTests(null);

public sealed class UsageMonthsOnPostgresTests(PostgresServer server) : UsageMonthTests(server);

/// <summary>Sums by month: what they are of, and what stays when days are dropped.</summary>
public abstract class UsageMonthTests(PostgresServer? server) : GovernanceTests(server)
{
    private static readonly DateTimeOffset _begin = new(2025, 11, 3, 5, 20, 0, TimeSpan.Zero);

    private static readonly Gen<(int Day, int Seed)[]> _drawn = Gen.ArrayOf(
        from day in Gen.Choose(0, 420)
        from seed in Gen.Choose(0, 1_000_000)
        select (day, seed));

    private int _next;

    [Fact]
    public async Task A_month_is_the_sum_of_its_days_whatever_comes_and_is_corrected()
    {
        var instance = await StartAsync();
        var all = new List<UsageRecord>();
        await Task.Factory.StartNew(
            () => Prop.ForAll(Arb.From(_drawn), drawn => CheckAsync(instance, drawn, all)).Check(Config.QuickThrowOnFailure.WithMaxTest(IsPostgres ? 8 : 15)),
            Cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    [Fact]
    public async Task Ranges_of_years_are_put_together_exactly()
    {
        var instance = await StartAsync();
        var records = Spread(400, 5);
        await IngestAsync(instance, records);
        var random = new Random(2);
        for (var i = 0; i < 25; i++)
        {
            var from = _begin.AddDays(random.Next(0, 200)).AddMinutes(random.Next(1440));
            var to = from.AddDays(random.Next(20, 300)).AddMinutes(random.Next(1440));
            var within = records.Where(r => UsageAggregateTests.Micros(from) <= r.StartedAtMicros && r.StartedAtMicros < UsageAggregateTests.Micros(to)).ToList();
            foreach (var query in (string[])["groupBy=key", "groupBy=tag", "groupBy=key,model", "groupBy=team&interval=month&timeZone=Europe/Berlin", "groupBy=model&interval=month&latency=true"])
            {
                var report = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{Range(from, to)}&{query}");
                Assert.Equal(UsageAggregateTests.Figures(within), UsageAggregateTests.Figures(report["total"]!));
                if (report["series"] is JsonArray series)
                {
                    Assert.Equal(within.Sum(r => r.CostNanoUsd), series.Sum(p => p!["costNanoUsd"]!.GetValue<long>()));
                }
            }
        }
    }

    [Fact]
    public async Task Days_that_retention_drops_stay_in_their_months()
    {
        var first = await StartAsync();
        var now = TimeProvider.System.GetUtcNow();
        var records = Enumerable.Range(0, 120).Select(i => UsageTests.Record(i) with
        {
            Id = $"00000000000000bb{i:x16}", StartedAtMicros = UsageAggregateTests.Micros(now.AddDays(-2 * i).AddMinutes(-i)), Model = $"m{i % 3}",
        }).ToList();
        await IngestAsync(first, records);
        var range = $"{Range(new DateTimeOffset(now.AddDays(-300).Year, now.AddDays(-300).Month, 1, 0, 0, 0, TimeSpan.Zero), now.AddDays(1))}&groupBy=model&compare=previous";
        var before = await DoAsync(first.Admin, HttpMethod.Get, $"/api/usage?{range}");
        await StopAsync(first);

        var second = await StartAsync(settings: new Dictionary<string, string?>
        {
            ["Gateway:UsageRetention:RecordDays"] = "40", ["Gateway:UsageRetention:HourlyDays"] = "50", ["Gateway:UsageRetention:DailyDays"] = "60",
        });
        var since = UsageTime.FloorMonth(UsageAggregateTests.Micros(now.AddDays(-60)));
        while (await ScalarAsync(second, $"SELECT MIN(start) FROM usage_cube_day") is long oldest && oldest < since)
        {
            await Task.Delay(20, Cancellation);
        }

        // Finer questions than what is kept give what is kept: nothing of the total is missing from their points.
        foreach (var interval in (string[])["none", "hour", "day", "week", "month"])
        {
            var (from, to) = interval == "hour" ? (now.AddDays(-75), now.AddDays(-45)) : (now.AddDays(-200), now.AddDays(1));
            var after = await DoAsync(second.Admin, HttpMethod.Get, $"/api/usage?{Range(from, to)}&interval={interval}");
            var (begins, ends) = (UsageAggregateTests.Micros(after["from"]!.GetValue<DateTimeOffset>()), UsageAggregateTests.Micros(after["to"]!.GetValue<DateTimeOffset>()));
            var within = records.Where(r => begins <= r.StartedAtMicros && r.StartedAtMicros < ends).ToList();
            Assert.True(begins <= UsageAggregateTests.Micros(from));
            Assert.Equal(UsageAggregateTests.Figures(within), UsageAggregateTests.Figures(after["total"]!));
            Assert.Equal(within.Sum(r => r.CostNanoUsd), after["series"]?.AsArray().Sum(p => p!["costNanoUsd"]!.GetValue<long>()) ?? within.Sum(r => r.CostNanoUsd));
        }

        var whole = await DoAsync(second.Admin, HttpMethod.Get, $"/api/usage?{range}");
        Assert.Equal(before["total"]!.ToJsonString(), whole["total"]!.ToJsonString());
        Assert.Equal(before["groups"]!.ToJsonString(), whole["groups"]!.ToJsonString());
        Assert.Empty(await DifferencesAsync(second, since));

        // What comes again is known; what comes late and new counts in its month.
        Assert.Equal(120, (await IngestAsync(second, records)).Duplicates);
        await IngestAsync(second, UsageTests.Record(500) with { Id = "00000000000000bb0000000000000500", StartedAtMicros = UsageAggregateTests.Micros(now.AddDays(-150)), Model = "m1" });
        var later = await DoAsync(second.Admin, HttpMethod.Get, $"/api/usage?{range}");
        Assert.Equal(whole["total"]!["requests"]!.GetValue<long>() + 1, later["total"]!["requests"]!.GetValue<long>());
    }

    [Fact]
    public async Task A_store_of_before_has_its_months_after_the_migration()
    {
        var first = await StartAsync();
        var records = Spread(300, 9);
        await IngestAsync(first, records);
        var question = $"/api/usage?{Range(_begin.AddDays(-10), _begin.AddDays(500))}&groupBy=model&latency=true";
        var before = await DoAsync(first.Admin, HttpMethod.Get, question);
        await ExecuteAsync(first, "DROP TABLE usage_cube_month");
        await ExecuteAsync(first, "DROP TABLE usage_by_month");
        await ExecuteAsync(first, "DROP TABLE usage_latency_month");
        await ExecuteAsync(first, "DELETE FROM schema_version WHERE number IN (12, 20)");
        await StopAsync(first);

        var second = await StartAsync();

        Assert.Empty(await DifferencesAsync(second, 0));
        Assert.Equal(before["total"]!.ToJsonString(), (await DoAsync(second.Admin, HttpMethod.Get, question))["total"]!.ToJsonString());
        Assert.Equal(before["groups"]!.ToJsonString(), (await DoAsync(second.Admin, HttpMethod.Get, question))["groups"]!.ToJsonString());
    }

    [Fact]
    public async Task A_store_of_before_counts_what_the_cache_answers_from_then_on()
    {
        var first = await StartAsync();
        var records = Spread(60, 11);
        await IngestAsync(first, records);
        if (Postgres is null)
        {
            await ExecuteAsync(first, "DROP VIEW usage_records");
        }

        var months = await first.Services.GetRequiredService<Database>().ReadAsync(UsagePartitions.ListAsync, Cancellation);
        foreach (var (table, columns) in ((string, IEnumerable<string>)[])
        [
            .. ((string[])["cube_hour", "cube_day", "cube_month", "by_hour", "by_day", "by_month"]).Select(t => ($"usage_{t}", (IEnumerable<string>)UsageSums.Later)),
            .. Postgres is null ? months.Select(m => (m.Table, RecordColumns.OfCache.Select(c => c.Column))) : [("usage_records", RecordColumns.OfCache.Select(c => c.Column))],
        ])
        {
            foreach (var column in columns)
            {
                await ExecuteAsync(first, $"ALTER TABLE {table} DROP COLUMN {column}");
            }
        }

        await ExecuteAsync(first, "DELETE FROM schema_version WHERE number = 20");
        await StopAsync(first);

        var second = await StartAsync();
        await IngestAsync(second, Draw(3, 1) with { Cache = CacheUse.Exact, SavedNanoUsd = 700, SavedTokens = 30, CostNanoUsd = 0, Count = 2 });

        var report = await DoAsync(second.Admin, HttpMethod.Get, $"/api/usage?{Range(_begin.AddDays(-10), _begin.AddDays(500))}&interval=month");
        Assert.Equal((2, 700, 30), (report["total"]!["cache"]!["exact"]!.GetValue<int>(), report["total"]!["cache"]!["savedNanoUsd"]!.GetValue<int>(), report["total"]!["cache"]!["savedTokens"]!.GetValue<int>()));
        Assert.Equal(700, report["series"]!.AsArray().Sum(static p => p!["savedNanoUsd"]!.GetValue<int>()));
        var found = await DoAsync(second.Admin, HttpMethod.Get, $"/api/usage/records?{Range(_begin.AddDays(-10), _begin.AddDays(500))}&cache=exact");
        Assert.Equal("Exact", Assert.Single(found["items"]!.AsArray())!["cache"]!.GetValue<string>());
        Assert.Empty(await DifferencesAsync(second, 0));
    }

    [Fact]
    public async Task A_range_to_the_end_of_the_calendar_has_an_answer()
    {
        var instance = await StartAsync();
        await IngestAsync(instance, Spread(10, 1));

        var report = await DoAsync(instance.Admin, HttpMethod.Get, "/api/usage?from=2020-01-01T00:00:00Z&to=9999-12-31T23:59:59Z");

        Assert.True(report["total"]!["requests"]!.GetValue<long>() >= 10);
    }

    private async Task CheckAsync(Instance instance, (int Day, int Seed)[] drawn, List<UsageRecord> all)
    {
        var records = drawn.Select(d => Draw(d.Day, d.Seed)).ToList();
        await IngestAsync(instance, records);
        all.AddRange(records);
        var corrections = records.Where((_, i) => i % 4 == 0).Select((r, i) => new UsageAdjustment(r, r.CostNanoUsd + (17 * i), i % 2 == 0 ? "v9" : "")).ToList();
        var adjustments = instance.Services.GetRequiredService<UsageAdjustments>();
        var applied = await instance.Services.GetRequiredService<Database>().WriteAsync(session => adjustments.ApplyAsync(session, corrections), Cancellation);
        Assert.Empty(await DifferencesAsync(instance, 0));
        foreach (var correction in applied)
        {
            all[all.FindIndex(r => r.Id == correction.Record.Id)] = correction.Record with { CostNanoUsd = correction.CostNanoUsd };
        }

        var report = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{Range(_begin.AddDays(-10), _begin.AddDays(500))}");
        Assert.Equal(UsageAggregateTests.Figures(all), UsageAggregateTests.Figures(report["total"]!));
    }

    private UsageRecord Draw(int day, int seed) => UsageAggregateTests.Record(new Random(seed), _next++) with { StartedAtMicros = UsageAggregateTests.Micros(_begin.AddDays(day)) + (seed * 85_000L) };

    private List<UsageRecord> Spread(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Draw(random.Next(420), random.Next(1_000_000)))];
    }

    private static string Range(DateTimeOffset from, DateTimeOffset to) => $"from={from:yyyy-MM-ddTHH:mm:ssZ}&to={to:yyyy-MM-ddTHH:mm:ssZ}";

    /// <summary>Months that are not the sums of their days, from a time on.</summary>
    private static async Task<List<string>> DifferencesAsync(Instance instance, long since)
    {
        var wrong = new List<string>();
        foreach (var (table, key, columns) in ((string, string[], string[])[])
        [
            ("cube", [.. CubeRow.Dimensions], [.. UsageSums.Columns]), ("by", ["dimension", "value"], [.. UsageSums.Columns]), ("latency", ["dimension", "value", "bin"], ["durations", "first_bytes"]),
        ])
        {
            var sql = $"SELECT start, {string.Join(", ", key)}, {string.Join(", ", columns)} FROM usage_{table}_";
            var days = await ReadAsync($"{sql}day WHERE start >= {since}", UsageTime.FloorMonth);
            var months = await ReadAsync($"{sql}month WHERE start >= {since}", s => s);
            wrong.AddRange(days.Except(months).Select(d => $"{table} is {d}"));
            wrong.AddRange(months.Except(days).Select(d => $"{table} has {d}"));

            Task<HashSet<string>> ReadAsync(string question, Func<long, long> startOf) => instance.Services.GetRequiredService<Database>().ReadAsync(
                async session =>
                {
                    var sums = new Dictionary<string, long[]>();
                    await using var command = session.Connection.CreateCommand();
                    command.CommandText = question;
                    await using var reader = await command.ExecuteReaderAsync(Cancellation);
                    while (await reader.ReadAsync(Cancellation))
                    {
                        var place = $"{startOf(reader.GetInt64(0))} {string.Join('|', Enumerable.Range(1, key.Length).Select(i => reader.GetValue(i)))}";
                        var values = Enumerable.Range(1 + key.Length, columns.Length).Select(reader.GetInt64).ToArray();
                        sums[place] = sums.TryGetValue(place, out var had) ? [.. had.Zip(values, (a, b) => a + b)] : values;
                    }

                    return sums.Select(s => $"{s.Key}: {string.Join(' ', s.Value)}").ToHashSet();
                },
                Cancellation);
        }

        return wrong;
    }
}

/// <summary>The calendar of aggregates.</summary>
public sealed class UsageSegmentTests
{
    [Fact]
    public void Months_are_those_of_the_calendar() => Prop.ForAll(
        Arb.From(Gen.Choose(-200, 200), _ => []), Arb.From(Gen.Choose(0, int.MaxValue), _ => []),
        (years, offset) =>
        {
            var instant = new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero).AddYears(years).AddSeconds(offset % 31_000_000);
            var micros = UsageTime.Micros(instant);
            var floor = UsageTime.FloorMonth(micros);
            Assert.Equal(new DateTimeOffset(instant.Year, instant.Month, 1, 0, 0, 0, TimeSpan.Zero), UsageTime.Instant(floor));
            Assert.Equal(UsageMonth.Of(micros).Next.First, UsageTime.CeilingMonth(micros == floor ? micros + 1 : micros));
            Assert.Equal(floor, UsageTime.CeilingMonth(floor));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Segments_are_the_range_once_and_each_is_whole_in_its_kind() => Prop.ForAll(
        Arb.From(Gen.ArrayOf(Gen.Choose(0, 900_000_000), 3), _ => []),
        offsets =>
        {
            var begin = UsageAggregateTests.Micros(new DateTimeOffset(2024, 1, 17, 3, 0, 0, TimeSpan.Zero));
            var points = offsets.Select(o => begin + (o * 97_003L)).Order().Distinct().ToList();
            var segments = UsageSegments.Of(points[..^1], points[^1]);
            var all = segments.Months.Concat(segments.Days).Concat(segments.Hours).Concat(segments.Records).OrderBy(s => s.First).ToList();
            Assert.All(segments.Months, s => Assert.Equal((s.First, s.Past), (UsageTime.FloorMonth(s.First), UsageTime.FloorMonth(s.Past))));
            Assert.All(segments.Days, s => Assert.Equal((s.First, s.Past), (UsageTime.FloorDay(s.First), UsageTime.FloorDay(s.Past))));
            Assert.All(segments.Days, s => Assert.True(s.Past - s.First < 62 * UsageTime.Day));
            if (all.Count > 0)
            {
                Assert.Equal(points[0], all[0].First);
                Assert.Equal(points[^1], all[^1].Past);
                Assert.All(all.Zip(all.Skip(1)), pair => Assert.Equal(pair.First.Past, pair.Second.First));
            }
        }).QuickCheckThrowOnFailure();
}
