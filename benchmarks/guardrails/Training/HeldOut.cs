using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>What models say of examples that were not among those they learnt from.</summary>
internal static class HeldOut
{
    // Turns in which whole sources of the open sets are held out, then those of our own families, then those of texts of known sources.
    private const int OfSources = 5;
    private const int OfOwn = 5;
    private const int OfTexts = 5;

    private const int Neighbours = 7;

    /// <summary>Whole sources held out: how an attack of a kind that nobody showed the model fares.</summary>
    public static HeldOutScore[] Sources(IReadOnlyList<ReadExample> read, string? keep)
    {
        var turns = Turns(read);
        return Kept(read, keep, "sources", () => Scores(read, OfSources + OfOwn, (e, i) => InjectionTraining.IsSplit(e.Example.Family) ? PartOf(i, OfSources + OfOwn) : turns[InjectionTraining.HeldWith(e.Example.Family)]));
    }

    /// <summary>Texts of the open sets held out, neighbours of a file together, with the rest of their source known: how another text of a known kind fares. Our own examples have no scores.</summary>
    public static HeldOutScore[] Texts(IReadOnlyList<ReadExample> read, string? keep) =>
        Kept(read, keep, "texts", () => Scores(read, OfTexts, static (e, i) => e.Example.IsOwn ? -1 : PartOf(i, OfTexts)));

    /// <summary>The part that an example belongs to by its place in its file, with its neighbours, which are often alike.</summary>
    public static int PartOf(int index, int parts) => index / Neighbours % parts;

    private static HeldOutScore[] Scores(IReadOnlyList<ReadExample> read, int turns, Func<ReadExample, int, int> turnOf)
    {
        var scores = read.Select(static r => new HeldOutScore(r.Example, [])).ToArray();
        Parallel.For(0, turns, new ParallelOptions { MaxDegreeOfParallelism = 2 }, turn =>
        {
            var fit = InjectionFit.To([.. read.Where((e, i) => turnOf(e, i) != turn)]);
            for (var i = 0; i < read.Count; i++)
            {
                if (turnOf(read[i], i) == turn)
                {
                    scores[i] = new HeldOutScore(read[i].Example, fit.Score(read[i]));
                }
            }
        });
        return scores;
    }

    // The largest families first, each to the turn that has the fewest, so that turns are alike.
    private static Dictionary<string, int> Turns(IReadOnlyList<ReadExample> read)
    {
        var turns = new Dictionary<string, int>(StringComparer.Ordinal);
        var load = new int[OfSources + OfOwn];
        foreach (var family in read.Where(static r => !InjectionTraining.IsSplit(r.Example.Family)).GroupBy(static r => InjectionTraining.HeldWith(r.Example.Family)).OrderByDescending(static g => g.Count()).ThenBy(static g => g.Key, StringComparer.Ordinal))
        {
            var (from, count) = family.First().Example.IsOwn ? (OfSources, OfOwn) : (0, OfSources);
            var turn = Enumerable.Range(from, count).MinBy(t => load[t]);
            turns[family.Key] = turn;
            load[turn] += family.Count();
        }

        return turns;
    }

    // Minutes of two cores: what belongs to the same examples may be kept in a folder and taken from there.
    private static HeldOutScore[] Kept(IReadOnlyList<ReadExample> read, string? keep, string name, Func<HeldOutScore[]> make)
    {
        if (keep is null)
        {
            return make();
        }

        var path = Path.Combine(keep, $"held-{name}-{Digest(read)}.bin");
        if (File.Exists(path))
        {
            using var from = new BinaryReader(File.OpenRead(path));
            return [.. read.Select(r => new HeldOutScore(r.Example, [.. Enumerable.Range(0, from.ReadInt32()).Select(_ => ReadLogits(from))]))];
        }

        var scores = make();
        Directory.CreateDirectory(keep);
        using var to = new BinaryWriter(File.Create(path));
        foreach (var score in scores)
        {
            to.Write(score.Windows.Count);
            foreach (var window in score.Windows)
            {
                to.Write(window.Window);
                to.Write(window.Frame);
                to.Write(window.Best);
                to.Write(window.Second);
                to.Write(window.Mean);
                to.Write(window.Sentences);
                to.Write(window.IsLayer);
            }
        }

        return scores;
    }

    private static WindowLogits ReadLogits(BinaryReader from) => new(from.ReadSingle(), from.ReadSingle(), from.ReadSingle(), from.ReadSingle(), from.ReadSingle(), from.ReadInt32(), from.ReadBoolean());

    private static string Digest(IReadOnlyList<ReadExample> read)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var example in read)
        {
            hash.AppendData(MemoryMarshal.AsBytes<char>(example.Example.Family));
            hash.AppendData(MemoryMarshal.AsBytes<char>(example.Example.Text));
            foreach (var window in example.Windows)
            {
                hash.AppendData(MemoryMarshal.AsBytes<int>(window.Window.Keys));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }
}
