using System.Net;
using System.Security.Cryptography;
using System.Text;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Accounts;

/// <summary>What a key may do, and from where.</summary>
internal sealed class KeyAccess(VirtualKeyEntry entry, IPNetwork[] networks)
{
    /// <summary>Public model names.</summary>
    public NamePatterns Models { get; } = new(entry.AllowedModels);

    /// <summary>Names of routes.</summary>
    public NamePatterns AllowedRoutes { get; } = new(entry.AllowedRoutes);

    /// <summary>How answers to its requests are cached; null: as is said above it.</summary>
    public CachePolicyEntry? Cache { get; } = entry.Cache;

    /// <summary>Tells keys that may reach other providers from this one; empty where all may be reached.</summary>
    public byte[] ProviderFingerprint { get; } = entry.AllowedProviders.Count == 0 ? [] : SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', entry.AllowedProviders.Order(StringComparer.Ordinal))));

    /// <summary>Ids of providers.</summary>
    public NamePatterns Providers { get; } = new(entry.AllowedProviders);

    /// <summary>Where its callers may be; empty: anywhere.</summary>
    public IPNetwork[] Networks { get; } = networks;

    /// <summary>What happens to requests under way when the key is taken away; null: as the settings say.</summary>
    public RevokePolicy? OnRevoke { get; } = entry.OnRevoke;

    /// <summary>What is held for answers without a cap; null: as the route or the settings say.</summary>
    public OutputCapPolicy? OutputCap { get; } = entry.OutputCap;

    /// <summary>The figure that goes with it; null: as the route or the settings say.</summary>
    public int? DefaultOutputTokens { get; } = entry.DefaultOutputTokens;

    public IReadOnlyList<string> RequiredMetadata { get; } = entry.RequiredMetadata;

    /// <summary>Routes of the key's own.</summary>
    public IReadOnlyList<KeyRoute> Routes { get; } = entry.Routes;
}
