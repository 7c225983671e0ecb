using System.Diagnostics.Metrics;
using System.Text;
using Gateway.Contracts.Cache;
using Gateway.SemanticCache.Deciding;
using Gateway.SemanticCache.Embedding;
using Gateway.SemanticCache.Hosting;
using Gateway.SemanticCache.Storing;
using Gateway.SemanticCache.Storing.Embedded;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.SemanticCache.Tests;

/// <summary>With a model to which all texts are the same, so that only the partition keeps answers apart.</summary>
public sealed class IsolationTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("isolation").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task No_answer_leaves_its_partition_or_its_model_whatever_vectors_say(int seed)
    {
        var random = new Random(seed);
        var time = new ManualTime();
        await using var store = new EmbeddedStore(folder, new EntryCodec(null), 1 << 22, 1 << 26, time, NullLogger<EmbeddedStore>.Instance);
        await using var book = new EvidenceBook(folder, time, NullLogger<EvidenceBook>.Instance);
        await book.LoadAsync(Cancel);
        var services = new[] { Service(store, book, time, "one"), Service(store, book, time, "two") };
        var stored = new Dictionary<(string Partition, string Model), HashSet<string>>();
        var hits = 0;
        for (var step = 0; step < 2000; step++)
        {
            var (model, partition) = (random.Next(2), new string((char)('a' + random.Next(6)), 64));
            var text = $"question {(char)('a' + random.Next(26))} of {(char)('a' + random.Next(26))}";
            var key = (partition, model == 0 ? "one" : "two");
            if (random.Next(4) == 0)
            {
                // Of equal questions the partition keeps one answer, whichever model is asked: it is found by its text, not by a vector.
                var body = $"{partition[0]} {step}";
                Assert.True((await services[model].StoreAsync(
                    new CacheStoreRequest { Partition = partition, Text = $"{text} by {key.Item2}", TtlSeconds = 1000, Answer = new CacheAnswer { Body = Encoding.ASCII.GetBytes(body) } }, Cancel)).Stored);
                (stored.TryGetValue(key, out var set) ? set : stored[key] = []).Add(body);
                continue;
            }

            var found = await services[model].LookupAsync(
                new CacheLookupRequest
                {
                    Partition = partition, Text = text, BudgetMilliseconds = 60_000, Policy = new CacheMatchPolicy { Mode = CacheMatchMode.Threshold, Threshold = 0.5 },
                },
                Cancel);
            if (found.Answer is { } answer)
            {
                hits++;
                Assert.Contains(Encoding.ASCII.GetString(answer.Body), stored[key]);
            }
        }

        Assert.True(hits > 1000, $"{hits} hits");
    }

    private static SemanticCacheService Service(IEntryStore store, EvidenceBook book, ManualTime time, string model)
    {
        var source = new AllTheSame(model);
        var options = new CacheOptions
        {
            Directory = "", Store = "embedded", Answers = "qdrant", MemoryBytes = 0, DiskBytes = 0, MaxAnswerBytes = 1000, Workers = 1, QueueLength = 1, Encrypt = false, StoreTimeoutMilliseconds = 1000,
        };
        return new SemanticCacheService(
            store, source, book, new LookupMemory(time), new Decider(source, time), new CacheCounters(new NoMeters(), book), options, time, NullLogger<SemanticCacheService>.Instance);
    }

    private sealed class AllTheSame(string model) : IEmbeddingSource
    {
        public string Id => model;

        public int Dimensions => 32;

        public bool IsBuiltIn => false;

        public string? Obstacle(string text) => null;

        public ValueTask<EmbeddedText> EmbedAsync(string text, CancellationToken cancellationToken)
        {
            var vector = new float[32];
            vector[0] = 1;
            return new ValueTask<EmbeddedText>(new EmbeddedText(vector, false));
        }
    }

    private sealed class NoMeters : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(options);

        public void Dispose()
        {
        }
    }
}
