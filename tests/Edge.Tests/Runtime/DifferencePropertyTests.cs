using FsCheck;
using FsCheck.Fluent;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Snapshots;
using Gateway.Edge.Accounts;
using Gateway.Edge.Admission.Budgets;
using Gateway.Edge.Runtime;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Tests.Runtime;

/// <summary>An edge that is given differences is held against one that is given everything each time.</summary>
public sealed class DifferencePropertyTests
{
    [Fact]
    public void Differences_lead_to_what_the_whole_configuration_is() => Prop.ForAll(Gen.Choose(1, int.MaxValue).ToArbitrary(), static seed =>
    {
        using var transports = new ProviderTransports(static () => new HttpClientHandler());
        var state = State();
        var random = new RandomConfigurations(seed);
        var governance = SnapshotImage.Empty.With(random.Current);
        var edge = SnapshotImage.Empty.Read(governance.ToJson());
        var given = governance;
        var model = new GatewayModelBuilder(transports, state).Build(edge.Snapshot)!;
        for (var i = 0; i < 40; i++)
        {
            governance = governance.With(random.Next());
            var image = edge.ReadDifference(governance.DifferenceFrom(given));
            Assert.NotNull(image);
            Assert.Equal(governance.ToJson(), image.ToJson());

            var whole = new GatewayModelBuilder(transports, State());
            var expected = whole.Build(SnapshotImage.Empty.Read(governance.ToJson()).Snapshot);
            var builder = new GatewayModelBuilder(transports, state);
            var actual = builder.Build(image.Snapshot, model);
            Assert.Equal(whole.Errors.Order(StringComparer.Ordinal), builder.Errors.Order(StringComparer.Ordinal));
            if (actual is null)
            {
                // What was in force stays as it was, to the figures of its budgets; the next difference begins there.
                Assert.Equal(Text(new GatewayModelBuilder(transports, State()).Build(edge.Snapshot)!), Text(model));
                random.Return(given.Snapshot);
                continue;
            }

            Assert.Equal(Text(expected!), Text(actual));
            (model, edge, given) = (actual, image, governance);
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_a_change_does_not_touch_stays_the_same_object()
    {
        using var transports = new ProviderTransports(static () => new HttpClientHandler());
        var state = State();
        var snapshot = new RandomConfigurations(1).Current with
        {
            Teams = [new TeamEntry { Id = "t0", Name = "t" }, new TeamEntry { Id = "t1", Name = "t" }],
            Budgets = [new BudgetEntry { Id = "b0", Name = "b", LimitNanoUsd = 5 }],
            Keys = [.. Enumerable.Range(0, 50).Select(static i => new VirtualKeyEntry { Id = $"k{i:00}", Name = "k", Sha256 = $"{i:x64}", TeamId = $"t{i % 2}", BudgetIds = ["b0"] })],
        };
        var image = SnapshotImage.Empty.With(snapshot);
        var before = new GatewayModelBuilder(transports, state).Build(image.Snapshot)!;

        GatewayModel Change(GatewaySnapshot to)
        {
            var difference = image.With(to with { Version = 2 }).DifferenceFrom(image);
            return new GatewayModelBuilder(transports, state).Build(image.ReadDifference(difference)!.Snapshot, before)!;
        }

        var blocked = Change(snapshot with { Keys = [.. snapshot.Keys.Select(static k => k.Id == "k07" ? k with { Enabled = false } : k)] });
        Assert.Equal(["k07"], Rebuilt(before, blocked));
        Assert.Same(before.RouteTable, blocked.RouteTable);
        Assert.Same(before.Upstream, blocked.Upstream);

        var team = Change(snapshot with { Teams = [snapshot.Teams[0], snapshot.Teams[1] with { Enabled = false }] });
        Assert.Equal(25, Rebuilt(before, team).Count);
        Assert.All(Rebuilt(before, team), id => Assert.Equal("t1", team.FindKeyById(System.Text.Encoding.UTF8.GetBytes(id))!.TeamId));

        var budget = Change(snapshot with { Budgets = [snapshot.Budgets[0] with { LimitNanoUsd = 6 }] });
        Assert.Empty(Rebuilt(before, budget));
        Assert.Equal(6, state.Budgets.Single().Budget.LimitNanoUsd);

        var route = Change(snapshot with { Routes = [.. snapshot.Routes, new RouteEntry { Name = "r1", Targets = [new RouteTarget { DeploymentId = "d1" }] }] });
        Assert.Empty(Rebuilt(before, route));
        Assert.Same(before.FindRoute("r0"), route.FindRoute("r0"));
        Assert.NotNull(route.FindRoute("r1"));
        Assert.Null(before.FindRoute("r1"));
    }

    private static List<string> Rebuilt(GatewayModel before, GatewayModel after) =>
        [.. after.KeyModel.Table.All.Where(k => !ReferenceEquals(before.FindKey(k.Key), k.Value)).Select(static k => k.Value.Id).Order(StringComparer.Ordinal)];

    private static RuntimeState State() => new(TimeProvider.System, new BudgetBook(TimeProvider.System, isLocal: true));

    /// <summary>All that a request could tell of a model.</summary>
    private static string Text(GatewayModel model) => string.Join('\n',
    [
        $"{model.KeyCount} keys, {model.KeyModel.Table.Count} values, {model.Settings.DefaultOutputTokens}",
        .. model.KeyModel.Table.All.OrderBy(static k => k.Key.A).Select(k => $"{k.Key}: {Text(k.Value)}"),
        .. model.KeyModel.Table.Values.Select(static k => k.Id).Distinct().Order(StringComparer.Ordinal).Select(id => $"{id}: {Text(model.FindKeyById(System.Text.Encoding.UTF8.GetBytes(id))!)}"),
        .. model.Routes.Select(static r => $"{r.Name}: {string.Join(' ', r.Targets.Select(static t => $"{t.DeploymentId} {t.Weight} {t.Deployment.Model} {t.Credential.Fingerprint}"))}"),
        .. new[] { "r0", "r1", "r2", "r1x" }.Select(name => $"{name} is {model.FindRoute(name)?.Name}"),
        .. model.Accounts.Select(static a => $"{a.Key}: {string.Join(' ', a.Value.Bare.Select(static d => d.CredentialId))}"),
    ]);

    private static string Text(KeyRuntime key)
    {
        var budgets = key.Budgets.For("r0", key.Identity.Tags, key.Identity.TagsText);
        return $"{key.Id} {key.Identity.UserId} {key.TeamId} {key.Identity.CustomerId} {key.Identity.Blocked} {key.ExpiresAt:u} {key.Standing.IsCut} {key.Models.Allows("r1")} "
            + $"{key.Identity.TagsText} {string.Join(' ', budgets.Accounts.Select(static a => $"{a.Name}={a.Budget.LimitNanoUsd}"))} {string.Join(' ', key.Limits.Known.Select(static l => $"{l.Id}={l.Rule.Amount}"))}";
    }
}
