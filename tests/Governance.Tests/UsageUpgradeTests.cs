using Gateway.Contracts.Usage;
using Gateway.Governance.Storage;
using Gateway.Governance.Storage.Migrations;
using Gateway.Governance.Tests.Support;
using Gateway.Governance.Usage.Aggregates;
using Npgsql;

namespace Gateway.Governance.Tests;

public sealed class UsageUpgradeOnSqliteTests() : UsageUpgradeTests(null);

public sealed class UsageUpgradeOnPostgresTests(PostgresServer server) : UsageUpgradeTests(server);

/// <summary>A store of before records had months: nothing of it is lost, or counted again.</summary>
public abstract class UsageUpgradeTests(PostgresServer? server) : GovernanceTests(server)
{
    private const string All = "from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z";

    [Fact]
    public async Task Records_and_totals_of_before_are_found_and_known()
    {
        var begin = new DateTimeOffset(2026, 1, 30, 0, 0, 0, TimeSpan.Zero);
        var records = Enumerable.Range(0, 240).Select(i => UsageTests.Record(i) with { StartedAtMicros = UsageAggregateTests.Micros(begin.AddHours(i * 7)) }).ToList();
        await MakeOldStoreAsync(records);

        var instance = await StartAsync();

        foreach (var (name, of) in ((string, Func<UsageRecord, string>)[])[("key", r => r.KeyId), ("model", r => r.Model), ("team", r => r.TeamId), ("provider", r => r.ProviderId)])
        {
            var report = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{All}&groupBy={name}");
            Assert.Equal(UsageAggregateTests.Figures(records), UsageAggregateTests.Figures(report["total"]!));
            Assert.Equal(
                records.GroupBy(of).ToDictionary(g => g.Key, g => UsageAggregateTests.Figures(g)),
                report["groups"]!.AsArray().ToDictionary(g => g![name]!.GetValue<string>(), g => UsageAggregateTests.Figures(g!["totals"]!)));
        }

        // A ragged end is read from the records themselves, and a filter of two from the cube.
        var (from, to) = (begin.AddMinutes(601), begin.AddDays(40).AddMinutes(7));
        var part = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?from={from:yyyy-MM-ddTHH:mm:ssZ}&to={to:yyyy-MM-ddTHH:mm:ssZ}&key=key-1&groupBy=model");
        Assert.Equal(
            UsageAggregateTests.Figures(records.Where(r => r.KeyId == "key-1" && UsageAggregateTests.Micros(from) <= r.StartedAtMicros && r.StartedAtMicros < UsageAggregateTests.Micros(to))),
            UsageAggregateTests.Figures(part["total"]!));

        var found = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage/records?{All}&limit=1000");
        Assert.Equal(
            records.OrderByDescending(r => r.StartedAtMicros).Select(r => $"{r.Id} {r.CostNanoUsd} {r.Status}"),
            found["items"]!.AsArray().Select(r => $"{r!["id"]} {r["costNanoUsd"]} {r["status"]}"));

        // An edge that never heard of its delivery sends again, with something new.
        var ack = await IngestAsync(instance, [.. records, UsageTests.Record(240)]);
        Assert.Equal((1, 240), (ack.Stored, ack.Duplicates));
    }

    private async Task MakeOldStoreAsync(List<UsageRecord> records)
    {
        var source = Postgres is null ? null : NpgsqlDataSource.Create(Postgres);
        Database database = source is null ? new SqliteDatabase(Path.Combine(DataDirectory, "governance", "governance.db")) : new PostgresDatabase(source);
        try
        {
            await database.WriteAsync(
                async session =>
                {
                    await session.ExecuteAsync("CREATE TABLE schema_version (number INTEGER PRIMARY KEY, applied_at BIGINT NOT NULL)");
                    foreach (var migration in Migration.All.Where(m => m.Number <= 3))
                    {
                        await session.ExecuteAsync(migration.Sql.Replace("{text}", session.Dialect.TextType, StringComparison.Ordinal)
                            .Replace("{seed}", "1", StringComparison.Ordinal).Replace("{identity}", "a-store", StringComparison.Ordinal));
                        await session.ExecuteAsync("INSERT INTO schema_version (number, applied_at) VALUES (@Number, 1)", new { migration.Number });
                    }

                    foreach (var record in records)
                    {
                        await InsertAsync(session, record);
                    }

                    return true;
                },
                Cancellation);
        }
        finally
        {
            (database as IDisposable)?.Dispose();
            if (source is not null)
            {
                await source.DisposeAsync();
            }
        }
    }

    private static async Task InsertAsync(DbSession session, UsageRecord record)
    {
        var row = new
        {
            record.Id, record.StartedAtMicros, record.DurationMicros, record.FirstByteMicros, record.KeyId, record.TeamId, operation = (int)record.Operation, record.Model, record.DeploymentId,
            record.ProviderId, record.Status, outcome = (int)record.Outcome, record.ErrorCode, stream = record.Stream ? 1 : 0, record.Attempts, record.Tokens.Input, record.Tokens.CacheRead,
            record.Tokens.CacheWrite, record.Tokens.Output, record.Tokens.Reasoning, record.Tokens.AudioInput, record.Tokens.AudioOutput, estimated = record.Estimated ? 1 : 0, record.CostNanoUsd,
            record.PriceVersion, hour = UsageTime.Floor(record.StartedAtMicros, UsageTime.Hour), errors = UsageSums.IsError(record.Outcome) ? 1 : 0, unpriced = UsageSums.UnpricedOf(record),
        };
        await session.ExecuteAsync(
            """
            INSERT INTO usage_records (id, edge_id, started_at, duration, first_byte, key_id, team_id, operation, model, deployment_id, provider_id, status, outcome, error_code, stream, attempts,
                input, cache_read, cache_write, output, reasoning, audio_input, audio_output, estimated, cost, price_version)
            VALUES (@Id, 'edge-1', @StartedAtMicros, @DurationMicros, @FirstByteMicros, @KeyId, @TeamId, @operation, @Model, @DeploymentId, @ProviderId, @Status, @outcome, @ErrorCode, @stream, @Attempts,
                @Input, @CacheRead, @CacheWrite, @Output, @Reasoning, @AudioInput, @AudioOutput, @estimated, @CostNanoUsd, @PriceVersion)
            """,
            row);
        await session.ExecuteAsync(
            """
            INSERT INTO usage_hourly (hour, key_id, team_id, model, provider_id, requests, errors, estimated, unpriced, input, cache_read, cache_write, output, reasoning, audio_input, audio_output, cost)
            VALUES (@hour, @KeyId, @TeamId, @Model, @ProviderId, 1, @errors, @estimated, @unpriced, @Input, @CacheRead, @CacheWrite, @Output, @Reasoning, @AudioInput, @AudioOutput, @CostNanoUsd)
            """,
            row);
    }
}
