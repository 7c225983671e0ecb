using Gateway.Contracts.Usage;
using Gateway.Governance.Storage;
using Gateway.Governance.Tests.Support;
using Gateway.Governance.Usage.Aggregates;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Governance.Tests;

public sealed class UsageAdjustmentsOnSqliteTests() : UsageAdjustmentTests(null);

public sealed class UsageAdjustmentsOnPostgresTests(PostgresServer server) : UsageAdjustmentTests(server);

/// <summary>A corrected price changes cost, in records and sums alike, and nothing else.</summary>
public abstract class UsageAdjustmentTests(PostgresServer? server) : GovernanceTests(server)
{
    private const string All = "from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z";

    [Fact]
    public async Task Records_and_every_sum_have_the_corrected_cost_and_tokens_stay()
    {
        var instance = await StartAsync();
        var random = new Random(11);
        var records = Enumerable.Range(0, 300).Select(i => UsageAggregateTests.Record(random, i)).ToList();
        await IngestAsync(instance, records);
        var corrections = records.Where((_, i) => i % 3 == 0).Select((r, i) => new UsageAdjustment(r, i % 5 == 0 ? 0 : Math.Max(0, r.CostNanoUsd + (1000 * i) - 50_000), "v2")).ToList();

        var applied = await ApplyAsync(instance, corrections);

        Assert.Equal(corrections.Select(c => c.Record.Id).Order(StringComparer.Ordinal), applied.Select(c => c.Record.Id).Order(StringComparer.Ordinal));
        var corrected = records.Select(r => corrections.Find(c => c.Record.Id == r.Id) is { } c ? r with { CostNanoUsd = c.CostNanoUsd, PriceVersion = c.PriceVersion } : r).ToList();
        await ExpectAsync(instance, corrected);

        // Once more, and by somebody who read before it: what was corrected already stays.
        Assert.Empty(await ApplyAsync(instance, corrections));
        await ExpectAsync(instance, corrected);
    }

    [Fact]
    public async Task A_correction_that_is_given_up_leaves_all_as_it_was()
    {
        var instance = await StartAsync();
        var records = Enumerable.Range(0, 20).Select(i => UsageTests.Record(i)).ToList();
        await IngestAsync(instance, records);

        var adjustments = instance.Services.GetRequiredService<UsageAdjustments>();
        await instance.Services.GetRequiredService<Database>().WriteAsync(
            async session =>
            {
                var applied = await adjustments.ApplyAsync(session, [.. records.Select(r => new UsageAdjustment(r, 1, "v2"))]);
                session.Abandon();
                return applied.Count;
            },
            Cancellation);

        await ExpectAsync(instance, records);
    }

    [Fact]
    public async Task A_record_that_is_not_there_is_left_out()
    {
        var instance = await StartAsync();
        var there = UsageTests.Record(1);
        await IngestAsync(instance, there);
        var elsewhere = UsageTests.Record(2) with { StartedAtMicros = UsageAggregateTests.Micros(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero)) };

        Assert.Empty(await ApplyAsync(instance, [new UsageAdjustment(elsewhere, 1, "v2"), new UsageAdjustment(UsageTests.Record(3), 1, "v2"), new UsageAdjustment(there with { CostNanoUsd = 5 }, 1, "v2")]));
        await ExpectAsync(instance, [there]);
    }

    private static Task<IReadOnlyList<UsageAdjustment>> ApplyAsync(Instance instance, List<UsageAdjustment> corrections)
    {
        var adjustments = instance.Services.GetRequiredService<UsageAdjustments>();
        return instance.Services.GetRequiredService<Database>().WriteAsync(session => adjustments.ApplyAsync(session, corrections), Cancellation);
    }

    private static async Task ExpectAsync(Instance instance, List<UsageRecord> records)
    {
        foreach (var (name, of) in ((string, Func<UsageRecord, IEnumerable<string>>)[])
        [
            ("key", r => [r.KeyId]), ("model", r => [r.Model]), ("customer", r => [r.CustomerId]), ("user", r => [r.UserId]), ("provider", r => [r.ProviderId]), ("route", r => [r.Route]), ("tag", r => r.Tags),
        ])
        {
            var report = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{All}&groupBy={name}");
            Assert.Equal(UsageAggregateTests.Figures(records), UsageAggregateTests.Figures(report["total"]!));
            Assert.Equal(records.Sum(UsageSums.UnpricedOf), report["total"]!["unpricedRequests"]!.GetValue<long>());
            Assert.Equal(
                records.SelectMany(r => of(r).Distinct().Select(v => (Value: v, Record: r))).GroupBy(r => r.Value).ToDictionary(g => g.Key, g => UsageAggregateTests.Figures(g.Select(r => r.Record))),
                report["groups"]!.AsArray().ToDictionary(g => g![name]!.GetValue<string>(), g => UsageAggregateTests.Figures(g!["totals"]!)));
        }

        // Ragged ends are read from hours and from the records themselves.
        var (from, to) = (new DateTimeOffset(2026, 2, 28, 1, 17, 30, TimeSpan.Zero), new DateTimeOffset(2026, 3, 2, 22, 41, 10, TimeSpan.Zero));
        var part = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?from={from:yyyy-MM-ddTHH:mm:ssZ}&to={to:yyyy-MM-ddTHH:mm:ssZ}");
        Assert.Equal(
            UsageAggregateTests.Figures(records.Where(r => UsageAggregateTests.Micros(from) <= r.StartedAtMicros && r.StartedAtMicros < UsageAggregateTests.Micros(to))),
            UsageAggregateTests.Figures(part["total"]!));

        var cube = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{All}&key={records[0].KeyId}&groupBy=provider");
        Assert.Equal(UsageAggregateTests.Figures(records.Where(r => r.KeyId == records[0].KeyId)), UsageAggregateTests.Figures(cube["total"]!));
        var found = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage/records?{All}&limit=1000");
        Assert.Equal(
            records.Select(r => $"{r.Id} {r.CostNanoUsd} {r.PriceVersion} {r.Tokens.Input}").Order(StringComparer.Ordinal),
            found["items"]!.AsArray().Select(r => $"{r!["id"]} {r["costNanoUsd"]} {r["priceVersion"]?.GetValue<string>()} {r["tokens"]!["input"]}").Order(StringComparer.Ordinal));
    }
}
