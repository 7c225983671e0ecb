using StackExchange.Redis;

namespace Gateway.ServiceDefaults.Stores;

/// <summary>The gateway's Redis, connected on first use.</summary>
public interface IRedisStore
{
    /// <summary>
    /// The shared connection. The first call connects, without blocking a thread; when Redis is down the connection comes
    /// up later by itself, and commands fail with <see cref="RedisConnectionException"/> until then. Never dispose it.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting of this caller only.</param>
    Task<IConnectionMultiplexer> GetAsync(CancellationToken cancellationToken);
}
