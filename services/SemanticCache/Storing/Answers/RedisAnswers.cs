using Gateway.Contracts.Cache;
using Gateway.ServiceDefaults.Resilience;
using Gateway.ServiceDefaults.Stores;
using StackExchange.Redis;

namespace Gateway.SemanticCache.Storing.Answers;

/// <summary>Answers in Redis, which lets them expire by itself. One that it dropped to make room is a miss.</summary>
internal sealed class RedisAnswers(IRedisStore redis, int timeoutMilliseconds, TimeProvider time) : IAnswerStore
{
    private readonly Circuit _circuit = new(time);

    public bool IsBesideVectors => false;

    public async ValueTask PutAsync(Guid id, byte[] bytes, TimeSpan kept, CancellationToken cancellationToken)
        => await RunAsync(db => db.StringSetAsync(Key(id), bytes, kept), cancellationToken);

    public async ValueTask<byte[]?> GetAsync(Guid id, CancellationToken cancellationToken)
        => await RunAsync(async db => (byte[]?)await db.StringGetAsync(Key(id)), cancellationToken);

    public async ValueTask DeleteAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
        => await RunAsync(db => db.KeyDeleteAsync([.. ids.Select(static i => (RedisKey)Key(i))]), cancellationToken);

    public ValueTask SweepAsync(CancellationToken cancellationToken) => default;

    private static string Key(Guid id) => "gateway:cache:answer:" + id.ToString("N");

    private async Task<T> RunAsync<T>(Func<IDatabase, Task<T>> command, CancellationToken cancellationToken)
    {
        if (!_circuit.TryEnter())
        {
            throw new StoreFault(CacheReasons.StoreUnavailable, "Redis does not answer and is left alone for a while.");
        }

        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(timeoutMilliseconds);
            var connection = await redis.GetAsync(limit.Token);
            var result = await command(connection.GetDatabase()).WaitAsync(limit.Token);
            _circuit.Succeeded();
            return result;
        }
        catch (Exception e) when (e is RedisException or TimeoutException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _circuit.Failed();
            throw new StoreFault(CacheReasons.StoreUnavailable, "Redis cannot be reached or did not answer in time.", e);
        }
    }
}
