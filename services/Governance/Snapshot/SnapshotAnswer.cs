using System.Collections.Concurrent;
using Gateway.Contracts.Snapshots;

namespace Gateway.Governance.Snapshot;

/// <summary>A snapshot as edges ask for it: whole, or as the difference from one they have. Each document is written once, however many ask.</summary>
internal sealed class SnapshotAnswer(SnapshotImage image, IReadOnlyList<string> faults, IReadOnlyList<SnapshotImage> earlier)
{
    private readonly Lazy<byte[]> _whole = new(image.ToJson);
    private readonly ConcurrentDictionary<long, Lazy<byte[]>> _differences = new();

    public SnapshotImage Image => image;

    public long Version => image.Version;

    /// <summary>What was left out, and why.</summary>
    public IReadOnlyList<string> Faults => faults;

    public ReadOnlyMemory<byte> Utf8 => _whole.Value;

    /// <summary>The difference from what an edge has, or null when that is not known here (any more).</summary>
    /// <param name="version">The version that the edge has.</param>
    /// <param name="digest">What it amounts to: another instance, with other providers in its environment, may have given out something else under this version.</param>
    public ReadOnlyMemory<byte>? DifferenceFrom(long version, string digest)
    {
        var before = earlier.FirstOrDefault(e => e.Version == version);
        if (before is null || before.Digest.ToString() != digest)
        {
            return null;
        }

        return _differences.GetOrAdd(version, static (_, pair) => new Lazy<byte[]>(() => pair.Image.DifferenceFrom(pair.Before)), (Image: image, Before: before)).Value;
    }
}
