using Gateway.AppHost.Local.Model;

namespace Gateway.AppHost.Tests.Local;

public sealed class StartOrderTests
{
    [Fact]
    public void What_waits_for_nothing_starts_together_and_the_rest_after_what_it_waits_for()
    {
        var (governance, cache, edge, last) = (Project("governance"), Project("cache"), Project("edge"), Project("last"));
        edge.WaitsFor.Add(governance);
        last.WaitsFor.AddRange([edge, cache]);

        var waves = StartOrder.Waves([last, edge, cache, governance]);

        Assert.Equal(["cache,governance", "edge", "last"], waves.Select(wave => string.Join(',', wave.Select(project => project.Name))));
    }

    [Fact]
    public void Waiting_for_a_store_does_not_put_a_service_in_a_later_wave()
    {
        var governance = Project("governance");
        governance.WaitsFor.Add(new RedisResource("redis"));

        Assert.Single(StartOrder.Waves([governance]));
    }

    [Fact]
    public void A_circle_is_an_error_that_names_it()
    {
        var (one, two) = (Project("one"), Project("two"));
        one.WaitsFor.Add(two);
        two.WaitsFor.Add(one);

        var error = Assert.Throws<InvalidOperationException>(() => StartOrder.Waves([one, two, Project("three")]));

        Assert.Equal("These services wait for each other: one, two.", error.Message);
    }

    private static ProjectResource Project(string name) => new(name, null!);
}
