using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Gateway.Governance.Access;
using Gateway.Governance.Audit;
using Gateway.Governance.Reconciliation.Bills;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage;
using Gateway.Governance.Usage.Aggregates;

namespace Gateway.Governance.Reconciliation;

/// <summary>What providers have billed. Each day of a provider's part has the lines of one import, the last that covers it.</summary>
internal sealed class BillStore(Database database, AuditLog audit, ICurrentActor actors, TimeProvider time)
{
    private const decimal MostNanoUsd = 100_000_000_000_000_000;

    /// <summary>Stores a bill in place of what was known of its days.</summary>
    /// <exception cref="BillException">Its days or amounts are not possible.</exception>
    public async Task<BillImport> ImportAsync(string provider, string part, string source, byte[] content, Bill bill, (long First, long Past)? period, CancellationToken cancellation)
    {
        if (bill.Lines.Sum(l => Math.Abs((decimal)l.NanoUsd)) > MostNanoUsd)
        {
            throw new BillException("The amounts come to more than 100,000,000 USD.");
        }

        if (period is null && bill.Lines.Count == 0)
        {
            throw new BillException("The bill has no lines about models: give its days by from and to, so that they count as billed with nothing.");
        }

        var (first, past) = period ?? (bill.Lines.Min(l => l.Day), bill.Lines.Max(l => l.Day) + UsageTime.Day);
        var within = bill.Lines.Where(l => l.Day >= first && l.Day < past).ToList();
        var import = new BillImport
        {
            Id = Keys.KeyMaterial.NewId("bill"),
            ProviderId = provider,
            Part = part,
            Source = source,
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(content)),
            FirstDay = first,
            PastDay = past,
            Lines = within.Count,
            Refused = bill.Refused.Count,
            Skipped = bill.Skipped + bill.Lines.Count - within.Count,
            NanoUsd = within.Sum(l => l.NanoUsd),
            Actor = UsageText.Clean(actors.Current.Id),
            CreatedAt = UsageTime.Micros(time.GetUtcNow()),
        };
        await database.WriteAsync(session => StoreAsync(session, import, within), cancellation).ConfigureAwait(false);
        return import;
    }

    /// <summary>Imports, newest first, and how many of their days are still theirs.</summary>
    public Task<IReadOnlyList<BillImport>> ListAsync(int limit, string? after, CancellationToken cancellation) => database.ReadAsync(
        async session =>
        {
            var place = after is null ? [] : await session.QueryAsync<BillImport>($"SELECT {BillImport.Columns} FROM billed_imports WHERE id = @after", new { after }).ConfigureAwait(false);
            return await session.QueryAsync<BillImport>(
                $"SELECT {BillImport.Columns} FROM billed_imports WHERE created_at < @at OR (created_at = @at AND id < @id) ORDER BY created_at DESC, id DESC LIMIT @limit",
                new { at = place is [var from] ? from.CreatedAt : long.MaxValue, id = place is [var last] ? last.Id : "", limit }).ConfigureAwait(false);
        },
        cancellation);

    private async Task<bool> StoreAsync(DbSession session, BillImport import, List<BilledLine> lines)
    {
        var covered = new { import.ProviderId, import.Part, import.FirstDay, import.PastDay };

        // Deleting the days first makes two imports of the same days take turns.
        await session.ExecuteAsync("DELETE FROM billed_days WHERE provider_id = @ProviderId AND part = @Part AND day >= @FirstDay AND day < @PastDay", covered).ConfigureAwait(false);
        await session.ExecuteAsync("DELETE FROM billed_lines WHERE provider_id = @ProviderId AND part = @Part AND day >= @FirstDay AND day < @PastDay", covered).ConfigureAwait(false);
        await session.ExecuteAsync(
            """
            INSERT INTO billed_imports (id, provider_id, part, source, sha256, first_day, past_day, lines, refused, skipped, nano_usd, actor, created_at)
            VALUES (@Id, @ProviderId, @Part, @Source, @Sha256, @FirstDay, @PastDay, @Lines, @Refused, @Skipped, @NanoUsd, @Actor, @CreatedAt)
            """,
            import).ConfigureAwait(false);
        for (var day = import.FirstDay; day < import.PastDay; day += UsageTime.Day)
        {
            await session.ExecuteAsync("INSERT INTO billed_days (provider_id, part, day, import_id) VALUES (@ProviderId, @Part, @day, @Id)", new { import.ProviderId, import.Part, day, import.Id }).ConfigureAwait(false);
        }

        await session.BulkInsertAsync(StoredLine.Table, [.. lines.Select((l, i) => new StoredLine(import, i, l))]).ConfigureAwait(false);
        await audit.AppendAsync(
            session,
            [
                new AuditEvent("reconciliation.import")
                {
                    Kind = "reconciliation", EntryId = import.Id,
                    Detail = new JsonObject
                    {
                        ["provider"] = import.ProviderId, ["part"] = import.Part, ["source"] = import.Source, ["sha256"] = import.Sha256, ["lines"] = import.Lines, ["nanoUsd"] = import.NanoUsd,
                    },
                },
            ]).ConfigureAwait(false);
        return true;
    }
}
