using System.Collections.Immutable;
using Gateway.Budgets;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Entries;

namespace Gateway.Governance.Ledger;

/// <summary>One window of a configured budget.</summary>
internal sealed record CataloguedWindow(BudgetEntry Budget, WindowClock Clock, long Limit);

/// <summary>The configured budgets at one version, ready for the ledger.</summary>
internal sealed class BudgetCatalogue
{
    private readonly Dictionary<(string Budget, string Window), CataloguedWindow> _windows = [];
    private readonly Dictionary<string, List<CataloguedWindow>> _byBudget = new(StringComparer.Ordinal);

    public BudgetCatalogue(ConfigState state, WindowClocks clocks)
    {
        (Version, Source) = (state.Version, state.Budgets);
        foreach (var (id, stored) in state.Budgets)
        {
            var windows = new List<CataloguedWindow>();
            var budget = ClosedBudgets.Of(stored.Value);
            foreach (var window in BudgetWindows.Of(budget))
            {
                if (clocks.Of(BudgetWindows.Key(window)) is { } clock)
                {
                    var known = new CataloguedWindow(budget, clock, window.LimitNanoUsd);
                    windows.Add(known);
                    _windows[(id, clock.Key)] = known;
                }
            }

            _byBudget[id] = windows;
        }
    }

    public long Version { get; }

    public ImmutableSortedDictionary<string, Stored<BudgetEntry>> Source { get; }

    public IEnumerable<CataloguedWindow> All => _windows.Values;

    public IReadOnlyList<CataloguedWindow> Of(string budgetId) => _byBudget.TryGetValue(budgetId, out var windows) ? windows : [];

    public CataloguedWindow? Find(string budgetId, string window) => _windows.GetValueOrDefault((budgetId, window));
}

/// <summary>Makes a catalogue once for each version in which budgets changed.</summary>
internal sealed class BudgetCatalogues(ConfigStore store, WindowClocks clocks)
{
    private volatile BudgetCatalogue? _last;

    /// <summary>The catalogue of the newest configuration that this instance knows.</summary>
    public BudgetCatalogue Latest
    {
        get
        {
            var state = store.Latest;
            return _last is { } last && ReferenceEquals(last.Source, state.Budgets) ? last : _last = new BudgetCatalogue(state, clocks);
        }
    }

    /// <summary>The catalogue of the configuration as it is in the store now.</summary>
    public async Task<BudgetCatalogue> CurrentAsync(CancellationToken cancellation)
    {
        await store.CurrentAsync(cancellation).ConfigureAwait(false);
        return Latest;
    }
}
