using Gateway.Edge.Routing.Health;
using Gateway.Edge.Upstream;
using Gateway.Routing;

namespace Gateway.Edge.Runtime;

/// <summary>What can be reached at a provider without a route: its deployments, which have prices, and else the provider with any of its credentials.</summary>
internal sealed class ProviderAccount(ProviderRuntime provider, IEnumerable<DeploymentRuntime> deployments, (DeploymentRuntime Deployment, CredentialHealth Credential)[] bare)
{
    private readonly (DeploymentRuntime Deployment, NamePattern Pattern)[] _deployments = [.. deployments
        .Select(static d => (Deployment: d, Pattern: new NamePattern(d.Model)))
        .OrderBy(static d => d.Deployment.IsWildcard)];

    public ProviderRuntime Provider { get; } = provider;

    /// <summary>The id under which requests without a deployment of their own are recorded.</summary>
    public static string DeploymentId(string providerId) => "passthrough/" + providerId;

    /// <summary>The deployment for a model, by the provider's name of it; a bare one where none is configured.</summary>
    /// <param name="model">The model, or null when the request names none.</param>
    /// <param name="wildcard">What the <c>*</c> of the deployment's model stands for.</param>
    public DeploymentRuntime Choose(string? model, out string wildcard)
    {
        foreach (var (deployment, pattern) in _deployments)
        {
            if (model is not null && pattern.Matches(model, out var range))
            {
                wildcard = deployment.IsWildcard ? model[range] : "";
                return deployment;
            }
        }

        wildcard = model ?? "";
        foreach (var (deployment, credential) in bare)
        {
            if (credential.Unavailable(out _) is null)
            {
                return deployment;
            }
        }

        return bare[0].Deployment;
    }
}
