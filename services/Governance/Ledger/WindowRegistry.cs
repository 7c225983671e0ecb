using System.Collections.Immutable;
using Gateway.Budgets;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Entries;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage;

namespace Gateway.Governance.Ledger;

/// <summary>
/// The windows that every charge to a budget counts in. A window that is new begins with what was charged to its budget in that time under its other windows, so that
/// editing a budget never refills it. What is known of that time are hours: the one that the window begins in counts whole, to the safe side.
/// </summary>
internal sealed class WindowRegistry(Database database, AccountBook book, WindowClocks clocks)
{
    private volatile ImmutableSortedDictionary<string, Stored<BudgetEntry>>? _done;
    private volatile RegisteredWindows _known = new(-1, new Dictionary<string, IReadOnlyList<WindowClock>>());

    /// <summary>Registers the windows of a configuration, and starts the accounts of those that are new.</summary>
    public async Task EnsureAsync(BudgetCatalogue catalogue, CancellationToken cancellation)
    {
        if (ReferenceEquals(_done, catalogue.Source))
        {
            return;
        }

        await database.WriteAsync(session => RegisterAsync(session, catalogue), cancellation).ConfigureAwait(false);
        _done = catalogue.Source;
    }

    /// <summary>The registered windows; they stay as they are until the transaction ends.</summary>
    public async Task<RegisteredWindows> ReadAsync(DbSession session)
    {
        var version = await session.ScalarAsync<long>($"SELECT version FROM budget_registry WHERE singleton = 1{session.Dialect.ForShare}").ConfigureAwait(false);
        if (_known.Version == version)
        {
            return _known;
        }

        var rows = await RowsAsync(session).ConfigureAwait(false);
        var windows = rows.Select(r => (r.BudgetId, Clock: clocks.Of(r.Window))).Where(r => r.Clock is not null)
            .GroupBy(r => r.BudgetId, r => r.Clock!, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, IReadOnlyList<WindowClock> (g) => [.. g], StringComparer.Ordinal);
        return _known = new RegisteredWindows(version, windows);
    }

    private static Task<IReadOnlyList<Row>> RowsAsync(DbSession session)
        => session.QueryAsync<Row>("SELECT budget_id AS BudgetId, window_key AS Window FROM budget_windows");

    private async Task<bool> RegisterAsync(DbSession session, BudgetCatalogue catalogue)
    {
        var version = await session.ScalarAsync<long>($"SELECT version FROM budget_registry WHERE singleton = 1{session.Dialect.ForUpdate}").ConfigureAwait(false);
        if (version >= catalogue.Version)
        {
            // Another instance was here with this configuration or a newer one.
            return false;
        }

        var wanted = catalogue.All.Select(w => new Row { BudgetId = w.Budget.Id, Window = w.Clock.Key }).ToHashSet();
        var there = (await RowsAsync(session).ConfigureAwait(false)).ToHashSet();
        if (wanted.SetEquals(there))
        {
            return false;
        }

        foreach (var gone in there.Except(wanted))
        {
            await session.ExecuteAsync("DELETE FROM budget_windows WHERE budget_id = @BudgetId AND window_key = @Window", gone).ConfigureAwait(false);
        }

        var added = wanted.Except(there).ToList();
        foreach (var row in added)
        {
            await session.ExecuteAsync("INSERT INTO budget_windows (budget_id, window_key) VALUES (@BudgetId, @Window)", row).ConfigureAwait(false);
        }

        await StartAsync(session, added).ConfigureAwait(false);
        await session.ExecuteAsync("UPDATE budget_registry SET version = @Version WHERE singleton = 1", new { catalogue.Version }).ConfigureAwait(false);
        return true;
    }

    /// <summary>Gives the accounts of new windows what was charged to their budgets in that time.</summary>
    private async Task StartAsync(DbSession session, List<Row> added)
    {
        var now = book.Now;
        var begun = new List<(AccountKey Key, WindowClock Clock, List<BudgetHour> Hours)>();
        foreach (var budget in added.GroupBy(r => r.BudgetId, StringComparer.Ordinal))
        {
            var hours = await session.QueryAsync<HourRow>("SELECT hour, settled FROM budget_hours WHERE budget_id = @Key", new { budget.Key }).ConfigureAwait(false);
            foreach (var clock in hours.Count == 0 ? [] : budget.Select(r => clocks.Of(r.Window)!))
            {
                var (start, end) = clock.Around(now);
                var within = hours.Where(h => h.Hour + HourlyUsage.HourMicros > start && h.Hour < end).Select(h => new BudgetHour(budget.Key, h.Hour, h.Settled)).ToList();
                begun.Add((new AccountKey(budget.Key, clock.Key, start), clock, within));
            }
        }

        if (begun.Count == 0)
        {
            return;
        }

        var accounts = await book.OpenAsync(session, begun.Select(b => b.Key).ToHashSet()).ConfigureAwait(false);
        var parts = new List<Part>();
        foreach (var (key, clock, hours) in begun)
        {
            var account = accounts[key];
            account.Settled = hours.Sum(h => h.Settled);
            account.IsChanged = true;
            if (clock.PartLength > 0)
            {
                await session.ExecuteAsync("DELETE FROM budget_parts WHERE account_id = @Id", new { account.Id }).ConfigureAwait(false);

                // As late within its hour as it can have been: then it counts longest.
                parts.AddRange(hours
                    .GroupBy(h => RollingWindows.PartOf(Math.Max(h.Hour, Math.Min(now, h.Hour + HourlyUsage.HourMicros - 1)), clock.PartLength))
                    .Select(g => new Part(account.Id, g.Key, g.Sum(h => h.Settled), RollingWindows.CountsUntil(g.Key, clock.PartLength))));
            }
        }

        await session.BulkInsertAsync(Part.Table, parts).ConfigureAwait(false);
        await AccountBook.SaveAsync(session, accounts.Values, []).ConfigureAwait(false);
    }

    private sealed record Row
    {
        public required string BudgetId { get; init; }

        public required string Window { get; init; }
    }

    private sealed record HourRow
    {
        public long Hour { get; init; }

        public long Settled { get; init; }
    }
}

/// <summary>The windows that charges count in, by budget.</summary>
internal sealed record RegisteredWindows(long Version, IReadOnlyDictionary<string, IReadOnlyList<WindowClock>> ByBudget)
{
    public IReadOnlyList<WindowClock> Of(string budgetId) => ByBudget.TryGetValue(budgetId, out var windows) ? windows : [];
}
