using System.Collections.Immutable;
using Gateway.Contracts.Configuration;

namespace Gateway.Governance.Providers;

/// <summary>An entry that is in force without being stored, and where it comes from.</summary>
internal sealed record Unstored<T>(T Value, string Source);

/// <summary>What was found outside the store: providers of the environment, a local Ollama, the built-in demo.</summary>
internal sealed record DetectedEntries(
    IReadOnlyList<ProviderEntry> Providers,
    IReadOnlyList<CredentialEntry> Credentials,
    IReadOnlyList<DeploymentEntry> Deployments,
    IReadOnlyList<RouteEntry> Routes)
{
    public static DetectedEntries None { get; } = new([], [], [], []);

    /// <summary>True when both hold the same entries; decides whether edges are told.</summary>
    public bool Matches(DetectedEntries other)
        => Providers.Select(Text).SequenceEqual(other.Providers.Select(Text), StringComparer.Ordinal)
            && Credentials.SequenceEqual(other.Credentials)
            && Deployments.SequenceEqual(other.Deployments)
            && Routes.Select(r => (r.Name, r.Strategy, r.MaxAttempts, string.Join('\n', r.Targets))).SequenceEqual(
                other.Routes.Select(r => (r.Name, r.Strategy, r.MaxAttempts, string.Join('\n', r.Targets))));

    private static string Text(ProviderEntry provider)
        => $"{provider with { Headers = ImmutableDictionary<string, string>.Empty }}\n{string.Join('\n', provider.Headers)}";
}

/// <summary>All unstored entries by id. A stored entry of the same id wins over one here.</summary>
internal sealed record Overlay(
    ImmutableSortedDictionary<string, Unstored<ProviderEntry>> Providers,
    ImmutableSortedDictionary<string, Unstored<CredentialEntry>> Credentials,
    ImmutableSortedDictionary<string, Unstored<DeploymentEntry>> Deployments,
    ImmutableSortedDictionary<string, Unstored<RouteEntry>> Routes)
{
    /// <summary>Merges sources; the first that names an id wins it.</summary>
    public static Overlay Merge(IEnumerable<(string Source, DetectedEntries Entries)> sources)
    {
        var all = sources.ToList();
        return new Overlay(
            Index(all, e => e.Providers, p => p.Id),
            Index(all, e => e.Credentials, c => c.Id),
            Index(all, e => e.Deployments, d => d.Id),
            Index(all, e => e.Routes, r => r.Name));
    }

    private static ImmutableSortedDictionary<string, Unstored<T>> Index<T>(
        IEnumerable<(string Source, DetectedEntries Entries)> sources, Func<DetectedEntries, IReadOnlyList<T>> entries, Func<T, string> id)
    {
        var index = ImmutableSortedDictionary.CreateBuilder<string, Unstored<T>>(StringComparer.Ordinal);
        foreach (var (source, detected) in sources)
        {
            foreach (var entry in entries(detected))
            {
                index.TryAdd(id(entry), new Unstored<T>(entry, source));
            }
        }

        return index.ToImmutable();
    }
}
