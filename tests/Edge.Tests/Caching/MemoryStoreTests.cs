using Gateway.Dialects.Chat;
using Gateway.Edge.Caching;
using Gateway.Edge.Caching.Keys;
using Gateway.Edge.Caching.Memory;

namespace Gateway.Edge.Tests.Caching;

public sealed class MemoryStoreTests
{
    private static readonly DateTimeOffset _now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void It_never_takes_more_than_its_bound_and_its_figures_add_up()
    {
        var random = new Random(7);
        var time = new ManualTime(_now);
        var store = new MemoryStore(time);
        for (var i = 0; i < 20_000; i++)
        {
            switch (random.Next(10))
            {
                case < 6:
                    store.Put(Answer(random.Next(500), random.Next(1, 3_000), time.Now, random.Next(1_000_000)), 200_000);
                    break;
                case 6:
                    store.Remove(KeyOf(random.Next(500)));
                    break;
                case 7:
                    time.Now += TimeSpan.FromSeconds(random.Next(10));
                    break;
                default:
                    store.Find(KeyOf(random.Next(500)));
                    break;
            }

            Assert.InRange(store.Bytes, 0, 200_000);
        }

        Assert.Equal(store.Answers.Sum(static a => (long)a.Bytes), store.Bytes);
        Assert.False(store.Put(Answer(1, 300_000, time.Now, 1), 200_000));
        store.Fit(10_000);
        Assert.InRange(store.Bytes, 0, 10_000);
        store.RemoveAll(static _ => true);
        Assert.Equal((0, 0L), (store.Count, store.Bytes));
    }

    [Fact]
    public void What_saves_most_for_its_room_stays()
    {
        var store = new MemoryStore(new ManualTime(_now));
        for (var i = 0; i < 20; i++)
        {
            store.Put(Answer(i, 500, _now, 50_000_000), 100_000);
        }

        for (var i = 20; i < 40; i++)
        {
            store.Put(Answer(i, 500, _now, 1_000), 100_000);
            for (var hit = 0; hit < 100_000; hit++)
            {
                store.Find(KeyOf(i));
            }
        }

        for (var i = 1_000; i < 3_000; i++)
        {
            store.Put(Answer(i, 500, _now, 1_000), 100_000);
        }

        Assert.True(Enumerable.Range(0, 20).Count(i => store.Find(KeyOf(i)) is not null) >= 18, "what was dear went for what was not");
        Assert.True(Enumerable.Range(20, 20).Count(i => store.Find(KeyOf(i)) is not null) >= 18, "what was asked for often went for what was not");
    }

    private static CacheKey KeyOf(int number) => new((ulong)number, 2, 3, 4);

    private static StoredAnswer Answer(int number, int bytes, DateTimeOffset now, long cost) => new()
    {
        Key = KeyOf(number), Body = new byte[bytes], StoredAt = now, ExpiresAt = now.AddSeconds(60), StaleUntil = now.AddSeconds(60), Version = 1, Scope = "key:k", Route = "r", Model = "m",
        Tags = [], DeploymentId = "d", ProviderDialect = DialectId.OpenAIChat, Tokens = default, CostNanoUsd = cost,
    };
}
