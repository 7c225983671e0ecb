using Gateway.Contracts.Configuration;
using Gateway.Governance.Providers;

namespace Gateway.Governance.Entries;

/// <summary>What is in force: the stored entries over the unstored ones.</summary>
internal sealed record EffectiveConfig(ConfigState Stored, Overlay Unstored)
{
    public bool HasProvider(string id) => Stored.Providers.ContainsKey(id) || Unstored.Providers.ContainsKey(id);

    public bool HasBudget(string id) => Stored.Budgets.ContainsKey(id);

    public bool HasTeam(string id) => Stored.Teams.ContainsKey(id);

    public bool HasDeployment(string id) => Stored.Deployments.ContainsKey(id) || Unstored.Deployments.ContainsKey(id);

    /// <summary>The provider a credential belongs to, or null when there is no such credential.</summary>
    public string? ProviderOfCredential(string id)
        => Stored.Credentials.TryGetValue(id, out var stored) ? stored.Value.ProviderId
            : Unstored.Credentials.TryGetValue(id, out var unstored) ? unstored.Value.ProviderId
            : null;

    public ProviderEntry? Provider(string id)
        => Stored.Providers.TryGetValue(id, out var stored) ? stored.Value
            : Unstored.Providers.TryGetValue(id, out var unstored) ? unstored.Value
            : null;
}
