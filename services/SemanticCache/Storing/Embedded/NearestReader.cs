using System.Numerics.Tensors;

namespace Gateway.SemanticCache.Storing.Embedded;

/// <summary>Finds the nearest entries: candidates by their coarse vectors in memory, then exactly by those on disk.</summary>
internal sealed class NearestReader(EntryCodec codec)
{
    // A code is off by half a step at most. Summed up over a vector that is a few ten-thousandths of a cosine; this is many times that.
    private const float CoarseError = 0.01f;

    // So that order by coarse cosines costs none of those that are wanted.
    private const int Spare = 2;

    /// <summary>Candidates by coarse cosines.</summary>
    public IReadOnlyList<(EntryRecord Entry, float Cosine)> Scan(SpaceIndex index, float[] vector, int count, float least, long now)
        => index.Nearest(vector, count + Spare, least - CoarseError, now);

    /// <summary>The best of the candidates, exactly scored, best first. Reads files on this thread.</summary>
    public IReadOnlyList<Candidate> Read(IReadOnlyList<(EntryRecord Entry, float Cosine)> candidates, float[] vector, int count, float least)
    {
        var found = new List<Candidate>(candidates.Count);
        foreach (var (record, coarse) in candidates)
        {
            // What follows is no nearer than this one can be: it is not worth reading.
            if (found.Count >= count && found.OrderByDescending(static c => c.Cosine).ElementAt(count - 1).Cosine > coarse + CoarseError)
            {
                break;
            }

            if (Read(record) is { } entry && entry.Space == record.Space.Space && entry.Vector.Length == vector.Length)
            {
                var cosine = Math.Clamp(TensorPrimitives.Dot<float>(vector, entry.Vector), -1, 1);
                if (cosine >= least)
                {
                    found.Add(new Candidate(entry, cosine));
                }
            }
        }

        found.Sort(static (a, b) => b.Cosine.CompareTo(a.Cosine));
        return found.Count > count ? found[..count] : found;
    }

    private CacheEntry? Read(EntryRecord record)
    {
        try
        {
            // A record that moved meanwhile is read where it lies now.
            for (var attempt = 0; attempt < 2; attempt++)
            {
                if (record.Segment.Read(record.Offset, record.Length) is { } bytes)
                {
                    return codec.Read(bytes, out _) is { } entry && entry.Id == record.Id ? entry : null;
                }
            }

            return null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
