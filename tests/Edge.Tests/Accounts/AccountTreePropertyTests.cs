using FsCheck;
using FsCheck.Fluent;
using Gateway.Accounts;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Accounts;
using Gateway.Edge.Admission.Budgets;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Tests.Accounts;

/// <summary>Random trees of accounts, held against the rules written down a second time, in another way.</summary>
public sealed class AccountTreePropertyTests
{
    private static readonly string[] _names = ["a", "b", "c"];

    private static readonly Gen<GatewaySnapshot> _trees =
        from shape in Gen.Choose(0, _names.Length).ArrayOf(60)
        from flags in Gen.Elements(true, true, true, false).ArrayOf(30)
        from budgets in Gen.Choose(0, 3).ArrayOf(30)
        select Tree(shape, flags, budgets);

    [Fact]
    public void What_stands_over_a_key_is_what_the_rules_say() => Prop.ForAll(_trees.ToArbitrary(), static snapshot =>
    {
        var tree = AccountTree.Of(snapshot);
        foreach (var key in snapshot.Keys)
        {
            var (isGood, user, team, customer) = Expected(snapshot, key);
            Assert.Equal(isGood, !tree.Problems(key).Any());
            if (!isGood)
            {
                continue;
            }

            var accounts = tree.Resolve(key);
            Assert.Equal((user, team, customer), (accounts.User?.Id, accounts.Team?.Id, accounts.Customer?.Id));
            Assert.Same(snapshot.Teams.SingleOrDefault(t => t.Id == team)?.Limits, accounts.Team?.Limits);
            Assert.Same(snapshot.Users.SingleOrDefault(u => u.Id == user)?.Limits, accounts.User?.Limits);
            Assert.Same(snapshot.Customers.SingleOrDefault(c => c.Id == customer)?.Limits, accounts.Customer?.Limits);
            var over = new SortedSet<string>(key.BudgetIds, StringComparer.Ordinal);
            over.UnionWith(snapshot.Users.Where(u => u.Id == user).SelectMany(static u => u.BudgetIds));
            over.UnionWith(snapshot.Teams.Where(t => t.Id == team).SelectMany(static t => t.BudgetIds));
            over.UnionWith(snapshot.Customers.Where(c => c.Id == customer).SelectMany(static c => c.BudgetIds));
            Assert.Equal(over, accounts.BudgetIds);
            Assert.Equal(
                key.Enabled && snapshot.Users.All(u => u.Id != user || u.Enabled) && snapshot.Teams.All(t => t.Id != team || t.Enabled) && snapshot.Customers.All(c => c.Id != customer || c.Enabled),
                accounts.Enabled);
            Assert.Equal(accounts.Enabled, new KeyIdentity(accounts).Blocked is null);
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_tree_without_contradictions_is_what_the_edge_runs_on_and_any_other_is_refused() => Prop.ForAll(_trees.ToArbitrary(), static snapshot =>
    {
        var errors = new List<string>();
        var keys = new KeyModelBuilder(new RuntimeState(TimeProvider.System, new BudgetBook(TimeProvider.System, isLocal: true)), errors).Build(snapshot).Table;
        var tree = AccountTree.Of(snapshot);
        Assert.Equal(errors.Count == 0, !snapshot.Users.Any(u => tree.Problems(u).Any()) && !snapshot.Keys.Any(k => tree.Problems(k).Any()));
        if (errors.Count == 0)
        {
            Assert.Equal(snapshot.Keys.Count, keys.Count);
            Assert.All(keys.Values, k =>
            {
                var (_, user, team, customer) = Expected(snapshot, snapshot.Keys.Single(e => e.Id == k.Id));
                Assert.Equal((user ?? "", team ?? "", customer ?? ""), (k.Identity.UserId, k.Identity.TeamId, k.Identity.CustomerId));
            });
        }
    }).QuickCheckThrowOnFailure();

    /// <summary>All that a key could be said to belong to, by any way up the tree; two different answers at one level are a contradiction.</summary>
    private static (bool IsGood, string? User, string? Team, string? Customer) Expected(GatewaySnapshot snapshot, VirtualKeyEntry key)
    {
        var users = snapshot.Users.Where(u => u.Id == key.UserId).ToList();
        var teams = new HashSet<string>(((string?[])[key.TeamId, .. users.Select(static u => u.TeamId)]).OfType<string>(), StringComparer.Ordinal);
        var ofTeams = snapshot.Teams.Where(t => teams.Contains(t.Id)).Select(static t => t.CustomerId);
        // A user's own customer counts before that of his team, which he must not contradict anyway.
        var ofUsers = users.Select(u => u.CustomerId ?? snapshot.Teams.FirstOrDefault(t => t.Id == u.TeamId)?.CustomerId);
        var customers = new HashSet<string>(((string?[])[key.CustomerId, .. ofTeams, .. ofUsers]).OfType<string>(), StringComparer.Ordinal);
        return (teams.Count <= 1 && customers.Count <= 1, key.UserId, teams.FirstOrDefault(), teams.Count > 1 || customers.Count > 1 ? null : customers.SingleOrDefault());
    }

    private static GatewaySnapshot Tree(int[] shape, bool[] flags, int[] budgets)
    {
        var (s, f, b) = (0, 0, 0);
        return new GatewaySnapshot
        {
            Version = 1,
            Budgets = [.. _names.Select(static n => new BudgetEntry { Id = "budget-" + n, Name = n, LimitNanoUsd = 1 })],
            Customers = [.. _names.Select(n => new CustomerEntry { Id = n, Name = n, Enabled = flags[f++], Limits = Limits(), BudgetIds = Budgets() })],
            Teams = [.. _names.Select(n => new TeamEntry { Id = n, Name = n, CustomerId = Pick(), Enabled = flags[f++], Limits = Limits(), BudgetIds = Budgets() })],
            Users = [.. _names.Select(n => new UserEntry { Id = n, Name = n, TeamId = Pick(), CustomerId = Pick(), Enabled = flags[f++], Limits = Limits(), BudgetIds = Budgets() })],
            Keys = [.. Enumerable.Range(0, 8).Select(i => new VirtualKeyEntry { Id = "k" + i, Name = "k", Sha256 = new string((char)('0' + i), 64), UserId = Pick(), TeamId = Pick(), CustomerId = Pick(), Enabled = flags[f++], BudgetIds = Budgets() })],
        };

        string? Pick() => shape[s++] is var i && i < _names.Length ? _names[i] : null;

        RateLimitEntry Limits() => new() { RequestsPerMinute = 1 + s + f };

        IReadOnlyList<string> Budgets() => budgets[b++] is var i && i < _names.Length ? ["budget-" + _names[i]] : [];
    }
}
