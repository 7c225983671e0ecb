using System.Runtime.InteropServices;

namespace Gateway.Governance.Usage.Aggregates;

/// <summary>A histogram of durations and of waits for the first byte. Few of its bins are used, so they are a list and no table.</summary>
internal sealed class LatencyCounts
{
    private readonly List<(int Bin, long Durations, long FirstBytes)> _bins = [];

    /// <summary>The bins that have something in them.</summary>
    public IReadOnlyList<(int Bin, long Durations, long FirstBytes)> Bins => _bins;

    public void Add(int bin, long durations, long firstBytes)
    {
        foreach (ref var had in CollectionsMarshal.AsSpan(_bins))
        {
            if (had.Bin == bin)
            {
                had.Durations += durations;
                had.FirstBytes += firstBytes;
                return;
            }
        }

        _bins.Add((bin, durations, firstBytes));
    }

    public void Add(LatencyCounts other)
    {
        foreach (var (bin, durations, firstBytes) in other.Bins)
        {
            Add(bin, durations, firstBytes);
        }
    }
}
