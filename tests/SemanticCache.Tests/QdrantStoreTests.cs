using System.Text;
using Gateway.Contracts.Cache;
using Gateway.SemanticCache.Storing;
using Gateway.SemanticCache.Storing.Answers;
using Gateway.SemanticCache.Storing.Qdrant;

namespace Gateway.SemanticCache.Tests;

/// <summary>The same behaviour on the fake and, where QDRANT_URL names one, on a real server.</summary>
public abstract class QdrantStoreTests : IAsyncLifetime
{
    private const int Dimensions = 384;
    private readonly ManualTime time = new() { Now = DateTimeOffset.FromUnixTimeSeconds(4_000_000_000) };
    private readonly string model = "test-" + Guid.NewGuid().ToString("N");

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public virtual ValueTask InitializeAsync() => default;

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return default;
    }

    protected abstract Uri Address { get; }

    protected virtual string Key => "";

    [Fact]
    public async Task Entries_are_found_in_their_space_only_by_any_service_and_deleted_by_filter()
    {
        var (store, other) = (Open(), Open());
        Assert.Null(await store.GetAsync(Guid.NewGuid(), Cancel));
        Assert.Empty(await store.NearestAsync(Guid.NewGuid(), Vector(1), 3, -1, Cancel));
        for (var i = 0; i < 12; i++)
        {
            await store.PutAsync(Entry($"question {i}", i % 2, i, key: $"k{i % 3}", tag: i < 4 ? "early" : "late"), [], Cancel);
        }

        var found = await other.NearestAsync(Entry("question 4", 0, 4).Space, Vector(4), 3, -1, Cancel);
        Assert.Equal(3, found.Count);
        Assert.Equal("question 4", found[0].Entry.Text);
        Assert.Equal(1, found[0].Cosine, 4);
        Assert.All(found, static c => Assert.Equal("partition 0", c.Entry.Partition));
        Assert.Equal("answer of question 4", Encoding.UTF8.GetString((await other.GetAsync(Entry("question 4", 0, 4).Id, Cancel))!.Answer.Body));

        await other.PutAsync(Entry("question 4", 0, 4, answer: "a newer one"), [], Cancel);
        Assert.Equal("a newer one", Encoding.UTF8.GetString((await store.GetAsync(Entry("question 4", 0, 4).Id, Cancel))!.Answer.Body));
        Assert.Equal(12, (await store.SizeAsync(Cancel)).Entries);

        var page = await store.ListAsync(new EntryFilter(), null, 5, Cancel);
        var rest = await store.ListAsync(new EntryFilter(), page.Next, 200, Cancel);
        Assert.Equal(12, page.Entries.Concat(rest.Entries).Select(static e => e.Id).Distinct().Count());
        Assert.Equal(4, (await store.ListAsync(new EntryFilter { Tag = "early" }, null, 50, Cancel)).Entries.Count);

        Assert.Equal(4, await store.DeleteAsync(new EntryFilter { Tag = "early" }, Cancel));
        Assert.True(await store.DeleteAsync(Entry("question 5", 1, 5).Id, Cancel));
        Assert.False(await store.DeleteAsync(Entry("question 5", 1, 5).Id, Cancel));
        Assert.Equal(7, await other.DeleteAsync(new EntryFilter(), Cancel));
        Assert.Equal(0, (await other.SizeAsync(Cancel)).Entries);
    }

    [Fact]
    public async Task What_expired_is_not_given_and_then_removed()
    {
        var store = Open();
        await store.PutAsync(Entry("short", 0, 1, seconds: 10), [], Cancel);
        time.Now += TimeSpan.FromSeconds(11);
        Assert.Null(await store.GetAsync(Entry("short", 0, 1).Id, Cancel));
        Assert.Empty(await store.NearestAsync(Entry("short", 0, 1).Space, Vector(1), 1, -1, Cancel));
        await store.SweepAsync(Cancel);
        Assert.Equal(0, (await store.SizeAsync(Cancel)).Entries);
    }

    [Fact]
    public async Task A_vector_that_cannot_be_is_never_sent()
    {
        var store = Open();
        await Assert.ThrowsAsync<StoreFault>(async () => await store.PutAsync(Entry("a", 0, 1) with { Vector = new float[7] }, [], Cancel));
        var infinite = Vector(1);
        infinite[3] = float.PositiveInfinity;
        await Assert.ThrowsAsync<StoreFault>(async () => await store.PutAsync(Entry("a", 0, 1) with { Vector = infinite }, [], Cancel));
        await Assert.ThrowsAsync<StoreFault>(async () => await store.NearestAsync(Guid.NewGuid(), infinite, 1, -1, Cancel));
    }

    private protected QdrantStore Open(int timeout = 20_000, IAnswerStore? answers = null)
    {
        var http = new HttpClient(QdrantClient.Handler()) { BaseAddress = Address, Timeout = Timeout.InfiniteTimeSpan };
        return new QdrantStore(new QdrantClient(http, Key, timeout, time), answers ?? new BesideVectors(), new EntryCodec(null), model, Dimensions, time);
    }

    private protected void Pass(TimeSpan span) => time.Now += span;

    private protected CacheEntry Entry(string text, int space, int seed, string? key = null, string? tag = null, string? answer = null, long seconds = 1000)
    {
        var now = time.Now.ToUnixTimeSeconds();
        return new CacheEntry
        {
            Id = EntryIds.Entry($"partition {space}", text),
            Partition = $"partition {space}",
            Space = EntryIds.Space($"partition {space}", model, Dimensions, ""),
            Embedding = model,
            Text = text,
            Facts = new CacheEntryFacts { Key = key, Tags = tag is null ? [] : [tag] },
            Answer = new CacheAnswer { Body = Encoding.UTF8.GetBytes(answer ?? "answer of " + text), Text = answer },
            StoredAt = now,
            ExpiresAt = now + seconds,
            GoneAt = now + seconds,
            Vector = Vector(seed),
        };
    }

    private protected static float[] Vector(int seed)
    {
        var random = new Random(seed);
        var vector = Enumerable.Range(0, Dimensions).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray();
        var norm = MathF.Sqrt(vector.Sum(static v => v * v));
        return [.. vector.Select(v => v / norm)];
    }
}

public sealed class FakeQdrantStoreTests : QdrantStoreTests
{
    private FakeQdrant fake = null!;

    protected override Uri Address => fake.Address;

    public override async ValueTask InitializeAsync() => fake = await FakeQdrant.StartAsync();

    public override async ValueTask DisposeAsync()
    {
        await fake.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task An_older_server_is_asked_its_way()
    {
        fake.Old = true;
        var store = Open();
        await store.PutAsync(Entry("q", 0, 1), [], Cancel);
        Assert.Single(await store.NearestAsync(Entry("q", 0, 1).Space, Vector(1), 1, -1, Cancel));
        var before = fake.Requests;
        Assert.Single(await store.NearestAsync(Entry("q", 0, 1).Space, Vector(1), 1, -1, Cancel));
        Assert.Equal(before + 1, fake.Requests);
    }

    [Fact]
    public async Task A_wiped_server_is_a_miss_and_gets_its_collection_anew()
    {
        var store = Open();
        await store.PutAsync(Entry("q", 0, 1), [], Cancel);
        fake.Wipe();
        Assert.Empty(await store.NearestAsync(Entry("q", 0, 1).Space, Vector(1), 1, -1, Cancel));
        Assert.Null(await store.GetAsync(Entry("q", 0, 1).Id, Cancel));
        Assert.Equal(0, await store.DeleteAsync(new EntryFilter(), Cancel));
        await Assert.ThrowsAsync<StoreFault>(async () => await store.PutAsync(Entry("q", 0, 1), [], Cancel));
        await store.PutAsync(Entry("q", 0, 1), [], Cancel);
        Assert.Single(await store.NearestAsync(Entry("q", 0, 1).Space, Vector(1), 1, -1, Cancel));
    }

    [Fact]
    public async Task A_collection_of_another_dimension_is_never_written_to()
    {
        await Open().PutAsync(Entry("q", 0, 1), [], Cancel);
        fake.Size = 768;
        var requests = fake.Requests;
        var fault = await Assert.ThrowsAsync<StoreFault>(async () => await Open().PutAsync(Entry("r", 0, 2), [], Cancel));
        Assert.Contains("768 values", fault.Message, StringComparison.Ordinal);
        Assert.Equal(requests + 1, fake.Requests);
    }

    [Fact]
    public async Task A_slow_server_is_left_alone_and_tried_again_later()
    {
        var store = Open(timeout: 50);
        fake.Slow = true;
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(CacheReasons.StoreUnavailable, (await Assert.ThrowsAsync<StoreFault>(async () => await store.GetAsync(Guid.NewGuid(), Cancel))).Reason);
        }

        var asked = fake.Requests;
        await Assert.ThrowsAsync<StoreFault>(async () => await store.GetAsync(Guid.NewGuid(), Cancel));
        Assert.Equal(asked, fake.Requests);
        fake.Slow = false;
        Pass(TimeSpan.FromSeconds(2));
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                return await store.GetAsync(Guid.NewGuid(), Cancel) is null;
            }
            catch (StoreFault)
            {
                Pass(TimeSpan.FromSeconds(60));
                return false;
            }
        });
    }

    [Theory]
    [InlineData("auth-wrong-key-query")]
    [InlineData("auth-readonly-upsert")]
    [InlineData("query-timeout-single")]
    [InlineData("ratelimit-read-3")]
    [InlineData("upsert-malformed-json")]
    [InlineData("upsert-wrong-dimension")]
    public async Task A_recorded_refusal_is_a_fault_of_the_store_and_the_next_call_goes_through(string recorded)
    {
        Assert.SkipUnless(FakeQdrant.RecordingPath() is not null, "The recordings are not on this machine.");
        var store = Open();
        await store.PutAsync(Entry("q", 0, 1), [], Cancel);
        fake.Replay(recorded);
        await Assert.ThrowsAsync<StoreFault>(async () => await store.NearestAsync(Entry("q", 0, 1).Space, Vector(1), 1, -1, Cancel));
        Assert.Single(await store.NearestAsync(Entry("q", 0, 1).Space, Vector(1), 1, -1, Cancel));
    }

    [Theory]
    [InlineData("query-filtered")]
    [InlineData("edge-query-null-score-first")]
    [InlineData("query-no-hit-tenant")]
    public async Task Recorded_points_of_others_are_never_taken_for_entries(string recorded)
    {
        Assert.SkipUnless(FakeQdrant.RecordingPath() is not null, "The recordings are not on this machine.");
        var store = Open();
        fake.Replay(recorded);
        Assert.Empty(await store.NearestAsync(Entry("q", 0, 1).Space, Vector(1), 3, -1, Cancel));
    }

    [Fact]
    public async Task A_write_whose_wait_timed_out_is_not_taken_for_done()
    {
        Assert.SkipUnless(FakeQdrant.RecordingPath() is not null, "The recordings are not on this machine.");
        var store = Open();
        await store.PutAsync(Entry("q", 0, 1), [], Cancel);
        fake.Replay("upsert-timeout-zero");
        await Assert.ThrowsAsync<StoreFault>(async () => await store.PutAsync(Entry("r", 0, 2), [], Cancel));
    }

    [Fact]
    public async Task Recorded_pages_have_numbers_strings_and_null_as_cursors()
    {
        Assert.SkipUnless(FakeQdrant.RecordingPath() is not null, "The recordings are not on this machine.");
        var store = Open();
        foreach (var (recorded, next) in new[] { ("scroll-page-1", "17"), ("scroll-page-3", "6f9619ff-8b86-d011-b42d-00cf4fc964ff"), ("scroll-page-4", null) })
        {
            fake.Replay(recorded);
            Assert.Equal(next, (await store.ListAsync(new EntryFilter(), null, 10, Cancel)).Next);
        }
    }
}

public sealed class RealQdrantStoreTests : QdrantStoreTests
{
    protected override Uri Address => new(Environment.GetEnvironmentVariable("QDRANT_URL")!);

    protected override string Key => Environment.GetEnvironmentVariable("QDRANT_KEY") ?? "";

    public override ValueTask InitializeAsync()
    {
        Assert.SkipWhen(string.IsNullOrEmpty(Environment.GetEnvironmentVariable("QDRANT_URL")), "QDRANT_URL names no Qdrant.");
        return default;
    }
}
