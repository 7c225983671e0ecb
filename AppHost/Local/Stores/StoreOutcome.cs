using Gateway.AppHost.Local.Processes;

namespace Gateway.AppHost.Local.Stores;

/// <summary>Where a store comes from.</summary>
internal enum StoreKind
{
    /// <summary>In the services themselves.</summary>
    Embedded,

    /// <summary>Given by the user's own connection string.</summary>
    External,

    /// <summary>Started here as a child process.</summary>
    Local,
}

/// <summary>What became of a store.</summary>
/// <param name="Name">The resource's name.</param>
/// <param name="Kind">Where it comes from.</param>
/// <param name="Detail">One phrase for the banner; no secrets.</param>
/// <param name="ConnectionStrings">By name, for the services that reference it; empty when embedded.</param>
/// <param name="Supervisor">Keeps the process running, when it was started here.</param>
internal sealed record StoreOutcome(
    string Name,
    StoreKind Kind,
    string Detail,
    IReadOnlyDictionary<string, string> ConnectionStrings,
    Supervisor? Supervisor = null)
{
    /// <summary>No such store: the services do without.</summary>
    public static StoreOutcome Embedded(string name, string detail) =>
        new(name, StoreKind.Embedded, detail, new Dictionary<string, string>());
}
