using System.Globalization;
using FsCheck.Fluent;
using Gateway.Contracts.Limits;
using Gateway.Edge.Admission.Limits;
using Gateway.Limits;
using Gateway.ServiceDefaults.Stores;
using StackExchange.Redis;

namespace Gateway.Edge.Tests.Admission.Limits;

/// <summary>Redis runs a script, governance runs code: both must grant the same, whatever is asked in whatever order.</summary>
public sealed class RedisScriptTests
{
    private const string Clock = "{gateway:limits}:clock";

    [Fact]
    public async Task The_script_in_redis_and_the_counter_in_memory_grant_the_same()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, "redis-server is not on PATH");
        var port = Ports.Free();
        using var server = RedisServer.Start(port);
        using var store = new Store(port);
        var redis = new RedisLimits(store) { Program = OwnClock(new RedisLimits(store).Program) };
        var steps =
            from edge in Gen.Choose(0, 3)
            from counter in Gen.Choose(0, 2)
            from other in Gen.Choose(0, 2)
            // Within a lease, past it, past the youth of a memory, and past what is remembered of an edge.
            from milliseconds in Gen.Frequency((12, Gen.Choose(0, 900)), (3, Gen.Choose(900, 7_000)), (1, Gen.Choose(7_000, 700_000)))
            from used in Gen.Frequency((4, Gen.Choose(0, 40)), (1, Gen.Choose(-20, 0)))
            from held in Gen.Frequency((6, Gen.Choose(0, 60)), (1, Gen.Choose(-30, 0)))
            from wanted in Gen.Choose(0, 80)
            from needed in Gen.Frequency((2, Gen.Constant(0)), (3, Gen.Choose(1, 120)))
            from least in Gen.Choose(0, 60)
            from floor in Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(1, 90)))
            from what in Gen.Choose(0, 19)
            select new Step(edge, counter, other, milliseconds, used, held, wanted, needed, Math.Min(least, needed), floor, what);
        var cases = from all in steps.ListOf(60)
                    from amount in Gen.Choose(1, 5_000).ArrayOf(3)
                    from seconds in Gen.Choose(0, 90).ArrayOf(3)
                    from burst in Gen.Choose(1, 400).ArrayOf(3)
                    select (Steps: all.ToArray(), Rules: Enumerable.Range(0, 3).Select(i => (Amount: (long)amount[i], Window: seconds[i] * 1_000_000L, Burst: (long)burst[i])).ToArray());
        foreach (var (sequence, rules) in cases.Sample(60, 40))
        {
            await CompareAsync(store, redis, sequence, rules);
        }
    }

    private static async Task CompareAsync(Store store, RedisLimits redis, Step[] sequence, (long Amount, long Window, long Burst)[] rules)
    {
        var database = (await store.GetAsync(TestContext.Current.CancellationToken)).GetDatabase();
        await database.ExecuteAsync("FLUSHALL");
        var model = new Model();
        var numbers = new long[4, 3];
        var uses = new long[4, 3];
        var memories = new string[4];
        var now = 1_750_000_000_000_000L;
        for (var i = 0; i < sequence.Length; i++)
        {
            var step = sequence[i];
            now += (step.Milliseconds * 1_000L) + Math.Abs(step.Used);
            await database.HashSetAsync(Clock, [new("s", now / 1_000_000), new("us", now % 1_000_000)]);
            var asks = new List<LimitAsk>();
            foreach (var counter in ((int[])[step.Counter, step.Other]).Distinct())
            {
                // Now and then a question that was overtaken, or a limit that was changed.
                numbers[step.Edge, counter] += step.What == 0 ? 0 : 1;
                uses[step.Edge, counter] += step.Used;
                var (amount, window, burst) = rules[step.What == 1 ? (counter + 1) % 3 : counter];
                asks.Add(new LimitAsk
                {
                    Id = "c" + counter.ToString(CultureInfo.InvariantCulture),
                    Amount = amount,
                    WindowMicros = window,
                    Burst = burst,
                    Sequence = numbers[step.Edge, counter],
                    IsNew = step.What == 2 || numbers[step.Edge, counter] <= 1,
                    Used = uses[step.Edge, counter],
                    Held = step.Held,
                    Free = Math.Max(0, step.Held / (1 + (step.What % 3))),
                    Wanted = step.Wanted,
                    Needed = step.Needed,
                    Least = step.Least,
                    Floor = step.Floor,
                });
            }

            // Some come from another memory: their counters are not known here.
            var request = new LimitRequest { Edge = $"edge-{step.Edge}", Memory = step.What == 3 ? "lost" : memories[step.Edge] ?? "", Limits = asks };
            var (answer, problem) = await redis.AskAsync(request, TestContext.Current.CancellationToken);
            Assert.True(problem is null, problem);
            model.Memory ??= answer!.Memory;
            var expected = model.Answer(request, now);
            Assert.True(
                expected.Edges == answer!.Edges && expected.Limits.SequenceEqual(answer.Limits),
                $"step {i} {step}: Redis says {answer.Edges} edges and {string.Join(' ', answer.Limits)}, memory {expected.Edges} and {string.Join(' ', expected.Limits)}; {string.Join(' ', asks)}");
            memories[step.Edge] = answer.Memory;
        }
    }

    /// <summary>The script by a clock that the test sets.</summary>
    private static string OwnClock(string script)
    {
        const string own = "redis.call('TIME')";
        Assert.Contains(own, script, StringComparison.Ordinal);
        return script.Replace(own, $"redis.call('HMGET', '{Clock}', 's', 'us')", StringComparison.Ordinal);
    }

    private sealed record Step(int Edge, int Counter, int Other, int Milliseconds, int Used, int Held, int Wanted, int Needed, int Least, int Floor, int What);

    /// <summary>What governance does with a question, by the same clock.</summary>
    private sealed class Model
    {
        private readonly Dictionary<string, SharedCounter> _counters = [];
        private readonly Dictionary<string, long> _edges = [];
        private long? _born;

        public string? Memory { get; set; }

        public LimitResponse Answer(LimitRequest request, long now)
        {
            _born ??= now;
            _edges[request.Edge] = now;
            var edges = _edges.Values.Count(at => now - at < LimitRequest.LeaseMs * 1_000L);
            var knewAnother = request.Memory.Length > 0 && request.Memory != Memory;
            var grants = new List<LimitGrant>();
            foreach (var ask in request.Limits)
            {
                if (!_counters.TryGetValue(ask.Id, out var counter))
                {
                    _counters[ask.Id] = counter = SharedCounter.Begin(ask, knewAnother, now - _born.Value, now);
                }

                grants.Add(counter.Answer(request.Edge, ask, edges, knewAnother, now - _born.Value, now));
            }

            return new LimitResponse { Memory = Memory!, Edges = edges, Limits = grants };
        }
    }

    private sealed class Store(int port) : IRedisStore, IDisposable
    {
        private IConnectionMultiplexer? _connection;

        public async Task<IConnectionMultiplexer> GetAsync(CancellationToken cancellationToken) =>
            _connection ??= await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions { EndPoints = { { "127.0.0.1", port } }, AbortOnConnectFail = false, AllowAdmin = true });

        public void Dispose() => _connection?.Dispose();
    }
}
