using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.Governance.Access;
using Gateway.Governance.Audit;
using Gateway.Governance.Entries;
using Gateway.Governance.Ledger;
using Gateway.Governance.Reconciliation.Comparison;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage;
using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Partitions;
using Gateway.Governance.Usage.Records;

namespace Gateway.Governance.Reconciliation;

/// <summary>
/// Takes differences over into the ledger: the records that they belong to are corrected to what was billed, with every aggregate and budget, in one transaction. What was taken over is
/// no difference any more, so doing it again does nothing.
/// </summary>
internal sealed class ReconciliationAdjustments(Database database, UsageAdjustments usage, BudgetCharges budgets, ConfigStore store, AuditLog audit, ICurrentActor actors, TimeProvider time)
{
    /// <summary>Most records of one call.</summary>
    public const int MostRecords = 20_000;

    /// <summary>The version of the price of records that had none and cost what was billed.</summary>
    public const string BilledVersion = "billed";

    private const long Minute = 60_000_000;

    /// <summary>Corrects; null when there are more records than one call may correct.</summary>
    public async Task<IReadOnlyDictionary<DifferenceClass, (int Records, long NanoUsd)>?> ApplyAsync(
        long first, long past, string provider, IReadOnlyList<DifferenceClass> classes, string reason, CancellationToken cancellation)
    {
        var names = await store.CurrentAsync(cancellation).ConfigureAwait(false);
        await budgets.PrepareAsync(cancellation).ConfigureAwait(false);
        return await database.WriteAsync(
            async session =>
            {
                var applied = new Dictionary<DifferenceClass, (int, long)>();
                foreach (var why in classes)
                {
                    if (await ApplyAsync(session, names, first, past, provider, why, reason).ConfigureAwait(false) is not { } done)
                    {
                        session.Abandon();
                        return null;
                    }

                    applied[why] = done;
                }

                var detail = new JsonObject { ["provider"] = provider, ["from"] = Day(first), ["to"] = Day(past), ["reason"] = reason };
                foreach (var (why, (records, nanoUsd)) in applied)
                {
                    detail[ReconciliationEndpoints.Name(why)] = new JsonObject { ["records"] = records, ["nanoUsd"] = nanoUsd };
                }

                await audit.AppendAsync(session, [new AuditEvent("reconciliation.adjust") { Kind = "reconciliation", EntryId = provider, Detail = detail }]).ConfigureAwait(false);
                return applied;
            },
            cancellation).ConfigureAwait(false);
    }

    private async Task<(int Records, long NanoUsd)?> ApplyAsync(DbSession session, ConfigState names, long first, long past, string provider, DifferenceClass why, string reason)
    {
        var compared = await ReconciliationQueries.CompareAsync(session, names, first, past, provider).ConfigureAwait(false);
        var places = new Dictionary<Place, Compared>();
        foreach (var place in compared.Places)
        {
            foreach (var source in place.Sources)
            {
                places[source] = place;
            }
        }

        if (await ReadAsync(session, first, past, provider, AdjustableRecords.Conditions[why]).ConfigureAwait(false) is not { } records)
        {
            return null;
        }

        var corrections = new List<UsageAdjustment>();
        foreach (var group in records.GroupBy(r => places.GetValueOrDefault(new Place(UsageTime.Floor(r.StartedAtMicros, UsageTime.Day), provider, ReconciliationQueries.ModelOf(names, r.DeploymentId, r.Model), r.CredentialId))))
        {
            if (group.Key is { } place && place.Explanation.Parts().Where(p => p.Class == why).Sum(p => p.NanoUsd) is var amount and not 0)
            {
                corrections.AddRange(AdjustableRecords.Share([.. group], amount).Select(c => new UsageAdjustment(c.Record, c.CostNanoUsd, c.Record.PriceVersion.Length > 0 ? c.Record.PriceVersion : BilledVersion)));
            }
        }

        var applied = await usage.ApplyAsync(session, corrections).ConfigureAwait(false);
        foreach (var ((budget, minute), amount) in Budgets(applied))
        {
            await budgets.AdjustAsync(session, budget, minute, amount).ConfigureAwait(false);
        }

        await NoteAsync(session, provider, first, past, why, reason, applied).ConfigureAwait(false);
        return (applied.Count, applied.Sum(a => a.CostNanoUsd - a.Record.CostNanoUsd));
    }

    private static async Task<List<UsageRecord>?> ReadAsync(DbSession session, long first, long past, string provider, string condition)
    {
        var records = new List<UsageRecord>();
        foreach (var month in (await UsagePartitions.ListAsync(session).ConfigureAwait(false)).Where(m => m.First < past && m.Past > first).Order())
        {
            var rows = await session.QueryAsync<UsageRecordRow>(
                $"SELECT {UsageRecordRow.Columns} FROM {month.Table} WHERE started_at >= @first AND started_at < @past AND provider_id = @provider AND {condition} ORDER BY started_at, id LIMIT {MostRecords + 1}",
                new { first, past, provider }).ConfigureAwait(false);
            records.AddRange(rows.Select(AdjustableRecords.Of));
            if (records.Count > MostRecords)
            {
                return null;
            }
        }

        return records;
    }

    // By the minute, because no window is shorter.
    private static Dictionary<(string Budget, long Minute), long> Budgets(IReadOnlyList<UsageAdjustment> applied)
    {
        var amounts = new Dictionary<(string, long), long>();
        foreach (var (record, cost, _) in applied)
        {
            foreach (var budget in record.Budgets.Select(b => b.LastIndexOf('#') is var at and > 0 ? b[..at] : b).Distinct(StringComparer.Ordinal))
            {
                var key = (budget, UsageTime.Floor(record.StartedAtMicros, Minute));
                amounts[key] = amounts.GetValueOrDefault(key) + cost - record.CostNanoUsd;
            }
        }

        return amounts;
    }

    private async Task NoteAsync(DbSession session, string provider, long first, long past, DifferenceClass why, string reason, IReadOnlyList<UsageAdjustment> applied)
    {
        var imports = (await session.QueryAsync<ImportOfDay>(
            "SELECT day, MAX(import_id) AS Import FROM billed_days WHERE provider_id = @provider AND day >= @first AND day < @past GROUP BY day", new { provider, first, past }).ConfigureAwait(false))
            .ToDictionary(d => d.Day, d => d.Import);
        var (now, actor) = (UsageTime.Micros(time.GetUtcNow()), UsageText.Clean(actors.Current.Id));
        await session.BulkInsertAsync(
            Note.Table,
            [
                .. applied.Select(a => new Note(
                    Keys.KeyMaterial.NewId("adjustment"), a.Record.Id, ReconciliationEndpoints.Name(why), imports.GetValueOrDefault(UsageTime.Floor(a.Record.StartedAtMicros, UsageTime.Day), ""),
                    a.Record.CostNanoUsd, a.CostNanoUsd - a.Record.CostNanoUsd, reason, actor, now)),
            ]).ConfigureAwait(false);
    }

    private static string Day(long micros) => UsageTime.Instant(micros).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    private sealed class ImportOfDay
    {
        public long Day { get; init; }

        public required string Import { get; init; }
    }

    private sealed record Note(string Id, string RecordId, string Class, string ImportId, long Before, long NanoUsd, string Reason, string Actor, long CreatedAt)
    {
        public static BulkTable<Note> Table { get; } = new(
            "reconciliation_adjustments",
            ["id"],
            [
                BulkColumn<Note>.Of("id", n => n.Id),
                BulkColumn<Note>.Of("record_id", n => n.RecordId),
                BulkColumn<Note>.Of("class", n => n.Class),
                BulkColumn<Note>.Of("import_id", n => n.ImportId),
                BulkColumn<Note>.Of("before_nano_usd", n => n.Before),
                BulkColumn<Note>.Of("nano_usd", n => n.NanoUsd),
                BulkColumn<Note>.Of("reason", n => n.Reason),
                BulkColumn<Note>.Of("actor", n => n.Actor),
                BulkColumn<Note>.Of("created_at", n => n.CreatedAt),
            ],
            "NOTHING",
            n => n.Id);
    }
}
