using System.Diagnostics.Metrics;
using Gateway.Benchmarks.SemCache.Data;
using Gateway.Contracts.Cache;
using Gateway.SemanticCache.Deciding;
using Gateway.SemanticCache.Embedding;
using Gateway.SemanticCache.Hosting;
using Gateway.SemanticCache.Storing;
using Gateway.SemanticCache.Storing.Embedded;
using Gateway.SemanticMatching.Questions;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Benchmarks.SemCache;

/// <summary>
/// A day of three tenants, through the service's own classes: questions by Zipf's law from the test half, asked in any of their wordings, some with other case or
/// without their question mark. Pairs that are labelled different are there as traps. An answer is right when people said that the two questions are the same.
/// </summary>
internal static class Simulation
{
    private const int Tenants = 3;
    private const long CostNano = 2_000_000;

    public static async Task RunAsync(PairSet pairs, int requests, double? only)
    {
        var concepts = Concepts(pairs.Test);
        Console.WriteLine($"{requests} requests of {Tenants} tenants; {concepts.Count} questions in {concepts.Sum(static c => c.Count)} wordings; every request would cost {CostNano / 1e9:0.0000} $");
        Console.WriteLine();
        Console.WriteLine($"{"mode",-22}{"bound",7}{"same text",11}{"by meaning",12}{"wrong/look-up",15}{"worst tenant",14}{"of hits",9}   {"measured (95 %)",-26}{"over bound",11}{"saved $",10}{"of all",8}");
        foreach (var bound in only is { } one ? [one] : new[] { 0.005, 0.01, 0.02 })
        {
            await DayAsync(concepts, pairs, requests, new CacheMatchPolicy { MaxWrongHitRate = bound });
        }

        foreach (var threshold in only is null ? [0.9, 0.95] : Array.Empty<double>())
        {
            await DayAsync(concepts, pairs, requests, new CacheMatchPolicy { Mode = CacheMatchMode.Threshold, Threshold = threshold });
        }
    }

    private static async Task DayAsync(IReadOnlyList<IReadOnlyList<string>> concepts, PairSet pairs, int requests, CacheMatchPolicy policy)
    {
        var folder = Directory.CreateTempSubdirectory("semcache-day").FullName;
        var clock = new DayClock();
        using var meters = new Meters();
        var options = new CacheOptions
        {
            Directory = folder, Store = "embedded", Answers = "qdrant", MemoryBytes = 256 << 20, DiskBytes = 4L << 30, MaxAnswerBytes = 1 << 20, Workers = 1, QueueLength = 100,
            Encrypt = false, StoreTimeoutMilliseconds = 1000,
        };
        var book = new EvidenceBook(folder, clock, NullLogger<EvidenceBook>.Instance);
        await book.LoadAsync(CancellationToken.None);
        await using var store = new EmbeddedStore(folder, new EntryCodec(null), options.MemoryBytes, options.DiskBytes, clock, NullLogger<EmbeddedStore>.Instance);
        var source = new KnownVectors(pairs);
        var service = new SemanticCacheService(
            store, source, book, new LookupMemory(clock), new Decider(source, clock), new CacheCounters(meters, book), options, clock, NullLogger<SemanticCacheService>.Instance);
        var comparer = new AnswerComparer(source);
        var random = new Random(5);
        var orders = Enumerable.Range(0, Tenants).Select(_ => Enumerable.Range(0, concepts.Count).OrderBy(_ => random.Next()).ToArray()).ToArray();
        var zipf = Zipf(concepts.Count);
        var wrong = new int[Tenants];
        var lookups = new int[Tenants];
        var (sameText, byMeaning, overBound) = (0, 0, 0);
        for (var i = 0; i < requests; i++)
        {
            clock.Now += TimeSpan.FromSeconds(86_400.0 / requests);
            var tenant = i % Tenants;
            var concept = orders[tenant][Draw(zipf, random)];
            var text = Vary(concepts[concept][random.Next(concepts[concept].Count)], random);
            var partition = new string((char)('a' + tenant), 64);
            var answer = $"This is the answer to question number {concept}.";
            var found = await service.LookupAsync(new CacheLookupRequest { Partition = partition, Text = text, Policy = policy, BudgetMilliseconds = 60_000 }, CancellationToken.None);
            lookups[tenant]++;
            if (found.Outcome == CacheOutcome.Hit)
            {
                sameText += found.Reason == CacheReasons.SameText ? 1 : 0;
                byMeaning += found.Reason == CacheReasons.SameText ? 0 : 1;
                wrong[tenant] += found.Answer!.Text == answer ? 0 : 1;
            }
            else
            {
                overBound += found.Reason == CacheReasons.OverBound ? 1 : 0;
            }

            if (found.Verify)
            {
                await service.ObserveAsync(new CacheObserveRequest { LookupId = found.LookupId!, AnswerText = answer }, comparer, CancellationToken.None);
            }

            if (found.Outcome != CacheOutcome.Hit)
            {
                await service.StoreAsync(
                    new CacheStoreRequest
                    {
                        Partition = partition, Text = text, LookupId = found.LookupId, TtlSeconds = 86_400,
                        Answer = new CacheAnswer { Body = [1], Text = answer, CostNano = CostNano },
                    },
                    CancellationToken.None);
            }
        }

        var (hits, all) = (sameText + byMeaning, CacheCounters.All(book));
        var name = policy.Mode == CacheMatchMode.Learned ? "learnt" : $"static cosine {policy.Threshold:0.00}";
        Console.WriteLine(
            $"{name,-22}{(policy.Mode == CacheMatchMode.Learned ? $"{policy.MaxWrongHitRate:0.0%}" : "-"),7}{(double)sameText / requests,11:0.0%}{(double)byMeaning / requests,12:0.0%}"
            + $"{(double)wrong.Sum() / requests,15:0.00%}{wrong.Select((w, t) => (double)w / lookups[t]).Max(),14:0.00%}{(double)wrong.Sum() / Math.Max(1, hits),9:0.0%}   "
            + $"{$"{all.Rate:0.00%} ({all.Low:0.00%} to {all.High:0.00%})",-26}{overBound,11}{hits * CostNano / 1e9,10:0.00}{(double)hits / requests,8:0%}");
        await book.DisposeAsync();
        await store.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Texts that were said to be the same, directly or over others, are one question.</summary>
    private static List<IReadOnlyList<string>> Concepts(IReadOnlyList<QuestionPair> pairs)
    {
        var parent = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in pairs)
        {
            var (a, b) = (Root(pair.A), Root(pair.B));
            if (pair.Same)
            {
                parent[a] = b;
            }
        }

        return [.. parent.Keys.ToList().GroupBy(Root, StringComparer.Ordinal).Select(static g => (IReadOnlyList<string>)[.. g]).OrderBy(static g => g[0], StringComparer.Ordinal)];

        string Root(string text)
        {
            while (parent.TryGetValue(text, out var next) && !string.Equals(next, text, StringComparison.Ordinal))
            {
                text = next;
            }

            return parent[text] = text;
        }
    }

    private static string Vary(string text, Random random) => random.Next(10) switch
    {
        0 => text.ToLowerInvariant(),
        1 => text.TrimEnd('?', ' '),
        _ => text,
    };

    private static double[] Zipf(int count)
    {
        var sums = new double[count];
        var sum = 0.0;
        for (var i = 0; i < count; i++)
        {
            sums[i] = sum += 1.0 / (i + 1);
        }

        return sums;
    }

    private static int Draw(double[] sums, Random random)
    {
        var at = Array.BinarySearch(sums, random.NextDouble() * sums[^1]);
        return Math.Min(sums.Length - 1, at >= 0 ? at : ~at);
    }

    private sealed class KnownVectors : IEmbeddingSource
    {
        private readonly Dictionary<string, float[]> _vectors = new(StringComparer.Ordinal);

        public KnownVectors(PairSet pairs)
        {
            // The model folds case; only the question mark would move a vector a little.
            foreach (var pair in pairs.Test)
            {
                _vectors[QuestionText.Normalize(pair.A)] = pair.VectorA;
                _vectors[QuestionText.Normalize(pair.B)] = pair.VectorB;
            }
        }

        public string Id => "all-MiniLM-L6-v2";

        public int Dimensions => 384;

        public bool IsBuiltIn => true;

        public string? Obstacle(string text) => null;

        public ValueTask<EmbeddedText> EmbedAsync(string text, CancellationToken cancellationToken)
            => new(_vectors.TryGetValue(QuestionText.Normalize(text), out var vector) ? new EmbeddedText(vector, false) : new EmbeddedText(null, false, CacheReasons.Busy));
    }

    private sealed class DayClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => Now;

        public override long GetTimestamp() => Now.UtcTicks;
    }
}

/// <summary>Meters that nobody listens to.</summary>
internal sealed class Meters : IMeterFactory
{
    public Meter Create(MeterOptions options) => new(options);

    public void Dispose()
    {
    }
}
