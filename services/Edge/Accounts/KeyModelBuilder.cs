using Gateway.Accounts;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Admission.Budgets;
using Gateway.Edge.Admission.Limits;
using Gateway.Edge.Callers;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Accounts;

/// <summary>Builds the virtual keys of a snapshot, each part by its own builder, and checks that they fit into the tree of accounts.</summary>
internal sealed class KeyModelBuilder(RuntimeState state, List<string> errors)
{
    /// <summary>Makes keys of callers who have none of their own, by those that were built last.</summary>
    public DerivedKeys? Derived { get; private set; }

    public Dictionary<KeyHash, KeyRuntime> Build(GatewaySnapshot snapshot)
    {
        var tree = AccountTree.Of(snapshot);
        CheckAccounts(snapshot, tree);
        var limits = new KeyLimitsBuilder(state);
        var budgets = new KeyBudgetsBuilder(snapshot, state.Budgets, errors);
        Derived = new DerivedKeys(snapshot, tree, limits, budgets, state.Standings);
        var result = new Dictionary<KeyHash, KeyRuntime>(snapshot.Keys.Count);
        var ids = new HashSet<string>(snapshot.Keys.Count, StringComparer.Ordinal);
        foreach (var entry in snapshot.Keys)
        {
            if (!ids.Add(entry.Id))
            {
                errors.Add($"Key '{entry.Id}' is there twice.");
            }
            else if (!KeyHash.TryParse(entry.Sha256, out var hash))
            {
                errors.Add($"Key '{entry.Id}': its hash is not 64 hex digits.");
            }
            else if (Fits($"Key '{entry.Id}'", tree.Problems(entry)))
            {
                var accounts = tree.Resolve(entry);
                Add(result, hash.Value, accounts, KeyAccessBuilder.Build(entry, errors), limits.Build(accounts), budgets.Build(accounts, errors));
            }
        }

        return result;
    }

    private void Add(Dictionary<KeyHash, KeyRuntime> keys, KeyHash hash, KeyAccounts accounts, KeyAccess access, KeyLimits limits, KeyBudgets budgets)
    {
        var entry = accounts.Key;
        var identity = new KeyIdentity(accounts);
        if (!keys.TryAdd(hash, new KeyRuntime(identity, access, limits, budgets, state.Standings.Of(hash), entry.ExpiresAt)))
        {
            errors.Add($"Key '{entry.Id}' has the same value as another key.");
        }

        if (entry.PreviousSha256 is not { } before || entry.PreviousUntil is not { } until)
        {
            return;
        }

        var end = entry.ExpiresAt is { } expiry && expiry < until ? expiry : until;
        if (!KeyHash.TryParse(before, out var previous))
        {
            errors.Add($"Key '{entry.Id}': the hash of its value before the last rotation is not 64 hex digits.");
        }
        else if (!keys.TryAdd(previous.Value, new KeyRuntime(identity, access, limits, budgets, state.Standings.Of(previous.Value), end)))
        {
            errors.Add($"Key '{entry.Id}' had the same value as another key.");
        }
    }

    private void CheckAccounts(GatewaySnapshot snapshot, AccountTree tree)
    {
        CheckUnique("Customer", snapshot.Customers.Select(static c => c.Id));
        CheckUnique("Team", snapshot.Teams.Select(static t => t.Id));
        CheckUnique("User", snapshot.Users.Select(static u => u.Id));
        foreach (var team in snapshot.Teams)
        {
            Fits($"Team '{team.Id}'", tree.Problems(team));
        }

        foreach (var user in snapshot.Users)
        {
            Fits($"User '{user.Id}'", tree.Problems(user));
        }
    }

    private void CheckUnique(string kind, IEnumerable<string> ids)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var id in ids.Where(id => !seen.Add(id)))
        {
            errors.Add($"{kind} '{id}' is there twice.");
        }
    }

    private bool Fits(string who, IEnumerable<AccountProblem> problems)
    {
        var fits = true;
        foreach (var problem in problems)
        {
            fits = false;
            errors.Add($"{who}: {problem.Field} {problem.Message}");
        }

        return fits;
    }
}
