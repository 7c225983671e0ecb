using System.Diagnostics;
using System.Runtime.Intrinsics.X86;
using Gateway.Contracts.Cache;
using Gateway.Embeddings;
using Gateway.SemanticCache.Deciding;
using Gateway.SemanticCache.Embedding;
using Gateway.SemanticCache.Hosting;
using Gateway.SemanticCache.Storing;
using Gateway.SemanticCache.Storing.Embedded;
using Gateway.SemanticMatching.Questions;
using Gateway.SemanticMatching.Scoring;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Benchmarks.SemCache;

/// <summary>What embedding, scanning and verifying cost on one thread: the table of benchmarks/results/semcache-speed.txt.</summary>
internal sealed class Speed(SpeedReport report)
{
    private const int Dimensions = MiniLmEmbeddingGenerator.Dimensions;
    private const string Five = "reset my password";
    private const string Sixteen = "how can i change the language of the settings page on my new phone";

    public static async Task RunAsync(int entries, string? save)
    {
        var report = new SpeedReport();
        report.Line($"Semantic cache: speed, benchmarks/semcache speed. One thread; best mean of seven rounds, or p50 and p99 of single calls.");
        report.Line($"{Environment.ProcessorCount} processors, {(Avx512BW.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : "no AVX2")}; load average {SpeedReport.Load()}");
        var speed = new Speed(report);

        // First, while nothing else is in memory that could go meanwhile.
        await speed.LookupsAsync("100,000 entries in 1 partition", 100_000, 1, 5);
        await speed.LookupsAsync($"{entries:N0} entries in 1,000 partitions", entries, 1000, 0.2);
        speed.Embedding();
        await speed.PartitionsAsync();
        report.Line($"load average at the end {SpeedReport.Load()}");
        report.Save(save);
    }

    private void Embedding()
    {
        using var model = new MiniLmEmbeddingGenerator();
        model.Load();
        var vector = new float[Dimensions];
        var text = string.Join(' ', Enumerable.Repeat("the report says that costs grew in the last year because of rent and", 10));
        report.Line("");
        report.Time("embedding, 16 tokens", "8 ms", 50, () => model.Embed(Sixteen, vector));
        var long128 = text[..Cut(model, text, 128)];
        report.Time("embedding, 128 tokens", "60 ms", 10, () => model.Embed(long128, vector));
        report.Time("embedding, 5 tokens", "", 50, () => model.Embed(Five, vector));
        foreach (var (count, tokens, one) in new[] { (16, 5, Five), (4, 16, Sixteen), (16, 16, Sixteen), (4, 128, long128) })
        {
            string[] many = [.. Enumerable.Repeat(one, count)];
            report.Time($"a text of {tokens} tokens in a batch of {count}", "below one alone", 10, () => model.GenerateAsync(many).GetAwaiter().GetResult(), count);
        }

        var (a, b) = (QuestionText.Read("How do I reset my password?"), QuestionText.Read("How can I reset the password of my account?"));
        var other = new float[Dimensions];
        model.Embed("How can I reset the password of my account?", other);
        report.Time("reading a question", "", 2000, () => QuestionText.Read("How can I reset the password of my account?"));
        report.Time("telling its language", "", 2000, () => Languages.NotEnglish("Tell me how I can reset the password of my account?"));
        report.Time("second look at a pair", "", 2000, () => SameAnswerModel.Default.LogOdds(a, b, 0.9f, vector, other));
    }

    /// <summary>Whole look-ups of the service that need no embedding.</summary>
    private async Task PartitionsAsync()
    {
        var folder = Directory.CreateTempSubdirectory("semcache-speed").FullName;
        try
        {
            using var model = new MiniLmEmbeddingGenerator();
            model.Load();
            using var meters = new Meters();
            using var queue = new WorkQueue(1, 128);
            var options = new CacheOptions
            {
                Directory = folder, Store = "embedded", Answers = "qdrant", MemoryBytes = 256 << 20, DiskBytes = 4L << 30, MaxAnswerBytes = 1 << 20, Workers = 1, QueueLength = 128,
                Encrypt = false, StoreTimeoutMilliseconds = 1000,
            };
            await using var book = new EvidenceBook(folder, TimeProvider.System, NullLogger<EvidenceBook>.Instance);
            await using var store = new EmbeddedStore(folder, new EntryCodec(null), options.MemoryBytes, options.DiskBytes, TimeProvider.System, NullLogger<EmbeddedStore>.Instance, queue);
            var source = new BuiltInSource(model, queue);
            var counters = new CacheCounters(meters, book);
            var service = new SemanticCacheService(
                store, source, book, new LookupMemory(TimeProvider.System), new Decider(source, TimeProvider.System), counters, options, TimeProvider.System, NullLogger<SemanticCacheService>.Instance);
            var (empty, filtered) = (new string('a', 64), new string('b', 64));
            foreach (var word in Enumerable.Range(0, 60).Select(static i => $"{(char)('a' + (i % 26))}{(char)('a' + (i / 26))}"))
            {
                await service.StoreAsync(
                    new CacheStoreRequest { Partition = filtered, Text = $"Where does {word}xyl live?", TtlSeconds = 86_400, Answer = new CacheAnswer { Body = new byte[64] } }, CancellationToken.None);
            }

            var embedded = counters.Texts;
            foreach (var (name, partition) in new[] { ("look-up in an empty partition", empty), ("look-up in one of 60 entries that is ruled out", filtered) })
            {
                var request = new CacheLookupRequest { Partition = partition, Text = Sixteen, BudgetMilliseconds = 1000 };
                report.Time(name, "no embedding", 2000, () => service.LookupAsync(request, CancellationToken.None).GetAwaiter().GetResult());
            }

            report.Line($"{"texts embedded by these",-48}{counters.Texts - embedded,10}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task LookupsAsync(string name, int entries, int partitions, double aim)
    {
        var folder = Directory.CreateTempSubdirectory("semcache-speed").FullName;
        try
        {
            var before = GC.GetTotalMemory(forceFullCollection: true);
            await using var store = new EmbeddedStore(folder, new EntryCodec(null), 4L << 30, 64L << 30, TimeProvider.System, NullLogger<EmbeddedStore>.Instance);
            var random = new Random(1);
            var spaces = Enumerable.Range(0, partitions).Select(p => EntryIds.Space($"p{p}", "bench", Dimensions, "")).ToArray();

            // Entries lie around centres, twenty each: a question near one has neighbours that must be read and scored.
            var centres = Enumerable.Range(0, Math.Max(1, entries / partitions / 20)).Select(_ => Unit(random, null)).ToArray();
            var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < entries; i++)
            {
                var entry = Entry(i, $"p{i % partitions}", spaces[i % partitions], Unit(random, centres[i / partitions % centres.Length]), now);
                await store.PutAsync(entry, [], CancellationToken.None);
            }

            var took = Stopwatch.GetElapsedTime(start);
            var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
            report.Line("");
            report.Line($"{name}: stored at {entries / took.TotalSeconds:N0}/s; memory {(double)grown / entries:0} bytes a vector, all included, {(double)(await store.SizeAsync(default)).MemoryBytes / entries:0} by the store's own count");
            var near = Enumerable.Range(0, 64).Select(i => Unit(random, centres[i % centres.Length])).ToArray();
            var far = Enumerable.Range(0, 64).Select(_ => Unit(random, null)).ToArray();
            foreach (var (kind, questions) in new[] { ("four neighbours, read and exactly scored", near), ("nothing near", far) })
            {
                var times = new List<double>();
                for (var i = 0; i < 1280; i++)
                {
                    var at = Stopwatch.GetTimestamp();
                    await store.NearestAsync(spaces[i * 7 % partitions], questions[i % questions.Length], 4, Decider.LeastCosine, CancellationToken.None);
                    times.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
                }

                // The first calls are compiled anew.
                times.RemoveRange(0, 256);
                times.Sort();
                report.Line($"  {kind,-46}p50 {times[times.Count / 2],7:0.000} ms, p99 {times[times.Count * 99 / 100],7:0.000} ms   aim {aim} ms");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static CacheEntry Entry(int i, string partition, Guid space, float[] vector, long now) => new()
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
        Vector = vector,
    };

    /// <summary>A unit vector of any direction, or one near a centre.</summary>
    private static float[] Unit(Random random, float[]? centre)
    {
        var vector = new float[Dimensions];
        for (var i = 0; i < vector.Length; i++)
        {
            // Noise of seven tenths of the centre's length: neighbours of one centre have a cosine of some two thirds.
            vector[i] = centre is null ? random.NextSingle() - 0.5f : centre[i] + ((random.NextSingle() - 0.5f) * 0.7f * MathF.Sqrt(12f / Dimensions));
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
}
