using Gateway.Budgets;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Ledger;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Budgets;

/// <summary>Reads what budgets have spent and have left.</summary>
internal sealed class BudgetStates(Database database, BudgetCatalogues catalogues, BudgetCharges charges, AccountBook book, LedgerOptions options, TimeProvider time)
{
    public async Task<(IReadOnlyList<BudgetState> Items, string? Next)> ListAsync(int limit, string? after, Func<BudgetEntry, bool> isSeen, CancellationToken cancellation)
    {
        var catalogue = await catalogues.CurrentAsync(cancellation).ConfigureAwait(false);
        var ids = catalogue.Source.Where(b => (after is null || string.CompareOrdinal(b.Key, after) > 0) && isSeen(b.Value.Value)).Select(b => b.Key).Take(limit + 1).ToList();
        var states = await ReadAsync(catalogue, [.. ids.Take(limit)], cancellation).ConfigureAwait(false);
        return (states, ids.Count > limit ? ids[limit - 1] : null);
    }

    public async Task<BudgetState?> FindAsync(string id, CancellationToken cancellation)
    {
        var catalogue = await catalogues.CurrentAsync(cancellation).ConfigureAwait(false);
        return catalogue.Source.ContainsKey(id) ? (await ReadAsync(catalogue, [id], cancellation).ConfigureAwait(false))[0] : null;
    }

    private async Task<IReadOnlyList<BudgetState>> ReadAsync(BudgetCatalogue catalogue, IReadOnlyList<string> ids, CancellationToken cancellation)
    {
        // A window that is new has what was charged before only once it is registered.
        await charges.PrepareAsync(cancellation).ConfigureAwait(false);
        var now = book.Now;
        var (accounts, leases, parts) = await database.ReadAsync(
            async session =>
            {
                var found = await session.QueryAsync<AccountRow>(
                    $"SELECT id, budget_id AS BudgetId, window_key AS WindowKey, start, settled, leased FROM budget_accounts WHERE {session.Dialect.OneOf("budget_id", "@ids")} AND keep_until > @now",
                    new { ids = ids.ToArray(), now }).ConfigureAwait(false);
                var current = found.Where(IsCurrent).ToDictionary(a => new AccountKey(a.BudgetId, a.WindowKey, a.Start));
                var numbers = current.Values.Select(a => a.Id).ToArray();
                return (
                    current,
                    (await session.QueryAsync<LeaseRow>(
                        $"""
                         SELECT l.account_id AS AccountId, CAST(SUM(l.held) AS BIGINT) AS Held,
                             CAST(SUM(CASE WHEN (r.last_seen IS NULL OR r.last_seen < @silent) AND l.granted > l.returned + l.ingested THEN l.granted - l.returned - l.ingested ELSE 0 END) AS BIGINT) AS InDoubt
                         FROM budget_leases l LEFT JOIN budget_runs r ON r.edge_id = l.edge_id AND r.epoch = l.epoch
                         WHERE {session.Dialect.OneOf("l.account_id", "@numbers")} GROUP BY l.account_id
                         """,
                        new { numbers, silent = now - (options.Lease.Ticks / TimeSpan.TicksPerMicrosecond) }).ConfigureAwait(false)).ToDictionary(l => l.AccountId),
                    (await session.QueryAsync<PartsRow>(
                        $"SELECT account_id AS AccountId, CAST(SUM(settled) AS BIGINT) AS Settled FROM budget_parts WHERE {session.Dialect.OneOf("account_id", "@numbers")} AND counts_until > @now GROUP BY account_id",
                        new { numbers, now }).ConfigureAwait(false)).ToDictionary(p => p.AccountId, p => p.Settled));
            },
            cancellation).ConfigureAwait(false);
        var at = time.GetUtcNow();
        return
        [
            .. ids.Select(id => new BudgetState
            {
                Id = id,
                Name = catalogue.Source[id].Value.Name,
                DryRun = catalogue.Source[id].Value.DryRun,
                At = at,
                Windows = [.. catalogue.Of(id).Select(w => Show(w, now, at))],
            }),
        ];

        bool IsCurrent(AccountRow row) => catalogue.Find(row.BudgetId, row.WindowKey) is { } window && window.Clock.Around(now).Start == row.Start;

        BudgetWindowState Show(CataloguedWindow window, long instant, DateTimeOffset moment)
        {
            var (start, end) = window.Clock.Around(instant);
            var account = accounts.GetValueOrDefault(new AccountKey(window.Budget.Id, window.Clock.Key, start));
            var lease = account is null ? null : leases.GetValueOrDefault(account.Id);
            var settled = account is null ? 0 : window.Clock.PartLength > 0 ? parts.GetValueOrDefault(account.Id) : account.Settled;
            var extra = BudgetAmounts.Overrides(window.Budget, moment);
            var allowed = window.Limit + extra;
            return new BudgetWindowState
            {
                Window = window.Clock.Key,
                LimitNanoUsd = window.Limit,
                OverrideNanoUsd = extra,
                SettledNanoUsd = settled,
                LeasedNanoUsd = account?.Leased ?? 0,
                HeldNanoUsd = lease?.Held ?? 0,
                InDoubtNanoUsd = lease?.InDoubt ?? 0,
                LeftNanoUsd = Math.Max(0, allowed - settled - (account?.Leased ?? 0)),
                SpentPercent = allowed > 0 ? settled * 100.0 / allowed : 0,
                Start = window.Clock.PartLength > 0 ? Moment(instant - (window.Clock.PartLength * RollingWindows.Parts)) : end == long.MaxValue ? null : Moment(start),
                ResetsAt = end == long.MaxValue ? null : Moment(end),
            };
        }
    }

    private static DateTimeOffset Moment(long micros) => DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);

    private sealed record AccountRow
    {
        public long Id { get; init; }

        public required string BudgetId { get; init; }

        public required string WindowKey { get; init; }

        public long Start { get; init; }

        public long Settled { get; init; }

        public long Leased { get; init; }
    }

    private sealed record LeaseRow
    {
        public long AccountId { get; init; }

        public long Held { get; init; }

        public long InDoubt { get; init; }
    }

    private sealed record PartsRow
    {
        public long AccountId { get; init; }

        public long Settled { get; init; }
    }
}
