using Gateway.Contracts;
using Gateway.ServiceDefaults.Health;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace Gateway.ServiceDefaults.Stores;

/// <summary>Registers Redis.</summary>
public static class RedisExtensions
{
    /// <summary>Less than the client's 5 seconds: a request must not wait that long for a store that may be absent.</summary>
    private const int ConnectMilliseconds = 2000;

    /// <summary>
    /// Registers <see cref="IRedisStore"/> and a readiness check when <c>ConnectionStrings:redis</c> is set, in the form
    /// <c>host:port,password=…,ssl=true</c>. Nothing is connected before the first use.
    /// </summary>
    /// <param name="builder">The service's builder.</param>
    /// <param name="need">What an unreachable Redis means for readiness. Default <see cref="StoreNeed.Required"/>.</param>
    /// <returns>False when there is no Redis: use the embedded store.</returns>
    /// <exception cref="InvalidOperationException">The connection string cannot be read.</exception>
    public static bool AddGatewayRedis(this IHostApplicationBuilder builder, StoreNeed need = StoreNeed.Required)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var text = builder.Configuration.GetConnectionString(WireNames.RedisConnection);
        if (string.IsNullOrWhiteSpace(text))
        {
            return false;
        }

        var options = Parse(text);
#if ASPIRE_CLIENTS
        builder.AddRedisClient(
            WireNames.RedisConnection,
            settings =>
            {
                // Readiness and traces are the gateway's own, the same with and without Aspire.
                settings.DisableHealthChecks = true;
                settings.DisableTracing = true;
                settings.DisableAutoActivation = true;
            },
            configured =>
            {
                configured.AbortOnConnectFail = options.AbortOnConnectFail;
                configured.ConnectTimeout = options.ConnectTimeout;
            });

        // Aspire's registration connects while it is resolved, which blocks: do that on a thread that may wait.
        builder.Services.AddSingleton<IRedisStore>(s => new RedisStore(() => Task.Run(() => s.GetRequiredService<IConnectionMultiplexer>())));
#else
        builder.Services.AddSingleton<IRedisStore>(_ => new RedisStore(async () => await ConnectionMultiplexer.ConnectAsync(options).ConfigureAwait(false)));
#endif
        builder.Services.AddSingleton<IReadinessCheck>(s => new RedisCheck(s.GetRequiredService<IRedisStore>(), need));
        return true;
    }

    private static ConfigurationOptions Parse(string text)
    {
        try
        {
            var options = ConfigurationOptions.Parse(text);
            if (options.EndPoints.Count > 0)
            {
                options.AbortOnConnectFail = false;
                if (!text.Contains("connectTimeout", StringComparison.OrdinalIgnoreCase))
                {
                    options.ConnectTimeout = ConnectMilliseconds;
                }

                return options;
            }
        }
        catch (ArgumentException)
        {
            // Falls through to the message below: the parser's own may quote the password.
        }

        throw new InvalidOperationException(
            "ConnectionStrings:redis (environment variable ConnectionStrings__redis) cannot be read: write host:port, then options after commas, for example localhost:6379,password=secret,ssl=true.");
    }
}
