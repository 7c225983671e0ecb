using Gateway.Contracts.Configuration;
using Gateway.Contracts.Health;
using Gateway.Edge.Routing.Health;
using Gateway.Edge.Runtime;
using Gateway.Routing;

namespace Gateway.Edge.Routing;

/// <summary>One target of a route: a deployment, and how it fares. Of a deployment that serves a pattern each model fares by itself.</summary>
internal sealed class TargetRuntime : PlanTarget
{
    private readonly RoutingState _state;
    private readonly string _credentialId;

    public TargetRuntime(RouteTarget entry, DeploymentRuntime deployment, CredentialHealth credential, string credentialId, RoutingState state, Bulkhead? bulkhead)
        : this(entry, deployment, credential, credentialId, state, bulkhead, deployment.Model, state.Deployment(entry.DeploymentId))
    {
    }

    private TargetRuntime(RouteTarget entry, DeploymentRuntime deployment, CredentialHealth credential, string credentialId, RoutingState state, Bulkhead? bulkhead, string model, DeploymentHealth health)
        : base(entry, deployment.Provider.Id)
    {
        _state = state;
        _credentialId = credentialId;
        Deployment = deployment;
        Health = health;
        Credential = credential;
        Quota = state.Credential(HealthIds.OfModel(credentialId, model), deployment.Secret, credential.Fingerprint);
        Bulkhead = bulkhead;
    }

    public DeploymentRuntime Deployment { get; }

    public DeploymentHealth Health { get; }

    /// <summary>The credential as such: what retires it concerns every model.</summary>
    public CredentialHealth Credential { get; }

    /// <summary>The credential for this model: providers limit each model by itself.</summary>
    public CredentialHealth Quota { get; }

    public Bulkhead? Bulkhead { get; }

    public int Weight => Entry.Weight;

    public override int InFlight => Health.InFlight;

    public override double? FirstTokenMs => Health.FirstTokenMs;

    public override bool IsLastResort => Health.IsLastResort && Credential.Unavailable(out _) is null && Quota.Unavailable(out _) is null;

    public override string? Unavailable(out DateTimeOffset? until) => Credential.Unavailable(out until) ?? Quota.Unavailable(out until) ?? Health.Unavailable(out until);

    /// <summary>This target for what the route's <c>*</c> stands for.</summary>
    public TargetRuntime ForWildcard(string part)
    {
        if (!Deployment.IsWildcard)
        {
            return this;
        }

        var model = Deployment.Model.Replace("*", part, StringComparison.Ordinal);
        return new TargetRuntime(Entry, Deployment, Credential, _credentialId, _state, Bulkhead, model, _state.Deployment(HealthIds.OfModel(DeploymentId, model)));
    }
}
