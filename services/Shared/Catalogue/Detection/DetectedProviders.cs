using Gateway.Contracts.Configuration;

namespace Gateway.Catalogue;

/// <summary>Providers found without being configured, ready to be merged into a snapshot.</summary>
public sealed record DetectedProviders
{
    /// <summary>Nothing found.</summary>
    public static DetectedProviders None { get; } = new();

    /// <summary>Providers by unique id.</summary>
    public IReadOnlyList<ProviderEntry> Providers { get; init; } = [];

    /// <summary>Their credentials, id <c>{provider}-env</c>.</summary>
    public IReadOnlyList<CredentialEntry> Credentials { get; init; } = [];

    /// <summary>Their deployments, id <c>{provider}/{model}</c>, with one <c>{provider}/*</c> each.</summary>
    public IReadOnlyList<DeploymentEntry> Deployments { get; init; } = [];

    /// <summary>A route for each bare model name (the first provider wins it) and one <c>{provider}/*</c> each.</summary>
    public IReadOnlyList<RouteEntry> Routes { get; init; } = [];

    /// <summary>What was found but could not be used, in sentences that never show a value.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Adds what was found to a configuration; where an id or a name is taken, the configuration wins.</summary>
    /// <param name="snapshot">The configuration; not changed.</param>
    /// <returns>The configuration with the additions, its version as it was.</returns>
    public GatewaySnapshot MergeInto(GatewaySnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var credentialIds = snapshot.Credentials.Select(static c => c.Id).ToHashSet(StringComparer.Ordinal);
        var clashing = Credentials.Where(c => credentialIds.Contains(c.Id)).Select(static c => c.ProviderId).ToHashSet(StringComparer.Ordinal);
        var providers = Missing(Providers.Where(p => !clashing.Contains(p.Id)), snapshot.Providers, static p => p.Id);
        var providerIds = providers.Select(static p => p.Id).ToHashSet(StringComparer.Ordinal);
        var deployments = Missing(Deployments.Where(d => providerIds.Contains(d.ProviderId)), snapshot.Deployments, static d => d.Id);
        var deploymentIds = deployments.Select(static d => d.Id).ToHashSet(StringComparer.Ordinal);
        return snapshot with
        {
            Providers = [.. snapshot.Providers, .. providers],
            Credentials = [.. snapshot.Credentials, .. Credentials.Where(c => providerIds.Contains(c.ProviderId))],
            Deployments = [.. snapshot.Deployments, .. deployments],
            Routes =
            [
                .. snapshot.Routes,
                .. Missing(Routes.Where(r => r.Targets.All(t => deploymentIds.Contains(t.DeploymentId))), snapshot.Routes, static r => r.Name),
            ],
        };
    }

    private static List<T> Missing<T>(IEnumerable<T> found, IReadOnlyList<T> configured, Func<T, string> key)
    {
        var taken = configured.Select(key).ToHashSet(StringComparer.Ordinal);
        return [.. found.Where(f => taken.Add(key(f)))];
    }
}
