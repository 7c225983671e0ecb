using Gateway.Budgets;
using Gateway.Governance.Alerts;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage;
using Gateway.Governance.Usage.Ingestion;

namespace Gateway.Governance.Ledger;

/// <summary>Charges what the ledger takes in to the budgets' accounts, in the transaction that takes it in: both are there or neither.</summary>
internal sealed class BudgetCharges(AccountBook book, WindowRegistry registry, WindowClocks clocks, BudgetCatalogues catalogues, TimeProvider time) : IUsageCharge
{
    /// <summary>Registers the windows of the newest configuration; called before a transaction that charges.</summary>
    public Task PrepareAsync(CancellationToken cancellation) => registry.EnsureAsync(catalogues.Latest, cancellation);

    /// <summary>Charges records that this transaction has inserted.</summary>
    public async Task ChargeAsync(DbSession session, IReadOnlyList<StoredUsage> records)
    {
        if (!records.Any(r => r.Record.Budgets.Count > 0 && r.Record.CostNanoUsd != 0))
        {
            return;
        }

        var sheet = new ChargeSheet(clocks, await registry.ReadAsync(session).ConfigureAwait(false));
        foreach (var record in records)
        {
            sheet.Add(record);
        }

        await ApplyAsync(session, sheet).ConfigureAwait(false);
    }

    /// <summary>Charges or gives back an amount outside any record.</summary>
    public async Task AdjustAsync(DbSession session, string budgetId, long micros, long amount)
    {
        var sheet = new ChargeSheet(clocks, await registry.ReadAsync(session).ConfigureAwait(false));
        sheet.Adjust(budgetId, micros, amount);
        await ApplyAsync(session, sheet).ConfigureAwait(false);
    }

    private async Task ApplyAsync(DbSession session, ChargeSheet sheet)
    {
        if (sheet.Hours.Count == 0)
        {
            return;
        }

        var accounts = await book.OpenAsync(session, sheet.Accounts.Keys).ConfigureAwait(false);
        foreach (var (key, amount) in sheet.Accounts)
        {
            var account = accounts[key];
            account.Settled += amount;
            account.Counted += account.Clock.PartLength > 0 ? 0 : amount;
            account.IsChanged = true;
        }

        var now = book.Now;
        foreach (var ((key, part), amount) in sheet.Parts)
        {
            var account = accounts[key];
            account.Counted += RollingWindows.CountsUntil(part, account.Clock.PartLength) > now ? amount : 0;
        }

        var changed = new List<Lease>();
        foreach (var ((edge, epoch), amounts) in sheet.Leases)
        {
            var leases = await AccountBook.LeasesAsync(session, UsageText.Clean(edge), epoch, amounts.Keys.Select(k => accounts[k].Id)).ConfigureAwait(false);
            foreach (var (key, amount) in amounts)
            {
                var account = accounts[key];
                if (leases.TryGetValue(account.Id, out var lease))
                {
                    account.Leased -= lease.Outstanding;
                    lease.Ingested += amount;
                    account.Leased += lease.Outstanding;
                    lease.IsChanged = true;
                    changed.Add(lease);
                }
            }
        }

        await AccountBook.SaveAsync(session, accounts.Values, changed).ConfigureAwait(false);
        await AlertAsync(session, sheet, accounts, now).ConfigureAwait(false);
        await session.BulkInsertAsync(
            Part.Table,
            [
                .. sheet.Parts.Select(p => new Part(accounts[p.Key.Account].Id, p.Key.Part, p.Value, RollingWindows.CountsUntil(p.Key.Part, accounts[p.Key.Account].Clock.PartLength)))
                    .OrderBy(p => p.AccountId).ThenBy(p => p.Number),
            ]).ConfigureAwait(false);
        await session.BulkInsertAsync(
            BudgetHour.Table,
            [.. sheet.Hours.Select(h => new BudgetHour(h.Key.BudgetId, h.Key.Hour, h.Value)).OrderBy(h => h.BudgetId, StringComparer.Ordinal).ThenBy(h => h.Hour)]).ConfigureAwait(false);
    }

    /// <summary>Notes the shares that these charges have reached; what had been reached before is noted already.</summary>
    private async Task AlertAsync(DbSession session, ChargeSheet sheet, Dictionary<AccountKey, Account> accounts, long now)
    {
        var catalogue = catalogues.Latest;
        foreach (var key in sheet.Accounts.Keys)
        {
            if (catalogue.Find(key.BudgetId, key.Window) is not { Budget.AlertPercents.Count: > 0 } window || accounts[key] is not { Counted: > 0 } account)
            {
                continue;
            }

            var allowed = window.Limit + BudgetAmounts.Overrides(window.Budget, time.GetUtcNow());
            var before = account.Clock.PartLength > 0 ? 0 : account.Counted - sheet.Accounts[key];
            if (window.Budget.AlertPercents.Any(p => AlertBook.Reaches(account.Counted, allowed, p) && !AlertBook.Reaches(before, allowed, p)))
            {
                await AlertBook.RaiseAsync(session, window, key.Start, account.Counted, allowed, now).ConfigureAwait(false);
            }
        }
    }
}
