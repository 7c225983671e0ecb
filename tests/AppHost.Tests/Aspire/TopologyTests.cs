using Aspire.Hosting.Testing;

namespace Gateway.AppHost.Tests.Aspire;

public sealed class TopologyTests
{
    [Fact]
    public async Task The_topology_has_the_five_services_and_the_three_stores()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(TestContext.Current.CancellationToken);

        var names = builder.Resources.Select(resource => resource.Name).ToHashSet();

        Assert.Superset(new HashSet<string> { "edge", "governance", "semanticcache", "guardrails", "mcphub", "redis", "postgres", "gatewaydb", "qdrant", "internal-token" }, names);
    }
}
