using System.Collections.Concurrent;
using System.Numerics.Tensors;
using Gateway.Contracts.Cache;
using Gateway.SemanticCache.Storing.Answers;

namespace Gateway.SemanticCache.Storing.Qdrant;

/// <summary>
/// Entries in Qdrant, shared by several cache services: one collection for each embedding model and dimension, in it every partition a tenant. Answers lie in a
/// store of their own where one is configured. A collection that was wiped is made anew.
/// </summary>
internal sealed class QdrantStore(QdrantClient client, IAnswerStore answers, EntryCodec codec, string embedding, int dimensions, TimeProvider time) : IEntryStore, IDisposable
{
    private const int DeletePage = 500;
    private const int ListPage = 200;

    private static readonly string[] Keywords = ["partition", "scope", "key", "team", "customer", "route", "model", "tags", "answer"];

    private readonly ConcurrentDictionary<Guid, int> _hits = new();
    private readonly SemaphoreSlim _making = new(1, 1);
    private bool _made;

    public string Name => "qdrant";

    /// <summary>The collection's name: letters that every version takes, with a hash of the model.</summary>
    public string Collection { get; } = "gateway_cache_" + EntryIds.Space("", embedding, dimensions, "").ToString("N");

    private long Now => time.GetUtcNow().ToUnixTimeSeconds();

    // Another service may have stored meanwhile: nothing is ever sure without asking.
    public bool SurelyNothing(Guid space, IReadOnlyList<uint> words) => false;

    public async ValueTask<CacheEntry?> GetAsync(Guid id, CancellationToken cancellationToken)
        => await client.GetAsync(Collection, id, cancellationToken) is { } point && Entry(point) is { } entry && entry.Id == id
            ? await CompleteAsync(entry, cancellationToken) : null;

    public async ValueTask<IReadOnlyList<Candidate>> NearestAsync(Guid space, float[] vector, int count, float least, CancellationToken cancellationToken)
    {
        Check(vector);
        var filter = new QdrantFilter
        {
            Must = [Same("space", space.ToString("N")), new QdrantCondition { Key = "gone_at", Range = new QdrantRange { Gt = Now } }],
        };
        var points = await client.QueryAsync(Collection, vector, filter, count, cancellationToken);
        var found = new List<Candidate>(count);
        foreach (var point in points)
        {
            // What the server says is checked as if anybody could have written there: the space, and the cosine by our own arithmetic.
            if (Entry(point) is { } entry && entry.Space == space && entry.Vector.Length == vector.Length
                && Math.Clamp(TensorPrimitives.Dot<float>(vector, entry.Vector), -1, 1) is var cosine && cosine >= least)
            {
                found.Add(new Candidate(entry, cosine));
            }
        }

        found.Sort(static (a, b) => b.Cosine.CompareTo(a.Cosine));
        return found;
    }

    public async ValueTask<CacheEntry?> CompleteAsync(CacheEntry entry, CancellationToken cancellationToken)
    {
        if (answers.IsBesideVectors)
        {
            return entry;
        }

        return await answers.GetAsync(entry.Id, cancellationToken) is { } bytes && codec.Read(bytes, out _) is { } whole && whole.Id == entry.Id && whole.StoredAt == entry.StoredAt
            ? whole : null;
    }

    public async ValueTask PutAsync(CacheEntry entry, IReadOnlyList<uint> words, CancellationToken cancellationToken)
    {
        if (entry.Vector.Length > 0)
        {
            Check(entry.Vector);
        }

        await EnsureAsync(cancellationToken);
        var whole = codec.Write(entry, words);
        if (!answers.IsBesideVectors)
        {
            // The answer first: a vector that leads nowhere would be found, an answer without a vector only expires.
            await answers.PutAsync(entry.Id, whole, TimeSpan.FromSeconds(entry.GoneAt - Now), cancellationToken);
            whole = codec.Write(entry with { Answer = entry.Answer with { Body = [], Text = null } }, words);
        }

        var point = new QdrantPoint
        {
            Id = entry.Id.ToString("D"),
            Vector = entry.Vector.Length > 0 ? entry.Vector : Nowhere(),
            Payload = new QdrantPayload
            {
                Space = entry.Space.ToString("N"),
                Partition = entry.Partition,
                Scope = entry.Facts.Scope,
                Key = entry.Facts.Key,
                Team = entry.Facts.Team,
                Customer = entry.Facts.Customer,
                Route = entry.Facts.Route,
                Model = entry.Facts.Model,
                Tags = entry.Facts.Tags.Count == 0 ? null : entry.Facts.Tags,
                StoredAt = entry.StoredAt,
                GoneAt = entry.GoneAt,
                Answer = entry.AnswerId,
                Entry = whole,
            },
        };
        try
        {
            await client.UpsertAsync(Collection, point, cancellationToken);
        }
        catch (StoreFault)
        {
            // The collection may be gone: it is looked for again before the next entry.
            Volatile.Write(ref _made, false);
            throw;
        }
    }

    public async ValueTask<bool> DeleteAsync(Guid id, CancellationToken cancellationToken)
    {
        var there = await client.GetAsync(Collection, id, cancellationToken) is not null;
        await RemoveAsync([id.ToString("D")], cancellationToken);
        return there;
    }

    public async ValueTask<long> DeleteAsync(EntryFilter filter, CancellationToken cancellationToken)
    {
        // By ids, since answers must go with their vectors; pages start over, since what was on them is gone.
        long deleted = 0;
        while (true)
        {
            var page = await client.ScrollAsync(Collection, Filter(filter), null, DeletePage, payload: false, cancellationToken);
            if (page.Points.Count == 0)
            {
                return deleted;
            }

            await RemoveAsync([.. page.Points.Select(static p => p.Id)], cancellationToken);
            deleted += page.Points.Count;
        }
    }

    public async ValueTask<EntryPage> ListAsync(EntryFilter filter, string? after, int limit, CancellationToken cancellationToken)
    {
        var page = await client.ScrollAsync(
            Collection, Filter(filter), Guid.TryParse(after, out var cursor) ? cursor.ToString("D") : null, Math.Min(limit, ListPage), payload: true, cancellationToken);
        var entries = page.Points.Select(Entry).OfType<CacheEntry>().Where(e => e.GoneAt > Now).ToList();
        return new EntryPage(entries, page.NextPageOffset);
    }

    public void Hit(Guid id)
    {
        if (_hits.Count < 100_000 || _hits.ContainsKey(id))
        {
            _hits.AddOrUpdate(id, 1, static (_, n) => n + 1);
        }
    }

    public long Hits(Guid id) => _hits.GetValueOrDefault(id);

    public async ValueTask<StoreSize> SizeAsync(CancellationToken cancellationToken)
        => new(await client.CountAsync(Collection, null, cancellationToken), -1, -1, 0);

    public void Dispose() => _making.Dispose();

    /// <summary>Removes what has expired. Look-ups pass over it anyway.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        var filter = new QdrantFilter { Must = [new QdrantCondition { Key = "gone_at", Range = new QdrantRange { Lte = Now } }] };
        var page = await client.ScrollAsync(Collection, filter, null, DeletePage, payload: false, cancellationToken);
        await RemoveAsync([.. page.Points.Select(static p => p.Id)], cancellationToken);
        await answers.SweepAsync(cancellationToken);
    }

    private static QdrantCondition Same(string key, string value) => new() { Key = key, Match = new QdrantMatch { Value = value } };

    private static QdrantFilter? Filter(EntryFilter filter)
    {
        var must = new List<QdrantCondition>();
        foreach (var (key, value) in new[]
        {
            ("partition", filter.Partition), ("scope", filter.Scope), ("key", filter.Key), ("team", filter.Team), ("customer", filter.Customer), ("route", filter.Route),
            ("model", filter.Model), ("tags", filter.Tag), ("answer", filter.Answer),
        })
        {
            if (value is not null)
            {
                must.Add(Same(key, value));
            }
        }

        if (filter.StoredUntil is { } until)
        {
            must.Add(new QdrantCondition { Key = "stored_at", Range = new QdrantRange { Lte = until } });
        }

        return must.Count == 0 ? null : new QdrantFilter { Must = must };
    }

    private async Task RemoveAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        await client.DeleteAsync(Collection, ids, cancellationToken);
        if (!answers.IsBesideVectors)
        {
            await answers.DeleteAsync([.. ids.Where(static i => Guid.TryParse(i, out _)).Select(Guid.Parse)], cancellationToken);
        }

        foreach (var id in ids)
        {
            if (Guid.TryParse(id, out var guid))
            {
                _hits.TryRemove(guid, out _);
            }
        }
    }

    private CacheEntry? Entry(QdrantPoint point)
        => point.Payload?.Entry is { } bytes && codec.Read(bytes, out _) is { } entry && entry.GoneAt > Now ? entry : null;

    // A collection takes no point without a vector here; texts that are matched exactly only lie in a space that is never searched.
    private float[] Nowhere()
    {
        var vector = new float[dimensions];
        vector[0] = 1;
        return vector;
    }

    // A value that is not finite is taken by the server and then ranks first for every question.
    private void Check(float[] vector)
    {
        if (vector.Length != dimensions || Array.Exists(vector, static v => !float.IsFinite(v)))
        {
            throw new StoreFault(CacheReasons.EmbeddingUnavailable, $"A vector of {vector.Length} values, or one that is not finite, was refused; {dimensions} are stored.");
        }
    }

    private async Task EnsureAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _made))
        {
            return;
        }

        await _making.WaitAsync(cancellationToken);
        try
        {
            if (Volatile.Read(ref _made))
            {
                return;
            }

            var there = await client.CollectionAsync(Collection, cancellationToken);
            if (there?.Config?.Params?.Vectors is { } vectors && vectors.Size != dimensions)
            {
                throw new StoreFault(CacheReasons.StoreUnavailable, $"Qdrant's collection {Collection} has vectors of {vectors.Size} values; delete it.");
            }

            if (there is null)
            {
                await client.CreateAsync(Collection, dimensions, cancellationToken);
            }

            // Asking for an index that is there does nothing, and one that another instance had no time for is made up for.
            await client.IndexAsync(Collection, "space", "keyword", tenant: true, cancellationToken);
            foreach (var field in Keywords)
            {
                await client.IndexAsync(Collection, field, "keyword", tenant: false, cancellationToken);
            }

            await client.IndexAsync(Collection, "stored_at", "integer", tenant: false, cancellationToken);
            await client.IndexAsync(Collection, "gone_at", "integer", tenant: false, cancellationToken);
            Volatile.Write(ref _made, true);
        }
        finally
        {
            _making.Release();
        }
    }
}
