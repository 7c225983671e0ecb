using System.Text.Json.Nodes;
using Gateway.Governance.Access;
using Gateway.Governance.Audit;
using Gateway.Governance.Entries;
using Gateway.Governance.Ledger;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage;

namespace Gateway.Governance.Budgets;

/// <summary>Amounts charged or given back outside any request, for example after a provider's bill. They are added, never changed or taken away.</summary>
internal sealed class BudgetAdjustments(Database database, BudgetCharges charges, AuditLog audit, ICurrentActor actors, TimeProvider time)
{
    private const string Columns = "id, budget_id AS BudgetId, at, nano_usd AS NanoUsd, reason, actor, created_at AS CreatedAt";

    public async Task<BudgetAdjustment> AddAsync(string budgetId, BudgetAdjustmentRequest request, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var row = new Row
        {
            Id = Keys.KeyMaterial.NewId("adjustment"),
            BudgetId = budgetId,
            At = Micros(request.At ?? now),
            NanoUsd = request.NanoUsd,
            Reason = request.Reason,
            Actor = UsageText.Clean(actors.Current.Id),
            CreatedAt = Micros(now),
        };
        await charges.PrepareAsync(cancellation).ConfigureAwait(false);
        await database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync(
                    "INSERT INTO budget_adjustments (id, budget_id, at, nano_usd, reason, actor, created_at) VALUES (@Id, @BudgetId, @At, @NanoUsd, @Reason, @Actor, @CreatedAt)", row).ConfigureAwait(false);
                await charges.AdjustAsync(session, budgetId, row.At, row.NanoUsd).ConfigureAwait(false);
                return await audit.AppendAsync(
                    session,
                    [
                        new AuditEvent("budget.adjust")
                        {
                            Kind = EntryKinds.Budget, EntryId = budgetId, Detail = new JsonObject { ["adjustment"] = row.Id, ["nanoUsd"] = row.NanoUsd, ["reason"] = row.Reason },
                        },
                    ]).ConfigureAwait(false);
            },
            cancellation).ConfigureAwait(false);
        return row.View();
    }

    public async Task<(IReadOnlyList<BudgetAdjustment> Items, string? Next)> ListAsync(string budgetId, int limit, string? after, CancellationToken cancellation)
    {
        var rows = await database.ReadAsync(
            async session =>
            {
                var place = after is null ? [] : await session.QueryAsync<Row>($"SELECT {Columns} FROM budget_adjustments WHERE id = @after", new { after }).ConfigureAwait(false);
                return await session.QueryAsync<Row>(
                    $"""
                     SELECT {Columns} FROM budget_adjustments
                     WHERE budget_id = @budgetId AND (created_at < @at OR (created_at = @at AND id < @id)) ORDER BY created_at DESC, id DESC LIMIT @most
                     """,
                    new { budgetId, at = place is [var from] ? from.CreatedAt : long.MaxValue, id = place is [var last] ? last.Id : "", most = limit + 1 }).ConfigureAwait(false);
            },
            cancellation).ConfigureAwait(false);
        return ([.. rows.Take(limit).Select(r => r.View())], rows.Count > limit ? rows[limit - 1].Id : null);
    }

    private static long Micros(DateTimeOffset at) => (at - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private sealed record Row
    {
        public required string Id { get; init; }

        public required string BudgetId { get; init; }

        public long At { get; init; }

        public long NanoUsd { get; init; }

        public required string Reason { get; init; }

        public required string Actor { get; init; }

        public long CreatedAt { get; init; }

        public BudgetAdjustment View() => new()
        {
            Id = Id, BudgetId = BudgetId, NanoUsd = NanoUsd, Reason = Reason, Actor = Actor,
            At = DateTimeOffset.UnixEpoch.AddTicks(At * TimeSpan.TicksPerMicrosecond), CreatedAt = DateTimeOffset.UnixEpoch.AddTicks(CreatedAt * TimeSpan.TicksPerMicrosecond),
        };
    }
}
