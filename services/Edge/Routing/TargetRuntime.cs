using Gateway.Contracts.Configuration;
using Gateway.Edge.Routing.Health;
using Gateway.Edge.Runtime;
using Gateway.Routing;

namespace Gateway.Edge.Routing;

/// <summary>One target of a route: a deployment, and how it fares.</summary>
internal sealed class TargetRuntime(RouteTarget entry, DeploymentRuntime deployment, DeploymentHealth health, CredentialHealth credential, Bulkhead? bulkhead)
    : PlanTarget(entry, deployment.Provider.Id)
{
    public DeploymentRuntime Deployment { get; } = deployment;

    public DeploymentHealth Health { get; } = health;

    public CredentialHealth Credential { get; } = credential;

    public Bulkhead? Bulkhead { get; } = bulkhead;

    public int Weight => Entry.Weight;

    public override int InFlight => Health.InFlight;

    public override double? FirstTokenMs => Health.FirstTokenMs;

    public override bool IsLastResort => Health.IsLastResort && Credential.Unavailable(out _) is null;

    public override string? Unavailable(out DateTimeOffset? until) => Credential.Unavailable(out until) ?? Health.Unavailable(out until);
}
