using System.Collections.Concurrent;
using System.Globalization;
using Gateway.ServiceDefaults.Stores;
using StackExchange.Redis;

namespace Gateway.McpHub.Policies;

/// <summary>A rate limit that a call counts against.</summary>
/// <param name="Name">Its counter.</param>
/// <param name="PerMinute">Most calls a minute.</param>
internal readonly record struct CallLimit(string Name, int PerMinute);

/// <summary>
/// Rate limits over calls: each lets through a minute's calls at once after a quiet time, and then one by one. All of a call's limits have room, or it counts against none. In
/// Redis where there is one, so that all hubs share them; else, and while Redis does not answer, each hub has its own.
/// </summary>
internal sealed partial class CallLimits(TimeProvider time, ILogger<CallLimits> log, IRedisStore? redis = null)
{
    /// <summary>Most counters of this hub.</summary>
    public const int Most = 100_000;

    private const long Minute = 60_000_000;
    private const string Prefix = "{gateway:mcp-limits}:";

    // By Redis' own clock: those of the hubs do not matter. What is kept is when a counter will be at rest again.
    private const string Script = """
        local time = redis.call('TIME')
        local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
        local worst = 0
        local next = {}
        for i = 1, #KEYS do
          local step = 60000000 / tonumber(ARGV[i])
          local rest = math.max(now, tonumber(redis.call('GET', KEYS[i]) or '0'))
          local wait = rest + step - (now + 60000000)
          if wait > worst then worst = wait end
          next[i] = rest + step
        end
        if worst > 0 then return string.format('%.0f', math.ceil(worst)) end
        for i = 1, #KEYS do redis.call('SET', KEYS[i], string.format('%.0f', next[i]), 'PX', 120000) end
        return '0'
        """;

    private readonly ConcurrentDictionary<string, Counter> _counters = new(StringComparer.Ordinal);
    private readonly Lock _taking = new();
    private long _toldAt;

    /// <summary>Counts a call.</summary>
    /// <returns>Null when it may go; else after what time it may be tried again.</returns>
    public async ValueTask<TimeSpan?> TakeAsync(IReadOnlyList<CallLimit> limits, CancellationToken cancellation)
    {
        if (limits.Count == 0)
        {
            return null;
        }

        if (redis is not null)
        {
            try
            {
                var connection = await redis.GetAsync(cancellation).ConfigureAwait(false);
                var result = await connection.GetDatabase().ScriptEvaluateAsync(
                    Script,
                    [.. limits.Select(static l => (RedisKey)(Prefix + l.Name))],
                    [.. limits.Select(static l => (RedisValue)l.PerMinute.ToString(CultureInfo.InvariantCulture))]).WaitAsync(TimeSpan.FromSeconds(2), time, cancellation).ConfigureAwait(false);
                var wait = long.Parse((string)result!, CultureInfo.InvariantCulture);
                return wait <= 0 ? null : TimeSpan.FromMicroseconds(wait);
            }
            catch (Exception fault) when (fault is RedisException or TimeoutException or ObjectDisposedException or FormatException)
            {
                Tell(fault);
            }
        }

        return TakeHere(limits);
    }

    private TimeSpan? TakeHere(IReadOnlyList<CallLimit> limits)
    {
        var now = (long)time.GetElapsedTime(0).TotalMicroseconds;
        lock (_taking)
        {
            if (_counters.Count > Most)
            {
                foreach (var (name, counter) in _counters.Where(c => c.Value.Rest <= now).ToList())
                {
                    _counters.TryRemove(name, out _);
                }
            }

            var worst = 0L;
            foreach (var limit in limits)
            {
                var rest = Math.Max(now, _counters.TryGetValue(limit.Name, out var counter) ? counter.Rest : 0);
                worst = Math.Max(worst, rest + (Minute / limit.PerMinute) - (now + Minute));
            }

            if (worst > 0)
            {
                return TimeSpan.FromMicroseconds(worst);
            }

            foreach (var limit in limits)
            {
                var counter = _counters.GetOrAdd(limit.Name, static _ => new Counter());
                counter.Rest = Math.Max(now, counter.Rest) + (Minute / limit.PerMinute);
            }

            return null;
        }
    }

    private void Tell(Exception fault)
    {
        var now = time.GetTimestamp();
        var last = Interlocked.Read(ref _toldAt);
        if ((last == 0 || time.GetElapsedTime(last, now) > TimeSpan.FromMinutes(1)) && Interlocked.CompareExchange(ref _toldAt, now, last) == last)
        {
            NotShared(fault.GetType().Name);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Redis does not answer ({Fault}): rate limits of tools hold for each hub by itself until it does")]
    private partial void NotShared(string fault);

    private sealed class Counter
    {
        public long Rest { get; set; }
    }
}
