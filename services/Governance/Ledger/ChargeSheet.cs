using System.Runtime.InteropServices;
using Gateway.Budgets;
using Gateway.Governance.Usage;

namespace Gateway.Governance.Ledger;

/// <summary>What some records and adjustments charge, summed: by account, part, hour and lease.</summary>
internal sealed class ChargeSheet(WindowClocks clocks, RegisteredWindows windows)
{
    private readonly List<string> _named = [];
    private readonly List<string> _budgets = [];

    public Dictionary<AccountKey, long> Accounts { get; } = [];

    public Dictionary<(AccountKey Account, long Part), long> Parts { get; } = [];

    public Dictionary<(string BudgetId, long Hour), long> Hours { get; } = [];

    public Dictionary<(string EdgeId, long Epoch), Dictionary<AccountKey, long>> Leases { get; } = [];

    /// <summary>
    /// Charges a record to every window of every budget that it names: to those that it was held on, whose leases it uses up, and to those that its budgets have by now.
    /// </summary>
    public void Add(StoredUsage usage)
    {
        var record = usage.Record;
        if (record.CostNanoUsd == 0 || record.Budgets.Count == 0)
        {
            return;
        }

        _named.Clear();
        _budgets.Clear();
        Dictionary<AccountKey, long>? lease = null;
        foreach (var name in record.Budgets)
        {
            if (_named.Contains(name) || clocks.OfAccount(name) is not { } account)
            {
                continue;
            }

            _named.Add(name);
            var key = Charge(account.BudgetId, account.Clock, record.StartedAtMicros, record.CostNanoUsd);
            if (lease is null)
            {
                ref var run = ref CollectionsMarshal.GetValueRefOrAddDefault(Leases, (usage.EdgeId, record.Epoch), out _);
                lease = run ??= [];
            }

            CollectionsMarshal.GetValueRefOrAddDefault(lease, key, out _) += record.CostNanoUsd;
            if (!_budgets.Contains(account.BudgetId))
            {
                _budgets.Add(account.BudgetId);
            }
        }

        foreach (var budget in _budgets)
        {
            CountHour(budget, record.StartedAtMicros, record.CostNanoUsd);
            foreach (var clock in windows.Of(budget))
            {
                if (!IsNamed(budget, clock.Key))
                {
                    Charge(budget, clock, record.StartedAtMicros, record.CostNanoUsd);
                }
            }
        }
    }

    /// <summary>Charges an amount, or gives it back, in every window that a budget has by now.</summary>
    public void Adjust(string budgetId, long micros, long amount)
    {
        CountHour(budgetId, micros, amount);
        foreach (var clock in windows.Of(budgetId))
        {
            Charge(budgetId, clock, micros, amount);
        }
    }

    private AccountKey Charge(string budgetId, WindowClock clock, long micros, long amount)
    {
        var key = new AccountKey(budgetId, clock.Key, clock.Around(micros).Start);
        CollectionsMarshal.GetValueRefOrAddDefault(Accounts, key, out _) += amount;
        if (clock.PartLength > 0)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(Parts, (key, RollingWindows.PartOf(micros, clock.PartLength)), out _) += amount;
        }

        return key;
    }

    private void CountHour(string budgetId, long micros, long amount)
        => CollectionsMarshal.GetValueRefOrAddDefault(Hours, (budgetId, micros - (micros % HourlyUsage.HourMicros)), out _) += amount;

    private bool IsNamed(string budgetId, string window)
    {
        foreach (var name in _named)
        {
            if (name.Length == budgetId.Length + 1 + window.Length && name.StartsWith(budgetId, StringComparison.Ordinal) && name.EndsWith(window, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
