using System.Numerics.Tensors;
using Gateway.Embeddings;
using Gateway.Guardrails.Engine.Injection;

namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>Puts English words into groups, and those into fields, by the encoder's vector of each word alone (k-means by angle), always the same.</summary>
internal static class WordGroupMaking
{
    private const int Groups = 640;
    private const int Fields = 120;
    private const int Rounds = 14;
    private const int Dimensions = MiniLmEmbeddingGenerator.Dimensions;

    // Words that every sentence has say nothing by their meaning.
    private static readonly HashSet<string> _everywhere = new(
        "the and for are but not you all any can had her was one our out has him his how man its who did yes she too use that with have this will your from they know want been much some time very when come here just like long make many more only over such take than them well were what would there their which about could other these those then also into because should while where does after before being between both each during under until upon why his hers ours yours theirs them himself itself myself yourself herself".Split(' '),
        StringComparer.Ordinal);

    public static QualityTable? Run(Options options)
    {
        var encoder = new MiniLmEmbeddingGenerator(maxTokens: 16);
        encoder.Load();
        var words = Words().ToArray();
        var vectors = new float[words.Length][];
        Parallel.For(0, words.Length, new ParallelOptions { MaxDegreeOfParallelism = 2 }, i =>
        {
            vectors[i] = new float[Dimensions];
            encoder.Embed(words[i], vectors[i]);
        });
        Centre(vectors);
        var (groups, centres) = Means(vectors, Groups);
        var (fields, _) = Means(centres, Fields);
        var path = Path.Combine(Data.Root, "services", "Shared", "Guardrails.Engine", "Injection", "WordGroups.bin");
        using (var file = File.Create(path))
        {
            WordGroups.Write(
                file, [.. words.Select((w, i) => (w.Aggregate(FeatureKey.HashStart, FeatureKey.Extend), (ushort)(groups[i] + 1))).DistinctBy(static w => w.Item1).OrderBy(static w => w.Item1)],
                [0, .. fields.Select(static f => (byte)(f + 1))]);
        }

        for (var group = 0; group < Math.Min(options.Errors, Groups); group++)
        {
            Console.WriteLine($"{group} ({fields[group]}): {string.Join(' ', words.Where((_, i) => groups[i] == group).Take(24))}");
        }

        Console.WriteLine($"{words.Length} words, {new FileInfo(path).Length / 1024} KB");
        return null;
    }

    // The encoder's own words, and those of the examples that are met more than once.
    private static IEnumerable<string> Words()
    {
        var known = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "minilm", "vocab.txt")).Where(IsWord).ToHashSet(StringComparer.Ordinal);
        var met = OpenSets.All().Concat(OwnExamples.All())
            .SelectMany(static e => e.Text.ToLowerInvariant().Split([' ', '\n', '\t', '.', ',', ';', ':', '!', '?', '"', '\'', '(', ')', '/', '-', '<', '>', '[', ']', '*', '_', '{', '}'], StringSplitOptions.RemoveEmptyEntries).Distinct())
            .Where(IsWord).GroupBy(static w => w).Where(static g => g.Count() > 2).Select(static g => g.Key);
        return known.Concat(met).Distinct().Order(StringComparer.Ordinal);
    }

    private static bool IsWord(string word) => word.Length is >= 3 and <= 18 && word.All(char.IsAsciiLetterLower) && !_everywhere.Contains(word);

    // All vectors share a direction that says nothing.
    private static void Centre(float[][] vectors)
    {
        var mean = new float[Dimensions];
        foreach (var vector in vectors)
        {
            TensorPrimitives.Add(mean, vector, mean);
        }

        TensorPrimitives.Divide(mean, vectors.Length, mean);
        foreach (var vector in vectors)
        {
            TensorPrimitives.Subtract(vector, mean, vector);
            Normalise(vector);
        }
    }

    private static (int[] Of, float[][] Centres) Means(float[][] vectors, int count)
    {
        var random = new Random(3);
        var centres = Enumerable.Range(0, vectors.Length).OrderBy(_ => random.Next()).Take(count).Select(i => (float[])vectors[i].Clone()).ToArray();
        var of = new int[vectors.Length];
        for (var round = 0; round < Rounds; round++)
        {
            Parallel.For(0, vectors.Length, new ParallelOptions { MaxDegreeOfParallelism = 2 }, i =>
            {
                var best = float.MinValue;
                for (var c = 0; c < centres.Length; c++)
                {
                    var near = TensorPrimitives.Dot<float>(vectors[i], centres[c]);
                    (best, of[i]) = near > best ? (near, c) : (best, of[i]);
                }
            });
            var sums = centres.Select(static _ => new float[Dimensions]).ToArray();
            for (var i = 0; i < vectors.Length; i++)
            {
                TensorPrimitives.Add(sums[of[i]], vectors[i], sums[of[i]]);
            }

            for (var c = 0; c < centres.Length; c++)
            {
                if (TensorPrimitives.Norm<float>(sums[c]) > 0)
                {
                    Normalise(sums[c]);
                    centres[c] = sums[c];
                }
            }
        }

        return (of, centres);
    }

    private static void Normalise(Span<float> vector) => TensorPrimitives.Divide(vector, MathF.Max(1e-6f, TensorPrimitives.Norm<float>(vector)), vector);
}
