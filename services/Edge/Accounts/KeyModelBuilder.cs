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
    private KeyBudgetsBuilder? _budgets;
    private LimitSetBuilder? _limits;

    /// <summary>Makes keys of callers who have none of their own, by those that were built last.</summary>
    public DerivedKeys? Derived { get; private set; }

    /// <summary>Builds the keys.</summary>
    /// <param name="snapshot">The configuration.</param>
    /// <param name="before">The keys in force; those over which nothing changed are used again. Null for none.</param>
    public KeyModel Build(GatewaySnapshot snapshot, KeyModel? before = null)
    {
        var known = before is not null && MayBeBuiltUpon(before.Snapshot, snapshot) ? before : null;
        var tree = known is not null && HasSameAccounts(known.Snapshot, snapshot) ? known.Tree : Tree(snapshot);
        var limits = _limits = new LimitSetBuilder(snapshot, state.Limits, errors);
        var budgets = _budgets = new KeyBudgetsBuilder(snapshot, state.Budgets, errors, known?.Budgets);
        Derived = new DerivedKeys(snapshot, tree, limits, budgets, state.Standings);
        var changes = known is null ? new KeyChanges([], snapshot.Keys) : KeyChanges.Between(known, snapshot, budgets);
        var table = (known?.Table ?? KeyTable.Empty).Edit(snapshot.Keys.Count);
        foreach (var entry in changes.Before)
        {
            Remove(table, entry);
        }

        foreach (var entry in changes.After)
        {
            if (table.Has(entry.Id))
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
                Add(table, hash.Value, accounts, KeyAccessBuilder.Build(entry, errors), limits.Build(accounts, errors), budgets.Build(accounts, errors));
            }
        }

        return new KeyModel(snapshot, table.Build(), tree, budgets);
    }

    /// <summary>Takes the figures of what was built into force, when nothing is wrong.</summary>
    public void Use()
    {
        _limits?.Use();
        _budgets?.Use();
    }

    /// <summary>True when no more differs than what is looked at one by one, and what keys do not depend on; a member of the snapshot that is not named here counts.</summary>
    private static bool MayBeBuiltUpon(GatewaySnapshot before, GatewaySnapshot snapshot) => snapshot == before with
    {
        Version = snapshot.Version,
        Customers = snapshot.Customers,
        Users = snapshot.Users,
        Teams = snapshot.Teams,
        Keys = snapshot.Keys,
        Budgets = snapshot.Budgets,
        Providers = snapshot.Providers,
        Credentials = snapshot.Credentials,
        Deployments = snapshot.Deployments,
        Routes = snapshot.Routes,
        JwtIssuers = snapshot.JwtIssuers,
        PriceOverrides = snapshot.PriceOverrides,
        CachePurges = snapshot.CachePurges,
        Revisions = snapshot.Revisions,
        Settings = snapshot.Settings,
        Guardrails = snapshot.Guardrails,
        McpServers = snapshot.McpServers,
        McpBundles = snapshot.McpBundles,
        McpPolicies = snapshot.McpPolicies,
        McpTools = snapshot.McpTools,
        McpCredentials = snapshot.McpCredentials,
    };

    private static bool HasSameAccounts(GatewaySnapshot before, GatewaySnapshot snapshot) =>
        ReferenceEquals(before.Customers, snapshot.Customers) && ReferenceEquals(before.Users, snapshot.Users) && ReferenceEquals(before.Teams, snapshot.Teams);

    private static void Remove(KeyTable.Editor keys, VirtualKeyEntry entry)
    {
        foreach (var value in (string?[])[entry.Sha256, entry.PreviousSha256])
        {
            if (value is not null && KeyHash.TryParse(value, out var hash))
            {
                keys.Remove(hash.Value, entry.Id);
            }
        }
    }

    private AccountTree Tree(GatewaySnapshot snapshot)
    {
        var tree = AccountTree.Of(snapshot);
        CheckAccounts(snapshot, tree);
        return tree;
    }

    private void Add(KeyTable.Editor keys, KeyHash hash, KeyAccounts accounts, KeyAccess access, LimitSet limits, KeyBudgets budgets)
    {
        var entry = accounts.Key;
        var identity = new KeyIdentity(accounts);
        if (keys.Add(hash, new KeyRuntime(identity, access, limits, budgets, state.Standings.Of(hash), entry.ExpiresAt)) is { } other)
        {
            errors.Add(SameValue(entry.Id, other));
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
        else if (keys.Add(previous.Value, new KeyRuntime(identity, access, limits, budgets, state.Standings.Of(previous.Value), end)) is { } holder)
        {
            errors.Add(SameValue(entry.Id, holder));
        }
    }

    // Both by name, in an order of their own: which of them came second says nothing of whose fault it is.
    private static string SameValue(string one, string other) =>
        string.CompareOrdinal(one, other) < 0
            ? $"The keys '{one}' and '{other}' have, or had before a rotation, the same value."
            : $"The keys '{other}' and '{one}' have, or had before a rotation, the same value.";

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
