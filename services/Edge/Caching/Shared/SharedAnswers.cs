using Gateway.Contracts.Configuration;
using Gateway.Edge.Caching.Keys;
using Gateway.Edge.Caching.Purges;
using Gateway.ServiceDefaults.Resilience;
using Gateway.ServiceDefaults.Stores;
using StackExchange.Redis;

namespace Gateway.Edge.Caching.Shared;

/// <summary>
/// Answers in Redis, for all edges together. A Redis that is down, slow or wiped is a miss; after a few failures it is left alone for a while. Beside the answers lie sorted sets of
/// their keys by scope, route, model and tag, and one of all by time, so that a purge finds them.
/// </summary>
internal sealed class SharedAnswers(IRedisStore? redis, AnswerCodec codec, PurgeBook purges, CacheWork work, CacheMetrics metrics, TimeProvider time)
{
    // One hash tag, so that a cluster keeps an answer and the sets it is in in one place.
    private const string Prefix = "{gateway:cache}:";
    private const string All = Prefix + "all";
    private const int PurgePage = 500;

    // Longer than any answer is kept.
    private const long IndexMs = 40L * 24 * 3_600 * 1_000;

    private const string Store = """
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        redis.call('ZADD', KEYS[2], ARGV[4], ARGV[5])
        redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', tonumber(ARGV[4]) - tonumber(ARGV[6]))
        redis.call('PEXPIRE', KEYS[2], ARGV[6])
        for i = 3, #KEYS do
          redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', ARGV[4])
          redis.call('ZADD', KEYS[i], ARGV[3], ARGV[5])
          redis.call('PEXPIRE', KEYS[i], ARGV[6])
        end
        return 1
        """;

    private static readonly TimeSpan _background = TimeSpan.FromSeconds(2);

    private readonly Circuit _circuit = new(time);

    /// <summary>Whether there is a Redis to ask.</summary>
    public bool IsUsed(GatewaySettings settings) => redis is not null && settings.CacheStorage.Redis;

    /// <summary>Finds an answer; null for a miss, whatever the reason.</summary>
    public async ValueTask<StoredAnswer?> FindAsync(CacheKey key, GatewaySettings settings, CancellationToken cancellationToken)
    {
        if (!_circuit.TryEnter())
        {
            return null;
        }

        var bytes = await TryAsync(
            async database => (byte[]?)await database.StringGetAsync(EntryKey(key)).ConfigureAwait(false), TimeSpan.FromMilliseconds(settings.CacheStorage.RedisTimeoutMs), cancellationToken).ConfigureAwait(false);
        return bytes.Value is { } found ? codec.Decode(key, found) : null;
    }

    /// <summary>Stores an answer in the background.</summary>
    public void Put(StoredAnswer answer, GatewaySettings settings)
    {
        if (IsUsed(settings) && !_circuit.IsOpen)
        {
            var encrypt = settings.CacheStorage.Encrypt;
            work.TryAdd(stop => PutAsync(answer, encrypt, stop));
        }
    }

    /// <summary>Removes an answer in the background.</summary>
    public void Remove(CacheKey key)
    {
        if (redis is not null)
        {
            work.TryAdd(async stop => await TryAsync(database => database.KeyDeleteAsync(EntryKey(key)), _background, stop).ConfigureAwait(false));
        }
    }

    /// <summary>Makes a purge.</summary>
    /// <returns>False when Redis did not answer.</returns>
    public async Task<bool> PurgeAsync(PurgeOrder order, CancellationToken cancellationToken)
    {
        var purge = order.Purge;
        if (redis is null)
        {
            return true;
        }

        if (purge.Key is { } one)
        {
            return CacheKey.TryParse(one) is not { } key || (await TryAsync(database => database.KeyDeleteAsync(EntryKey(key)), _background, cancellationToken).ConfigureAwait(false)).IsDone;
        }

        var sets = Indexes(purge.Scope, purge.Route, purge.Model, purge.Tag is { } tag ? [tag] : []).ToArray();
        var first = sets.Length > 0 ? sets[0] : All;
        for (var skip = 0; ;)
        {
            var offset = skip;
            var page = await TryAsync(database => database.SortedSetRangeByRankAsync(first, offset, offset + PurgePage - 1), _background, cancellationToken).ConfigureAwait(false);
            if (!page.IsDone)
            {
                return false;
            }

            if (page.Value!.Length == 0)
            {
                return true;
            }

            var removed = await TryAsync(database => RemoveAsync(database, page.Value, first, sets, order.Before), _background, cancellationToken).ConfigureAwait(false);
            if (!removed.IsDone)
            {
                return false;
            }

            skip += page.Value.Length - removed.Value;
        }
    }

    private static async Task<int> RemoveAsync(IDatabase database, RedisValue[] members, string first, string[] sets, DateTimeOffset before)
    {
        // One round trip for each set, not for each member.
        var isIn = await Task.WhenAll(sets.Skip(1).Select(s => ScoresAsync(database, s, members))).ConfigureAwait(false);
        var stored = await ScoresAsync(database, All, members).ConfigureAwait(false);
        var gone = members.Where((_, i) => Array.TrueForAll(isIn, s => s[i] is not null) && (stored[i] is not { } at || at < before.ToUnixTimeMilliseconds())).ToArray();
        if (gone.Length > 0)
        {
            await database.KeyDeleteAsync([.. gone.Select(static m => (RedisKey)(Prefix + "e:" + (string)m!))]).ConfigureAwait(false);
            await database.SortedSetRemoveAsync(first, gone).ConfigureAwait(false);
        }

        return gone.Length;
    }

    private static Task<double?[]> ScoresAsync(IDatabase database, string set, RedisValue[] members) => Task.WhenAll(members.Select(m => database.SortedSetScoreAsync(set, m)));

    private async Task PutAsync(StoredAnswer answer, bool encrypt, CancellationToken stop)
    {
        var now = time.GetUtcNow();
        var left = (long)(answer.StaleUntil - now).TotalMilliseconds;
        if (left < 1 || purges.Concerns(answer))
        {
            return;
        }

        RedisKey[] keys = [EntryKey(answer.Key), All, .. Indexes(answer.Scope, answer.Route, answer.Model, answer.Tags).Select(static i => (RedisKey)i)];
        RedisValue[] values = [codec.Encode(answer, encrypt), left, answer.StaleUntil.ToUnixTimeMilliseconds(), now.ToUnixTimeMilliseconds(), answer.Key.ToString(), IndexMs];
        await TryAsync(database => database.ScriptEvaluateAsync(Store, keys, values), _background, stop).ConfigureAwait(false);
        if (purges.Concerns(answer))
        {
            // The purge came while this was under way, and may have been made before it got there.
            await TryAsync(database => database.KeyDeleteAsync(EntryKey(answer.Key)), _background, stop).ConfigureAwait(false);
        }
    }

    private static string EntryKey(in CacheKey key) => Prefix + "e:" + key.ToString();

    private static IEnumerable<string> Indexes(string? scope, string? route, string? model, IEnumerable<string> tags)
    {
        if (scope is not null)
        {
            yield return $"{Prefix}scope:{scope}";
        }

        if (route is not null)
        {
            yield return $"{Prefix}route:{route}";
        }

        if (model is not null)
        {
            yield return $"{Prefix}model:{model}";
        }

        foreach (var tag in tags)
        {
            yield return $"{Prefix}tag:{tag}";
        }
    }

    private async Task<(T? Value, bool IsDone)> TryAsync<T>(Func<IDatabase, Task<T>> ask, TimeSpan most, CancellationToken cancellationToken)
    {
        try
        {
            var value = await AskAsync(ask).WaitAsync(most, time, cancellationToken).ConfigureAwait(false);
            _circuit.Succeeded();
            return (value, true);
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            _circuit.Failed();
            metrics.CountUnavailable("redis");
            return (default, false);
        }
    }

    // The wait ends by its own clock: what was asked comes to its end when it may.
    private async Task<T> AskAsync<T>(Func<IDatabase, Task<T>> ask)
    {
        var connection = await redis!.GetAsync(CancellationToken.None).ConfigureAwait(false);
        return await ask(connection.GetDatabase()).ConfigureAwait(false);
    }
}
