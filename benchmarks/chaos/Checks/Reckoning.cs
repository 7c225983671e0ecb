using System.Globalization;
using Gateway.Chaos.Callers;
using Gateway.Chaos.Running;

namespace Gateway.Chaos.Checks;

/// <summary>Requests of one outcome: what the ledger says and what the provider bills.</summary>
internal sealed record ClassDifference(string Class, int Requests, long Ledger, long Bill, int Above, long AboveNanoUsd, int Below, long BelowNanoUsd);

/// <summary>A budget's window that outlived the run: before and after the adjustment by the bill.</summary>
internal sealed record WindowTotal(string Window, long Limit, long Settled, long Bill, long Adjusted);

/// <summary>Compares the ledger with the simulator's bill, request by request, once everything is at rest.</summary>
internal sealed class Reckoning(Fleet fleet, Sampler sampler, IReadOnlyList<CallerKey> keys, IReadOnlyCollection<Call> calls)
{
    private const int Told = 20;

    private readonly List<string> _violations = [];
    private Dictionary<string, long> _bills = [];
    private List<LedgerRecord> _records = [];

    public IReadOnlyList<string> Violations => _violations;

    public IReadOnlyList<ClassDifference> Classes { get; private set; } = [];

    public IReadOnlyList<WindowTotal> Totals { get; private set; } = [];

    public int Records => _records.Count;

    public long Bill => _bills.Values.Sum();

    public long Ledger => _records.Sum(r => r.Cost);

    /// <summary>Waits until the provider works on nothing, every request is recorded, and nothing is leased or held.</summary>
    public async Task RestAsync(TimeSpan patience, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(patience);
        bool? empty = null;
        var missing = new List<string>();
        try
        {
            while (true)
            {
                if (fleet.Simulator.Stats.Active == 0 && (empty = await sampler.SampleAsync(limit.Token).ConfigureAwait(false)) == true
                    && await LedgerRecord.AllAsync(fleet.Admin, limit.Token).ConfigureAwait(false) is { } records)
                {
                    (_records, _bills) = ([.. records.Where(static r => r.User.Length > 0)], Bills());
                    missing = Missing();
                    if (missing.Count == 0)
                    {
                        return;
                    }
                }

                await Task.Delay(500, limit.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            if (fleet.Simulator.Stats.Active > 0)
            {
                _violations.Add($"the provider still works on {fleet.Simulator.Stats.Active} requests");
            }

            if (empty != true)
            {
                _violations.AddRange(sampler.Windows.Where(static w => w.Value.Leased + w.Value.Held > 0)
                    .Select(static w => string.Create(CultureInfo.InvariantCulture, $"{w.Key}: leased {w.Value.Leased}, held {w.Value.Held} with nothing under way")));
            }

            _violations.AddRange(missing.Take(Told).Select(static m => m + " is not in the ledger"));
        }

        _records = [.. (await LedgerRecord.AllAsync(fleet.Admin, cancellation).ConfigureAwait(false) ?? []).Where(static r => r.User.Length > 0)];
        _bills = Bills();
    }

    /// <summary>Checks each request.</summary>
    public void Compare()
    {
        Violate(_records.GroupBy(r => r.User).Where(g => g.Count() > 1).Select(g => $"{g.Key} is settled {g.Count()} times: {string.Join(", ", g.Select(r => r.Outcome))}"));
        Violate(_records.GroupBy(r => r.Id).Where(g => g.Count() > 1).Select(g => $"the id {g.Key} is there {g.Count()} times"));
        Violate(_records.Where(r => !r.Estimated && r.Cost != BillOf(r)).Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.User} ({r.Outcome}, {r.Attempts} attempts) is settled as exact with {r.Cost}, and its bill is {BillOf(r)}")));
        Violate(_records.Where(r => r.Estimated && r.Cost < BillOf(r)).Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.User} ({r.Outcome}, {r.Attempts} attempts) is estimated from above with {r.Cost}, below its bill of {BillOf(r)}")));
        var byId = keys.ToDictionary(k => k.Id);
        Violate(_records.Where(r => r.Cost > 0).SelectMany(r => byId[r.Key].Budgets.Except(r.Budgets).Select(b => $"{r.User} ({r.Outcome}) is not charged to {b}")));
        Violate(calls.Where(c => keys[c.Key].IsUnlimited && c.Ending == Ending.BudgetRefused).Select(c => $"{c.User} was refused for money, and nothing limits its key"));
        Violate(calls.Where(c => keys[c.Key] is { IsUnlimited: true, Budgets.Count: 0 } && c.Ending == Ending.BudgetUnavailable).Select(c => $"{c.User} was refused for a budget, and its key has none"));

        // Windows of the past are not in the states any more: what the records say was charged to each.
        foreach (var (name, seen) in sampler.Windows.Where(static w => w.Key.EndsWith("#minute", StringComparison.Ordinal)))
        {
            Violate(_records.Where(r => r.Budgets.Contains(name)).GroupBy(r => r.StartedAt.Ticks / TimeSpan.TicksPerMinute).Where(g => g.Sum(r => r.Cost) > seen.Limit)
                .Select(g => string.Create(CultureInfo.InvariantCulture, $"{name} at {g.First().StartedAt:t}: {g.Sum(r => r.Cost)} are settled of {seen.Limit}")));
        }

        Classes = [.. _records.GroupBy(r => r.Outcome + (r.Estimated ? ", estimated" : "")).OrderBy(g => g.Key, StringComparer.Ordinal).Select(Difference)];
    }

    /// <summary>Charges or gives back what the bill says otherwise, as an administrator reconciles, and checks that the totals are those of the bill.</summary>
    public async Task ReconcileAsync(CancellationToken cancellation)
    {
        var before = Lasting().ToDictionary(static w => w.Key, static w => w.Value.Settled);
        foreach (var (window, settled) in before)
        {
            var charged = _records.Where(r => r.Budgets.Contains(window)).Sum(r => r.Cost);
            if (charged != settled)
            {
                _violations.Add(string.Create(CultureInfo.InvariantCulture, $"{window}: settled {settled}, and its records sum up to {charged}"));
            }
        }

        foreach (var budget in before.Keys.GroupBy(static w => w.Split('#')[0]))
        {
            var difference = _records.Where(r => r.Budgets.Contains(budget.First())).Sum(r => BillOf(r) - r.Cost);
            if (difference != 0)
            {
                _ = await fleet.Admin.PostAsync($"budgets/{budget.Key}/adjustments", new { nanoUsd = difference, reason = "the provider's bill" }, cancellation).ConfigureAwait(false);
            }
        }

        // The sampler's check does not hold from here on: a bill above the estimates is charged whether there is room or not.
        var violations = sampler.Violations.Count;
        _ = await sampler.SampleAsync(cancellation).ConfigureAwait(false);
        sampler.Forget(violations);
        var totals = new List<WindowTotal>();
        foreach (var (window, seen) in Lasting())
        {
            var bill = _records.Where(r => r.Budgets.Contains(window)).Sum(BillOf);
            totals.Add(new WindowTotal(window, seen.Limit, before[window], bill, seen.Settled));
            if (seen.Settled != bill)
            {
                _violations.Add(string.Create(CultureInfo.InvariantCulture, $"{window}: {seen.Settled} after the adjustment, and the bill is {bill}"));
            }
        }

        Totals = totals;
    }

    private IEnumerable<KeyValuePair<string, SeenWindow>> Lasting() => sampler.Windows.Where(static w => !w.Key.EndsWith("#minute", StringComparison.Ordinal));

    private Dictionary<string, long> Bills() => fleet.Simulator.Bill.Lines.Where(static l => l.User is not null).GroupBy(static l => l.User!)
        .ToDictionary(static g => g.Key, static g => g.Sum(static l => (l.PromptTokens * Setup.Prices[l.Model].Input) + (l.CompletionTokens * Setup.Prices[l.Model].Output)), StringComparer.Ordinal);

    /// <summary>Requests that the provider bills or that the gateway answered, and that the ledger does not have.</summary>
    private List<string> Missing()
    {
        var recorded = _records.Select(static r => r.User).ToHashSet(StringComparer.Ordinal);
        return [.. _bills.Keys.Concat(calls.Where(static c => c.Status != 0).Select(static c => c.User)).Distinct().Where(u => !recorded.Contains(u))];
    }

    private long BillOf(LedgerRecord record) => _bills.GetValueOrDefault(record.User);

    private ClassDifference Difference(IGrouping<string, LedgerRecord> group)
    {
        var above = group.Where(r => r.Cost > BillOf(r)).ToList();
        var below = group.Where(r => r.Cost < BillOf(r)).ToList();
        return new ClassDifference(group.Key, group.Count(), group.Sum(r => r.Cost), group.Sum(BillOf), above.Count, above.Sum(r => r.Cost - BillOf(r)), below.Count, below.Sum(r => BillOf(r) - r.Cost));
    }

    private void Violate(IEnumerable<string> found)
    {
        var all = found.ToList();
        _violations.AddRange(all.Take(Told));
        if (all.Count > Told)
        {
            _violations.Add($"… and {all.Count - Told} more of that kind");
        }
    }
}
