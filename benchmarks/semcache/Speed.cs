using System.Diagnostics;
using Gateway.Contracts.Cache;
using Gateway.Embeddings;
using Gateway.SemanticCache.Storing;
using Gateway.SemanticCache.Storing.Embedded;
using Gateway.SemanticMatching.Questions;
using Gateway.SemanticMatching.Scoring;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Benchmarks.SemCache;

/// <summary>What embedding, scanning and verifying cost. Best of several rounds, one thread.</summary>
internal static class Speed
{
    private const int Dimensions = MiniLmEmbeddingGenerator.Dimensions;

    public static async Task RunAsync(int entries)
    {
        using var model = new MiniLmEmbeddingGenerator();
        model.Load();
        var vector = new float[Dimensions];
        var sixteen = "how can i change the language of the settings page on my new phone";
        var many = string.Join(' ', Enumerable.Repeat("the report says that costs grew in the last year because of rent and", 10));
        Time("embedding, 16 tokens", 50, () => model.Embed(sixteen, vector));
        var long128 = many[..Cut(model, many, 128)];
        Time("embedding, 128 tokens", 10, () => model.Embed(long128, vector));
        var (a, b) = (QuestionText.Read("How do I reset my password?"), QuestionText.Read("How can I reset the password of my account?"));
        var other = new float[Dimensions];
        model.Embed("How can I reset the password of my account?", other);
        Time("second look at a pair", 2000, () => SameAnswerModel.Default.LogOdds(a, b, 0.9f, vector, other));
        Time("reading a question", 2000, () => QuestionText.Read("How can I reset the password of my account?"));
        await LookupsAsync("100,000 entries, 1 partition", 100_000, 1);
        await LookupsAsync($"{entries:N0} entries, 1,000 partitions", entries, 1000);
    }

    private static async Task LookupsAsync(string name, int entries, int partitions)
    {
        var folder = Directory.CreateTempSubdirectory("semcache-speed").FullName;
        try
        {
            var before = GC.GetTotalMemory(forceFullCollection: true);
            await using var store = new EmbeddedStore(folder, new EntryCodec(null), 4L << 30, 64L << 30, TimeProvider.System, NullLogger<EmbeddedStore>.Instance);
            var random = new Random(1);
            var spaces = Enumerable.Range(0, partitions).Select(p => EntryIds.Space($"p{p}", "bench", Dimensions, "")).ToArray();
            var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < entries; i++)
            {
                await store.PutAsync(Entry(i, $"p{i % partitions}", spaces[i % partitions], random, now), [], CancellationToken.None);
            }

            var took = Stopwatch.GetElapsedTime(start);
            var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
            Console.WriteLine($"{name}: stored at {entries / took.TotalSeconds:N0}/s; {(double)grown / entries:0} bytes of memory an entry, {(double)(await store.SizeAsync(default)).MemoryBytes / entries:0} by the store's own count");
            var questions = Enumerable.Range(0, 64).Select(_ => Unit(random)).ToArray();
            var times = new List<double>();
            for (var i = 0; i < 640; i++)
            {
                var at = Stopwatch.GetTimestamp();
                await store.NearestAsync(spaces[i % partitions], questions[i % questions.Length], 4, CancellationToken.None);
                times.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
            }

            times.Sort();
            Console.WriteLine($"{"",-4}nearest 4, exactly scored: p50 {times[320]:0.000} ms, p99 {times[633]:0.000} ms");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static CacheEntry Entry(int i, string partition, Guid space, Random random, long now) => new()
    {
        Id = EntryIds.Entry(partition, $"question number {i}"),
        Partition = partition,
        Space = space,
        Embedding = "bench",
        Text = $"question number {i}",
        Facts = new CacheEntryFacts { Route = "r", Model = "m" },
        Answer = new CacheAnswer { Body = new byte[64] },
        StoredAt = now,
        ExpiresAt = now + 100_000,
        GoneAt = now + 100_000,
        Vector = Unit(random),
    };

    private static float[] Unit(Random random)
    {
        var vector = new float[Dimensions];
        for (var i = 0; i < vector.Length; i++)
        {
            vector[i] = random.NextSingle() - 0.5f;
        }

        var norm = System.Numerics.Tensors.TensorPrimitives.Norm<float>(vector);
        System.Numerics.Tensors.TensorPrimitives.Divide(vector, norm, vector);
        return vector;
    }

    private static int Cut(MiniLmEmbeddingGenerator model, string text, int tokens)
    {
        var length = text.Length;
        var buffer = new int[512];
        while (model.Tokenizer.Tokenize(text.AsSpan(0, length), buffer).Count > tokens)
        {
            length -= 4;
        }

        return length;
    }

    private static void Time(string name, int times, Action action)
    {
        var best = double.MaxValue;
        for (var round = 0; round < 7; round++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < times; i++)
            {
                action();
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMilliseconds / times);
        }

        Console.WriteLine($"{name,-30}{best,10:0.0000} ms");
    }
}
