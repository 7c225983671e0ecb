using Gateway.Edge.Upstream;

namespace Gateway.Edge.Runtime;

/// <summary>What a configuration calls: it stays the same as long as no provider, credential, deployment or setting changes.</summary>
/// <param name="Providers">By id.</param>
/// <param name="Deployments">By id.</param>
/// <param name="Accounts">What can be reached at each provider without a route.</param>
internal sealed record UpstreamModel(
    IReadOnlyDictionary<string, ProviderRuntime> Providers,
    IReadOnlyDictionary<string, DeploymentRuntime> Deployments,
    IReadOnlyDictionary<string, ProviderAccount> Accounts);
