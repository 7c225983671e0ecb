using Gateway.Contracts.Budgets;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage;

namespace Gateway.Governance.Ledger;

/// <summary>The runs of edges: which are alive, which are settled, and which are given up.</summary>
internal sealed class RunBook(AccountBook book, LedgerOptions options)
{
    /// <summary>Notes that a run asked, and closes those before it once they are settled.</summary>
    /// <returns>False when the run itself is over.</returns>
    public async Task<bool> SeenAsync(DbSession session, LeaseRequest request, long now)
    {
        var edge = UsageText.Clean(request.EdgeId);
        var settledBefore = await session.ScalarAsync<long?>($"SELECT settled_before FROM budget_edges WHERE edge_id = @edge{session.Dialect.ForUpdate}", new { edge }).ConfigureAwait(false) ?? 0;
        if (request.Epoch < settledBefore)
        {
            return false;
        }

        await session.ExecuteAsync(
            """
            INSERT INTO budget_runs (edge_id, epoch, last_seen) VALUES (@edge, @Epoch, @now)
            ON CONFLICT (edge_id, epoch) DO UPDATE SET last_seen = CASE WHEN budget_runs.last_seen > excluded.last_seen THEN budget_runs.last_seen ELSE excluded.last_seen END
            """,
            new { edge, request.Epoch, now }).ConfigureAwait(false);
        if (request.EarlierRunsSettled && settledBefore < request.Epoch)
        {
            await session.ExecuteAsync(
                """
                INSERT INTO budget_edges (edge_id, settled_before) VALUES (@edge, @Epoch)
                ON CONFLICT (edge_id) DO UPDATE SET settled_before = excluded.settled_before
                """,
                new { edge, request.Epoch }).ConfigureAwait(false);
            await CloseAsync(session, "edge_id = @edge AND epoch < @Epoch", new { edge, request.Epoch }, keep: false).ConfigureAwait(false);
            await session.ExecuteAsync("DELETE FROM budget_runs WHERE edge_id = @edge AND epoch < @Epoch", new { edge, request.Epoch }).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Runs that have asked lately: among so many what is left is shared.</summary>
    public async Task<int> LiveAsync(DbSession session, long now)
        => await session.ScalarAsync<int>("SELECT CAST(COUNT(*) AS INTEGER) FROM budget_runs WHERE last_seen > @since", new { since = now - Micros(options.Lease) }).ConfigureAwait(false);

    /// <summary>Takes back what runs have leased and not spent that have not asked since <paramref name="before"/>.</summary>
    /// <returns>The number of runs given up.</returns>
    public async Task<int> AbandonAsync(DbSession session, long before)
    {
        const string Silent = "EXISTS (SELECT 1 FROM budget_runs r WHERE r.edge_id = budget_leases.edge_id AND r.epoch = budget_leases.epoch AND r.last_seen < @before)";
        await CloseAsync(session, $"{Silent} AND granted - returned - ingested > 0", new { before }, keep: true).ConfigureAwait(false);
        return await session.ExecuteAsync("DELETE FROM budget_runs WHERE last_seen < @before", new { before }).ConfigureAwait(false);
    }

    private static long Micros(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>Ends leases: gone for ever, or kept so that a run that comes back after all is counted right.</summary>
    private async Task CloseAsync(DbSession session, string which, object parameters, bool keep)
    {
        // First the accounts, then the leases, as everybody: and the leases read anew, under their accounts' locks.
        var numbers = await session.QueryAsync<long>($"SELECT DISTINCT account_id FROM budget_leases WHERE {which}", parameters).ConfigureAwait(false);
        if (numbers.Count == 0)
        {
            return;
        }

        var accounts = await book.OpenAsync(session, numbers).ConfigureAwait(false);
        var rows = await session.QueryAsync<Row>(
            $"SELECT account_id AS AccountId, edge_id AS EdgeId, epoch, granted, returned, ingested, spent, held FROM budget_leases WHERE {which}", parameters).ConfigureAwait(false);
        var leases = new List<Lease>();
        foreach (var row in rows)
        {
            var lease = row.ToLease();
            if (accounts.TryGetValue(row.AccountId, out var account))
            {
                account.Leased -= lease.Outstanding;
                account.IsChanged = true;
            }

            lease.Granted = Math.Min(lease.Granted, lease.Returned + lease.Ingested);
            (lease.Held, lease.IsChanged) = (0, keep);
            leases.Add(lease);
        }

        if (!keep)
        {
            await session.ExecuteAsync($"DELETE FROM budget_leases WHERE {which}", parameters).ConfigureAwait(false);
        }

        await AccountBook.SaveAsync(session, accounts.Values, leases).ConfigureAwait(false);
    }

    private sealed record Row
    {
        public long AccountId { get; init; }

        public required string EdgeId { get; init; }

        public long Epoch { get; init; }

        public long Granted { get; init; }

        public long Returned { get; init; }

        public long Ingested { get; init; }

        public long Spent { get; init; }

        public long Held { get; init; }

        public Lease ToLease() => new(AccountId, EdgeId, Epoch) { Granted = Granted, Returned = Returned, Ingested = Ingested, Spent = Spent, Held = Held };
    }
}
