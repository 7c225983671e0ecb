using Gateway.ServiceDefaults.Stores;
using StackExchange.Redis;

namespace Gateway.Guardrails.Vault;

/// <summary>The vault that several edges share: a hash in Redis for each conversation. Redis sees pseudonyms and sealed bytes, and no key.</summary>
internal sealed class RedisVault(IRedisStore redis, TimeSpan? keep = null) : IVaultStore
{
    private const string Prefix = "gateway:pseudonyms:";

    // All or nothing, so that two edges never give out one pseudonym for two texts.
    private const string Add = """
        for i = 2, #ARGV, 2 do
          if redis.call('HEXISTS', KEYS[1], ARGV[i]) == 1 then return 0 end
        end
        for i = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
        redis.call('PEXPIRE', KEYS[1], ARGV[1])
        return 1
        """;

    private readonly long _keepMilliseconds = (long)(keep ?? MemoryVault.DefaultKeep).TotalMilliseconds;

    public async ValueTask<IReadOnlyCollection<KeyValuePair<string, byte[]>>> LoadAsync(string conversation, CancellationToken cancellationToken)
    {
        var database = (await redis.GetAsync(cancellationToken).ConfigureAwait(false)).GetDatabase();
        RedisKey key = Prefix + conversation;
        var entries = await database.HashGetAllAsync(key).ConfigureAwait(false);
        if (entries.Length > 0)
        {
            await database.KeyExpireAsync(key, TimeSpan.FromMilliseconds(_keepMilliseconds)).ConfigureAwait(false);
        }

        return [.. entries.Select(static e => KeyValuePair.Create((string)e.Name!, (byte[])e.Value!))];
    }

    public async ValueTask<bool> TryAddAsync(string conversation, IReadOnlyCollection<KeyValuePair<string, byte[]>> entries, CancellationToken cancellationToken)
    {
        var database = (await redis.GetAsync(cancellationToken).ConfigureAwait(false)).GetDatabase();
        RedisValue[] values = [_keepMilliseconds, .. entries.SelectMany(static e => new RedisValue[] { e.Key, e.Value })];
        return (int)await database.ScriptEvaluateAsync(Add, [Prefix + conversation], values).ConfigureAwait(false) == 1;
    }
}
