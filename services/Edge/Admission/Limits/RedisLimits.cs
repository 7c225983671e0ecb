using System.Globalization;
using Gateway.Contracts.Limits;
using Gateway.Limits;
using Gateway.ServiceDefaults.Stores;
using StackExchange.Redis;

namespace Gateway.Edge.Admission.Limits;

/// <summary>
/// Counters in Redis, changed by one script for all of a question, by Redis' own clock. The script does what <see cref="SharedCounter"/> does, which says why: a change of
/// one is a change of both. All keys have one hash tag, so that a cluster keeps them in one place.
/// </summary>
internal sealed class RedisLimits(IRedisStore redis) : ILimitCoordinator
{
    private const string Prefix = "{gateway:limits}:";
    private const int FiguresPerAsk = 9;

    private const string Script = """
        local time = redis.call('TIME')
        local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
        local lease, young, forgotten = tonumber(ARGV[4]), tonumber(ARGV[5]), 600000000
        local edge, knew = ARGV[1], ARGV[2]
        if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('HSET', KEYS[1], 'id', ARGV[3], 'born', string.format('%.0f', now)) end
        local memory = redis.call('HGET', KEYS[1], 'id')
        local fresh = knew ~= '' and knew ~= memory and now - tonumber(redis.call('HGET', KEYS[1], 'born')) < young
        redis.call('ZADD', KEYS[2], now, edge)
        redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - lease)
        local edges = redis.call('ZCARD', KEYS[2])
        local answer = { memory, tostring(edges) }
        for i = 3, #KEYS do
          local a = 6 + (i - 3) * 9
          local amount, window, burst, sequence, used = tonumber(ARGV[a]), tonumber(ARGV[a + 1]), tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3]), tonumber(ARGV[a + 4])
          local held, free, wanted, needed = tonumber(ARGV[a + 5]), tonumber(ARGV[a + 6]), tonumber(ARGV[a + 7]), ARGV[a + 8]
          local least, floor, new
          needed, least, floor, new = string.match(needed, '^(%d+)/(%d+)/(%d+)/(%d)$')
          needed, least, floor = tonumber(needed), tonumber(least), tonumber(floor)
          local packed = redis.call('GET', KEYS[i])
          local state
          if packed then state = cmsgpack.unpack(packed)
          else state = { level = fresh and 0 or burst, at = now, closed = 0, slices = {} } end
          local all, others = 0, 0
          for name, slice in pairs(state.slices) do
            if now - slice[4] > forgotten then state.slices[name] = nil
            else
              local alive = (now - slice[4] <= lease) and slice[3] or 0
              all = all + alive
              if name ~= edge then others = others + alive end
            end
          end
          if window == 0 then state.level = burst - all
          else state.level = math.min(burst - all, state.level + math.max(0, now - state.at) * amount / window) end
          state.at = math.max(state.at, now)
          local slice = state.slices[edge]
          local old = false
          if not slice then
            if fresh then
              state.level = math.min(state.level, 0)
              if window == 0 then state.closed = state.at + lease end
            else
              state.level = state.level - math.max(0, held)
              if new == '1' and window ~= 0 then state.level = state.level - used end
            end
          elseif sequence <= slice[1] then old = true
          else
            local had = (state.at - slice[4] <= lease) and slice[3] or 0
            if window == 0 then state.level = state.level + had - held
            else state.level = state.level + had - (used - slice[2]) - held end
          end
          local granted = 0
          if not old then
            state.level = math.min(state.level, burst - others - math.max(0, held))
            granted = math.max(0, -held)
            state.level = state.level - granted
            if now >= state.closed then
              needed = math.min(needed, math.floor(state.level) - floor)
              if needed > 0 and needed >= least then
                granted = granted + needed
                state.level = state.level - needed
              end
              local slack = math.min(wanted, math.floor(burst / (4 * math.max(1, edges)))) - math.max(0, free)
              slack = math.max(0, math.min(slack, math.floor((state.level - floor) / 2)))
              state.level = state.level - slack
              granted = granted + slack
            end
            state.slices[edge] = { sequence, used, math.max(0, held + granted), now }
          end
          redis.call('SET', KEYS[i], cmsgpack.pack(state), 'PX', string.format('%.0f', (math.min(window * burst / amount, 200000000000) + forgotten) / 1000))
          answer[#answer + 1] = string.format('%.0f', granted)
          answer[#answer + 1] = string.format('%.0f', math.floor(state.level))
        end
        return answer
        """;

    /// <summary>What Redis runs; for tests, which give it a clock of their own.</summary>
    internal string Program { get; init; } = Script;

    public async ValueTask<(LimitResponse? Answer, string? Problem)> AskAsync(LimitRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var connection = await redis.GetAsync(cancellationToken).ConfigureAwait(false);
            var result = await connection.GetDatabase().ScriptEvaluateAsync(Program, Keys(request), Values(request)).WaitAsync(cancellationToken).ConfigureAwait(false);
            var texts = (RedisValue[])result!;
            var grants = new LimitGrant[request.Limits.Count];
            for (var i = 0; i < grants.Length; i++)
            {
                grants[i] = new LimitGrant(Number(texts[2 + (2 * i)]), Number(texts[3 + (2 * i)]));
            }

            return (new LimitResponse { Memory = texts[0]!, Edges = (int)Number(texts[1]), Limits = grants }, null);
        }
        catch (OperationCanceledException)
        {
            return (null, "Redis did not answer in time");
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException or FormatException)
        {
            // What the client says may have several lines of its own state.
            return (null, $"Redis: {e.GetType().Name}");
        }
    }

    private static RedisKey[] Keys(LimitRequest request)
    {
        var keys = new RedisKey[request.Limits.Count + 2];
        (keys[0], keys[1]) = (Prefix + "memory", Prefix + "edges");
        for (var i = 0; i < request.Limits.Count; i++)
        {
            keys[i + 2] = $"{Prefix}c:{request.Limits[i].Id}";
        }

        return keys;
    }

    private static RedisValue[] Values(LimitRequest request)
    {
        var values = new RedisValue[5 + (FiguresPerAsk * request.Limits.Count)];
        values[0] = request.Edge;
        values[1] = request.Memory;
        values[2] = Guid.CreateVersion7().ToString("N");
        values[3] = LimitRequest.LeaseMs * 1_000L;
        values[4] = SharedCounter.YoungMicros;
        for (var i = 0; i < request.Limits.Count; i++)
        {
            var ask = request.Limits[i];
            var at = 5 + (FiguresPerAsk * i);
            (values[at], values[at + 1], values[at + 2]) = (ask.Amount, ask.WindowMicros, ask.Burst);
            (values[at + 3], values[at + 4], values[at + 5]) = (ask.Sequence, ask.Used, ask.Held);
            (values[at + 6], values[at + 7], values[at + 8]) = (ask.Free, ask.Wanted, string.Create(CultureInfo.InvariantCulture, $"{ask.Needed}/{ask.Least}/{ask.Floor}/{(ask.IsNew ? 1 : 0)}"));
        }

        return values;
    }

    private static long Number(RedisValue value) => long.Parse((string)value!, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
}
