using System.Buffers;

namespace Gateway.Tokenizers;

/// <summary>
/// Merges the bytes of one piece pair by pair, the lowest rank first. Short pieces by looking through all pairs, long ones with a heap: n log n, so that a megabyte of one
/// letter costs what a megabyte of text costs, within a small factor.
/// </summary>
internal static class PairMerger
{
    // Below it the look through all pairs is faster than keeping a heap.
    private const int ShortPiece = 96;

    /// <summary>The tokens of a piece.</summary>
    /// <param name="ranks">The encoding.</param>
    /// <param name="piece">Bytes that no token reaches beyond.</param>
    /// <param name="ids">Takes the tokens, or null to count only.</param>
    public static int Merge(BpeRanks ranks, ReadOnlySpan<byte> piece, List<int>? ids)
    {
        if (piece.Length == 0)
        {
            return 0;
        }

        var whole = ranks.Find(piece);
        if (whole != BpeRanks.None)
        {
            ids?.Add(whole);
            return 1;
        }

        return piece.Length <= ShortPiece ? MergeShort(ranks, piece, ids) : MergeLong(ranks, piece, ids);
    }

    private static int MergeShort(BpeRanks ranks, ReadOnlySpan<byte> piece, List<int>? ids)
    {
        // Part i reaches from starts[i] to starts[i + 1]; pairs[i] is the rank of it with the next.
        Span<int> starts = stackalloc int[ShortPiece + 1];
        Span<int> pairs = stackalloc int[ShortPiece + 1];
        var count = piece.Length;
        for (var i = 0; i <= count; i++)
        {
            starts[i] = i;
            pairs[i] = i + 2 <= count ? ranks.Find(piece.Slice(i, 2)) : BpeRanks.None;
        }

        while (count > 1)
        {
            var (at, lowest) = (-1, BpeRanks.None);
            for (var i = 0; i < count - 1; i++)
            {
                if (pairs[i] < lowest)
                {
                    (at, lowest) = (i, pairs[i]);
                }
            }

            if (at < 0)
            {
                break;
            }

            starts[(at + 2)..(count + 1)].CopyTo(starts[(at + 1)..]);
            pairs[(at + 2)..(count + 1)].CopyTo(pairs[(at + 1)..]);
            count--;
            pairs[at] = at + 2 <= count ? ranks.Find(piece[starts[at]..starts[at + 2]]) : BpeRanks.None;
            if (at > 0)
            {
                pairs[at - 1] = ranks.Find(piece[starts[at - 1]..starts[at + 1]]);
            }
        }

        for (var i = 0; ids is not null && i < count; i++)
        {
            ids.Add(ranks.Find(piece[starts[i]..starts[i + 1]]));
        }

        return count;
    }

    private static int MergeLong(BpeRanks ranks, ReadOnlySpan<byte> piece, List<int>? ids)
    {
        var n = piece.Length;
        var links = ArrayPool<int>.Shared.Rent(3 * (n + 1));
        // Every merge adds at most two pairs to those of the beginning.
        var heap = ArrayPool<long>.Shared.Rent(3 * n);
        try
        {
            var next = links.AsSpan(0, n + 1);
            var before = links.AsSpan(n + 1, n + 1);
            var pairs = links.AsSpan(2 * (n + 1), n + 1);
            var queue = new PairQueue(heap);
            for (var i = 0; i <= n; i++)
            {
                (next[i], before[i]) = (i + 1, i - 1);
                pairs[i] = i + 2 <= n ? ranks.Find(piece.Slice(i, 2)) : BpeRanks.None;
                if (pairs[i] != BpeRanks.None)
                {
                    queue.Append(pairs[i], i);
                }
            }

            queue.Order();
            var count = n;
            while (queue.TryTake(out var rank, out var at))
            {
                if (pairs[at] != rank)
                {
                    // One of its parts was merged with another meanwhile.
                    continue;
                }

                var gone = next[at];
                next[at] = next[gone];
                before[next[at]] = at;
                pairs[gone] = BpeRanks.None;
                count--;
                pairs[at] = Pair(ranks, piece, next, at);
                queue.Add(pairs[at], at);
                if (before[at] is var left and >= 0)
                {
                    pairs[left] = Pair(ranks, piece, next, left);
                    queue.Add(pairs[left], left);
                }
            }

            for (var i = 0; ids is not null && i < n; i = next[i])
            {
                ids.Add(ranks.Find(piece[i..next[i]]));
            }

            return count;
        }
        finally
        {
            ArrayPool<int>.Shared.Return(links);
            ArrayPool<long>.Shared.Return(heap);
        }
    }

    private static int Pair(BpeRanks ranks, ReadOnlySpan<byte> piece, ReadOnlySpan<int> next, int at) =>
        next[at] >= piece.Length ? BpeRanks.None : ranks.Find(piece[at..next[next[at]]]);
}
