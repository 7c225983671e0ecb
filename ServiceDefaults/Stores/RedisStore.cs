using StackExchange.Redis;

namespace Gateway.ServiceDefaults.Stores;

/// <summary>Connects once for all callers; a failed attempt is repeated by the next caller.</summary>
internal sealed class RedisStore(Func<Task<IConnectionMultiplexer>> connect) : IRedisStore, IAsyncDisposable
{
    private readonly Lock gate = new();
    private Task<IConnectionMultiplexer>? connection;

    public Task<IConnectionMultiplexer> GetAsync(CancellationToken cancellationToken)
    {
        var current = Volatile.Read(ref connection);
        if (current is { IsCompletedSuccessfully: true })
        {
            return current;
        }

        lock (gate)
        {
            if (connection is null or { IsFaulted: true } or { IsCanceled: true })
            {
                connection = connect();
            }

            return connection.WaitAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (connection is not { IsCompletedSuccessfully: true } made)
        {
            return;
        }

        var multiplexer = await made.ConfigureAwait(false);
        await multiplexer.CloseAsync(allowCommandsToComplete: false).ConfigureAwait(false);
        multiplexer.Dispose();
    }
}

internal sealed class RedisCheck(IRedisStore redis, StoreNeed need) : StoreCheck("redis", need)
{
    protected override async Task PingAsync(CancellationToken cancellationToken)
    {
        var connection = await redis.GetAsync(cancellationToken).ConfigureAwait(false);
        await connection.GetDatabase().PingAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
    }
}
