using System.Text;
using Gateway.Contracts.Cache;
using Gateway.SemanticCache.Storing;
using Gateway.SemanticCache.Storing.Embedded;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.SemanticCache.Tests;

public sealed class EmbeddedStoreTests : IDisposable
{
    private const int Dimensions = 48;
    private readonly string folder = Directory.CreateTempSubdirectory("entries").FullName;
    private readonly ManualTime time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task The_nearest_are_those_of_exact_arithmetic()
    {
        await using var store = await OpenAsync();
        var random = new Random(3);
        var entries = Enumerable.Range(0, 3000).Select(i => Entry($"q{i}", vector: Vector(random))).ToList();
        foreach (var entry in entries)
        {
            await store.PutAsync(entry, [], Cancel);
        }

        for (var round = 0; round < 50; round++)
        {
            var question = Vector(random);
            var found = await store.NearestAsync(entries[0].Space, question, 3, -1, Cancel);
            var exact = entries.OrderByDescending(e => Dot(question, e.Vector)).Take(3).Select(static e => e.Id);
            Assert.Equal(exact, found.Select(static c => c.Entry.Id));
            Assert.Equal(Dot(question, found[0].Entry.Vector), found[0].Cosine, 4);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Any_row_of_changes_leaves_what_a_dictionary_would_hold_also_after_a_restart(int seed)
    {
        var random = new Random(seed);
        var model = new Dictionary<Guid, CacheEntry>();
        var store = await OpenAsync(disk: 1 << 20);
        for (var step = 0; step < 1500; step++)
        {
            var entry = Entry($"question {random.Next(120)}", key: $"k{random.Next(5)}", space: random.Next(4), body: random.Next(600), vector: Vector(random));
            switch (random.Next(12))
            {
                case < 8:
                    await store.PutAsync(entry, [(uint)random.Next(5)], Cancel);
                    model[entry.Id] = entry;
                    break;
                case < 10:
                    Assert.Equal(model.Remove(entry.Id), await store.DeleteAsync(entry.Id, Cancel));
                    break;
                case 10:
                    var filter = new EntryFilter { Key = entry.Facts.Key };
                    Assert.Equal(model.Values.Count(e => e.Facts.Key == entry.Facts.Key), await store.DeleteAsync(filter, Cancel));
                    model = model.Where(e => e.Value.Facts.Key != entry.Facts.Key).ToDictionary();
                    break;
                default:
                    await store.MaintainAsync(Cancel);
                    if (random.Next(3) == 0)
                    {
                        await store.DisposeAsync();
                        store = await OpenAsync(disk: 1 << 20);
                    }

                    break;
            }
        }

        Assert.Equal(model.Count, (await store.SizeAsync(Cancel)).Entries);
        foreach (var entry in model.Values)
        {
            var found = await store.GetAsync(entry.Id, Cancel);
            Assert.Equal(entry.Answer.Body, found!.Answer.Body);
            Assert.Contains(await store.NearestAsync(entry.Space, entry.Vector, 4, -1, Cancel), c => c.Entry.Id == entry.Id);
        }

        await store.DeleteAsync(new EntryFilter(), Cancel);
        Assert.Equal((0L, 0L), ((await store.SizeAsync(Cancel)).Entries, (await store.SizeAsync(Cancel)).MemoryBytes));
        await store.DisposeAsync();
    }

    [Fact]
    public async Task A_file_cut_anywhere_loses_no_more_than_its_last_entry()
    {
        var store = await OpenAsync();
        for (var i = 0; i < 5; i++)
        {
            await store.PutAsync(Entry($"q{i}", body: 100), [], Cancel);
        }

        await store.DisposeAsync();
        var file = Directory.GetFiles(folder, "*.segment", SearchOption.AllDirectories).Single();
        var whole = await File.ReadAllBytesAsync(file, Cancel);
        for (var length = whole.Length - 1; length > 0; length -= 97)
        {
            await File.WriteAllBytesAsync(file, whole[..length], Cancel);
            await using var again = await OpenAsync();
            var entries = (await again.SizeAsync(Cancel)).Entries;
            Assert.Equal(length / (whole.Length / 5), entries);
            Assert.Equal(0, again.Quarantined);
            await again.PutAsync(Entry("new", body: 10), [], Cancel);
            Assert.NotNull(await again.GetAsync(Entry("new").Id, Cancel));
        }
    }

    [Fact]
    public async Task A_damaged_payload_is_dropped_and_a_damaged_file_put_aside_until_something_is_deleted()
    {
        var store = await OpenAsync();
        for (var i = 0; i < 6; i++)
        {
            await store.PutAsync(Entry($"q{i}", body: 200), [], Cancel);
        }

        await store.DisposeAsync();
        var file = Directory.GetFiles(folder, "*.segment", SearchOption.AllDirectories).Single();
        var bytes = await File.ReadAllBytesAsync(file, Cancel);
        var record = bytes.Length / 6;
        bytes[record + 100] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, Cancel);
        await using (var again = await OpenAsync())
        {
            Assert.Equal((5L, 0), ((await again.SizeAsync(Cancel)).Entries, again.Quarantined));
            Assert.Null(await again.GetAsync(Entry("q1").Id, Cancel));
        }

        bytes[record] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, Cancel);
        await using (var again = await OpenAsync())
        {
            Assert.Equal((0L, 1), ((await again.SizeAsync(Cancel)).Entries, again.Quarantined));
            await again.PutAsync(Entry("after"), [], Cancel);
            await again.DeleteAsync(new EntryFilter { Key = "nobody" }, Cancel);
            Assert.Equal(0, again.Quarantined);
            Assert.Empty(Directory.GetDirectories(folder, "quarantine", SearchOption.AllDirectories));
        }
    }

    [Fact]
    public async Task Memory_and_disk_stay_within_their_bounds_and_what_is_used_stays()
    {
        await using var store = await OpenAsync(memory: 64 * 1024, disk: 1 << 20);
        var kept = Entry("often asked", cost: 1_000_000_000);
        await store.PutAsync(kept, [], Cancel);
        for (var i = 0; i < 2000; i++)
        {
            store.Hit(kept.Id);
            await store.PutAsync(Entry($"q{i}", body: 2000), [], Cancel);
            time.Now += TimeSpan.FromSeconds(1);
        }

        await store.MaintainAsync(Cancel);
        var size = await store.SizeAsync(Cancel);
        Assert.InRange(size.MemoryBytes, 1, 64 * 1024);
        Assert.InRange(size.DiskBytes, 1, 1 << 20);
        Assert.True(size.Evicted > 1000);
        Assert.NotNull(await store.GetAsync(kept.Id, Cancel));
        Assert.True(Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Sum(static f => new FileInfo(f).Length) <= 1 << 20);
    }

    [Fact]
    public async Task A_full_disk_stops_storing_and_nothing_else()
    {
        long free = 1L << 40;
        await using var store = await OpenAsync(freeBytes: () => free);
        await store.PutAsync(Entry("first"), [], Cancel);
        free = 1000;
        var fault = await Assert.ThrowsAsync<StoreFault>(async () => await store.PutAsync(Entry("second"), [], Cancel));
        Assert.Equal(CacheReasons.DiskFull, fault.Reason);
        Assert.NotNull(await store.GetAsync(Entry("first").Id, Cancel));
        Assert.True(await store.DeleteAsync(Entry("first").Id, Cancel));
        free = 1L << 40;
        await store.PutAsync(Entry("second"), [], Cancel);
        Assert.NotNull(await store.GetAsync(Entry("second").Id, Cancel));
    }

    [Fact]
    public async Task Entries_expire_and_leave_no_bytes()
    {
        await using var store = await OpenAsync();
        await store.PutAsync(Entry("short", body: 50, seconds: 10), [], Cancel);
        time.Now += TimeSpan.FromSeconds(11);
        Assert.Null(await store.GetAsync(Entry("short").Id, Cancel));
        Assert.Empty(await store.NearestAsync(Entry("short").Space, Entry("short").Vector, 1, -1, Cancel));
        await store.MaintainAsync(Cancel);
        Assert.Equal(0, (await store.SizeAsync(Cancel)).Entries);
        Assert.False(Holds("short"));
    }

    [Fact]
    public async Task Encrypted_entries_are_unreadable_on_disk_and_gone_without_their_key()
    {
        var cipher = EntryCipher.FromFile(Path.Combine(folder, "entries.key"));
        await using (var store = await OpenAsync(cipher: cipher))
        {
            await store.PutAsync(Entry("very secret question", body: 50), [], Cancel);
            Assert.NotNull(await store.GetAsync(Entry("very secret question").Id, Cancel));
            Assert.False(Holds("very secret"));
        }

        await using (var store = await OpenAsync(cipher: EntryCipher.FromFile(Path.Combine(folder, "entries.key"))))
        {
            Assert.Equal("very secret question", (await store.GetAsync(Entry("very secret question").Id, Cancel))!.Text);
        }

        File.Delete(Path.Combine(folder, "entries.key"));
        await using (var store = await OpenAsync(cipher: EntryCipher.FromFile(Path.Combine(folder, "entries.key"))))
        {
            Assert.Equal(0, (await store.SizeAsync(Cancel)).Entries);
        }
    }

    [Fact]
    public async Task A_vector_of_another_dimension_is_refused()
    {
        await using var store = await OpenAsync();
        await store.PutAsync(Entry("a"), [], Cancel);
        await Assert.ThrowsAsync<StoreFault>(async () => await store.PutAsync(Entry("b", vector: new float[Dimensions * 2]), [], Cancel));
        await Assert.ThrowsAsync<StoreFault>(async () => await store.NearestAsync(Entry("a").Space, new float[7], 1, -1, Cancel));
    }

    [Fact]
    public async Task Words_rule_small_spaces_out()
    {
        await using var store = await OpenAsync();
        Assert.True(store.SurelyNothing(Entry("a").Space, [1]));
        await store.PutAsync(Entry("a"), [1, 2], Cancel);
        Assert.True(store.SurelyNothing(Entry("a").Space, [3]));
        Assert.False(store.SurelyNothing(Entry("a").Space, [3, 2]));
        Assert.False(store.SurelyNothing(Entry("a").Space, []));
        await store.PutAsync(Entry("b"), [], Cancel);
        Assert.False(store.SurelyNothing(Entry("a").Space, [3]));
    }

    private static float[] Vector(Random random)
    {
        var vector = Enumerable.Range(0, Dimensions).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray();
        var norm = MathF.Sqrt(vector.Sum(static v => v * v));
        return [.. vector.Select(v => v / norm)];
    }

    private static float Dot(float[] a, float[] b) => a.Zip(b, static (x, y) => x * y).Sum();

    private CacheEntry Entry(string text, string? key = null, int space = 0, int body = 0, long cost = 1, long seconds = 1_000_000, float[]? vector = null)
    {
        var now = time.Now.ToUnixTimeSeconds();
        return new CacheEntry
        {
            Id = EntryIds.Entry($"partition {space}", text),
            Partition = $"partition {space}",
            Space = EntryIds.Space($"partition {space}", "test", Dimensions, ""),
            Embedding = "test",
            Text = text,
            Facts = new CacheEntryFacts { Key = key },
            Answer = new CacheAnswer { Body = Encoding.ASCII.GetBytes(new string('x', body)), CostNano = cost },
            StoredAt = now,
            ExpiresAt = now + seconds,
            GoneAt = now + seconds,
            Vector = vector ?? Vector(new Random(5)),
        };
    }

    private bool Holds(string text) => Directory.GetFiles(folder, "*.segment", SearchOption.AllDirectories)
        .Any(f =>
        {
            using var stream = new FileStream(f, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            return reader.ReadToEnd().Contains(text, StringComparison.Ordinal);
        });

    private async Task<EmbeddedStore> OpenAsync(long memory = 1 << 26, long disk = 1 << 28, EntryCipher? cipher = null, Func<long>? freeBytes = null)
    {
        var store = new EmbeddedStore(folder, new EntryCodec(cipher), memory, disk, time, NullLogger<EmbeddedStore>.Instance, queue: null, freeBytes);
        await store.LoadAsync(Cancel);
        return store;
    }
}
