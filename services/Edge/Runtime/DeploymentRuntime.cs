using Gateway.Contracts.Configuration;
using Gateway.Edge.Prices;
using Gateway.Edge.Providers.Auth;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Runtime;

/// <summary>A deployment ready to be called.</summary>
internal sealed class DeploymentRuntime(DeploymentEntry entry, ProviderRuntime provider, IUpstreamAuth auth, string secret, ModelPricing pricing)
{
    public string Id { get; } = entry.Id;

    /// <summary>Id of the credential, or empty for none.</summary>
    public string CredentialId { get; } = entry.CredentialId ?? "";

    public ProviderRuntime Provider { get; } = provider;

    public string Model { get; } = entry.Model;

    public bool IsWildcard { get; } = entry.Model.Contains('*', StringComparison.Ordinal);

    /// <summary>The model name as a JSON string; for a wildcard it is made per request.</summary>
    public byte[] ModelJson { get; } = JsonName.Encode(entry.Model);

    /// <summary>Most output tokens the model can produce, or null when unknown.</summary>
    public int? MaxOutputTokens { get; } = entry.MaxOutputTokens;

    /// <summary>Puts the deployment's credential on requests.</summary>
    public IUpstreamAuth Auth { get; } = auth;

    /// <summary>The bare secret, so that it can be taken out of what a provider says.</summary>
    public string Secret { get; } = secret;

    public ModelPricing Pricing { get; } = pricing;
}
