using Gateway.Accounts;
using Gateway.Budgets;
using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Admission.Budgets;

/// <summary>Builds the budgets over keys: those that the accounts above a key name, and those whose scope selects its requests.</summary>
internal sealed class KeyBudgetsBuilder
{
    private readonly Dictionary<string, BudgetAccount[]> _accounts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<BudgetEntry>> _byAccount = new(StringComparer.Ordinal);
    private readonly Dictionary<string, BudgetEntry> _entries = new(StringComparer.Ordinal);
    private readonly List<BudgetEntry> _changed = [];
    private readonly List<BudgetEntry> _anybody = [];

    /// <summary>Looks at the budgets of a configuration.</summary>
    /// <param name="snapshot">The configuration.</param>
    /// <param name="book">Their accounts.</param>
    /// <param name="errors">Takes every problem.</param>
    /// <param name="before">The budgets in force; those that did not change need no second look. Null for none.</param>
    public KeyBudgetsBuilder(GatewaySnapshot snapshot, BudgetBook book, List<string> errors, KeyBudgetsBuilder? before = null)
    {
        var providers = new HashSet<string>(StringComparer.Ordinal);
        foreach (var budget in snapshot.Budgets)
        {
            var isKnown = before is not null && before._entries.TryGetValue(budget.Id, out var known) && ReferenceEquals(known, budget);
            if (!isKnown && !IsGood(budget, errors))
            {
                continue;
            }

            if (!_entries.TryAdd(budget.Id, budget))
            {
                errors.Add($"Budget '{budget.Id}' is there twice.");
                continue;
            }

            _accounts.Add(budget.Id, isKnown ? before!._accounts[budget.Id] : book.Find(budget));
            if (!isKnown)
            {
                _changed.Add(budget);
            }

            if (budget.Scope is { } scope)
            {
                // Listed by what selects the fewest keys, so that a key does not look at the budgets of all others.
                (Selector(scope) is { } selector ? List(selector) : _anybody).Add(budget);
                _ = scope.ProviderId is null || providers.Add(scope.ProviderId);
            }
        }

        if (providers.Count > BudgetSet.MostProviders)
        {
            errors.Add($"{providers.Count} providers have budgets of their own; {BudgetSet.MostProviders} may have.");
        }
    }

    /// <summary>Takes changed figures into force. To be called once, when nothing is wrong.</summary>
    public void Use()
    {
        foreach (var budget in _changed)
        {
            BudgetBook.Use(budget, _accounts[budget.Id]);
        }
    }

    /// <summary>
    /// The budgets, as they were and as they are, whose keys are not what they would be now: other amounts are in the accounts that keys hold, but another scope or window
    /// makes other keys hold them, or others be held.
    /// </summary>
    public IReadOnlyList<BudgetEntry> Restructured(KeyBudgetsBuilder before)
    {
        var result = new List<BudgetEntry>();
        foreach (var budget in _changed)
        {
            if (!before._entries.TryGetValue(budget.Id, out var old))
            {
                result.Add(budget);
            }
            else if (old.Scope != budget.Scope || !before._accounts[budget.Id].AsSpan().SequenceEqual(_accounts[budget.Id]))
            {
                result.AddRange([old, budget]);
            }
        }

        result.AddRange(before._entries.Values.Where(b => !_entries.ContainsKey(b.Id)));

        return result;
    }

    public KeyBudgets Build(KeyAccounts accounts, List<string> errors)
    {
        var key = accounts.Key;
        var always = new List<BudgetAccount>();
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var id in accounts.BudgetIds)
        {
            if (_accounts.TryGetValue(id, out var windows))
            {
                always.AddRange(windows);
                named.Add(id);
            }
            else
            {
                errors.Add($"Key '{key.Id}' or an account above it names the budget '{id}', which does not exist or cannot be used.");
            }
        }

        var scoped = new List<ScopedBudget>();
        foreach (var budget in Selected(accounts).Where(b => !named.Contains(b.Id)))
        {
            var scope = budget.Scope!;
            if (!AccountScopes.FitsAccounts(scope, accounts.Customer?.Id, accounts.Team?.Id, accounts.User?.Id, key.Id))
            {
                continue;
            }

            var tag = scope.Tag is null || key.Tags.Contains(scope.Tag, StringComparer.Ordinal) ? null : scope.Tag;
            if (tag is null && scope.Model is null && scope.ProviderId is null)
            {
                always.AddRange(_accounts[budget.Id]);
            }
            else
            {
                scoped.Add(new ScopedBudget(scope with { Tag = tag }, _accounts[budget.Id]));
            }
        }

        return new KeyBudgets([.. always], [.. scoped]);
    }

    private static bool IsGood(BudgetEntry budget, List<string> errors)
    {
        var before = errors.Count;
        errors.AddRange(BudgetCheck.Problems(budget).Select(p => $"Budget '{budget.Id}': {p.Field} {p.Message}"));
        return errors.Count == before;
    }

    private static string? Selector(AccountScope scope) =>
        scope.KeyId is { } key ? "k" + key : scope.UserId is { } user ? "u" + user : scope.TeamId is { } team ? "t" + team : scope.CustomerId is { } customer ? "c" + customer : null;

    private List<BudgetEntry> List(string selector)
    {
        if (!_byAccount.TryGetValue(selector, out var list))
        {
            _byAccount[selector] = list = [];
        }

        return list;
    }

    private IEnumerable<BudgetEntry> Selected(KeyAccounts accounts)
    {
        IEnumerable<BudgetEntry> of(string kind, string? id) => id is not null && _byAccount.TryGetValue(kind + id, out var list) ? list : [];
        return _anybody.Concat(of("k", accounts.Key.Id)).Concat(of("u", accounts.User?.Id)).Concat(of("t", accounts.Team?.Id)).Concat(of("c", accounts.Customer?.Id));
    }
}
