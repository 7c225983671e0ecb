using Gateway.Accounts;
using Gateway.Budgets;
using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Admission.Budgets;

/// <summary>Builds the budgets over keys: those that the accounts above a key name, and those whose scope selects its requests.</summary>
internal sealed class KeyBudgetsBuilder
{
    private readonly Dictionary<string, BudgetAccount[]> _accounts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<BudgetEntry>> _byAccount = new(StringComparer.Ordinal);
    private readonly List<BudgetEntry> _anybody = [];

    public KeyBudgetsBuilder(GatewaySnapshot snapshot, BudgetBook book, List<string> errors)
    {
        var providers = new HashSet<string>(StringComparer.Ordinal);
        foreach (var budget in snapshot.Budgets)
        {
            var problems = BudgetCheck.Problems(budget).ToList();
            errors.AddRange(problems.Select(p => $"Budget '{budget.Id}': {p.Field} {p.Message}"));
            if (problems.Count > 0)
            {
                continue;
            }

            if (!_accounts.TryAdd(budget.Id, book.Open(budget)))
            {
                errors.Add($"Budget '{budget.Id}' is there twice.");
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
