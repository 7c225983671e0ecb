using System.Net;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Admission;
using Gateway.Edge.Prices;
using Gateway.Edge.Providers.Auth;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Runtime;

/// <summary>A virtual key with everything that stands over it, ready to be checked.</summary>
internal sealed class KeyRuntime(VirtualKeyEntry entry, TeamEntry? team, AccountLimits limits, AccountLimits? teamLimits, BudgetState[] budgets, IPNetwork[] networks)
{
    public string Id { get; } = entry.Id;

    public string TeamId { get; } = team?.Id ?? "";

    public bool Enabled { get; } = entry.Enabled;

    public DateTimeOffset? ExpiresAt { get; } = entry.ExpiresAt;

    public NamePatterns Models { get; } = new(entry.AllowedModels);

    public NamePatterns Providers { get; } = new(entry.AllowedProviders);

    /// <summary>Routes of the key's own.</summary>
    public IReadOnlyList<KeyRoute> Routes { get; } = entry.Routes;

    public IPNetwork[] Networks { get; } = networks;

    public IReadOnlyList<string> RequiredMetadata { get; } = entry.RequiredMetadata;

    public AccountLimits Limits { get; } = limits;

    public AccountLimits? TeamLimits { get; } = teamLimits;

    /// <summary>Every budget over the key, its team's included, each once and always in the same order.</summary>
    public BudgetState[] Budgets { get; } = budgets;
}

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
