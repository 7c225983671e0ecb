using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Caching.Purges;

/// <summary>A purge that is to be made outside this edge's memory.</summary>
/// <param name="Purge">What goes.</param>
/// <param name="Before">Only what was stored before this moment goes, by the clock of this edge: later ones belong to a configuration that had the purge already.</param>
internal sealed record PurgeOrder(CachePurgeEntry Purge, DateTimeOffset Before);
