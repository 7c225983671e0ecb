namespace Gateway.Contracts.Snapshots;

/// <summary>One entry of a configuration with the text that goes over the wire. The text is kept as it came, members that this build does not know included.</summary>
/// <param name="Id">What names it among its kind.</param>
/// <param name="Entry">The entry.</param>
/// <param name="Json">Its text.</param>
/// <param name="Digest">Digest of the text.</param>
internal sealed record SnapshotPart<T>(string Id, T Entry, ReadOnlyMemory<byte> Json, SnapshotDigest Digest);
