using System.Diagnostics;
using System.Threading.Tasks.Sources;

namespace Gateway.LlmSimulator.Serving;

/// <summary>
/// Wakes thousands of streams at their times from one thread. A timer per wait would cost an allocation and two thread
/// switches per token; here continuations run on the pacing thread itself, and they only format and send a few hundred bytes.
/// </summary>
internal sealed class Pacer : IDisposable
{
    private readonly PriorityQueue<Sleeper, long> _due = new();
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _sooner = new(false);
    private readonly List<Sleeper> _ripe = [];
    private Thread? _thread;
    private bool _stopped;

    /// <summary>Completes at <paramref name="timestamp"/> (<see cref="Stopwatch"/> ticks), up to a millisecond late, or when the pacer stops.</summary>
    public ValueTask Until(long timestamp, Sleeper sleeper)
    {
        if (timestamp <= Stopwatch.GetTimestamp())
        {
            return default;
        }

        var task = sleeper.Sleep();
        bool first;
        lock (_gate)
        {
            if (_stopped)
            {
                sleeper.Wake();
                return task;
            }

            first = !_due.TryPeek(out _, out var next) || timestamp < next;
            _due.Enqueue(sleeper, timestamp);
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "pacer" };
                _thread.Start();
            }
        }

        if (first)
        {
            _ = _sooner.Set();
        }

        return task;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
        }

        _ = _sooner.Set();
    }

    private void Run()
    {
        while (true)
        {
            var wait = Timeout.Infinite;
            lock (_gate)
            {
                var now = Stopwatch.GetTimestamp();
                while (_due.TryPeek(out var sleeper, out var at))
                {
                    if (at > now && !_stopped)
                    {
                        wait = (int)Math.Min(60_000, ((at - now) * 1000 / Stopwatch.Frequency) + 1);
                        break;
                    }

                    _ = _due.Dequeue();
                    _ripe.Add(sleeper);
                }

                if (_stopped && _ripe.Count == 0)
                {
                    return;
                }
            }

            if (_ripe.Count == 0)
            {
                _ = _sooner.WaitOne(wait);
                continue;
            }

            foreach (var sleeper in _ripe)
            {
                sleeper.Wake();
            }

            _ripe.Clear();
        }
    }

    /// <summary>One stream's reusable wait; one at a time.</summary>
    public sealed class Sleeper : IValueTaskSource
    {
        private ManualResetValueTaskSourceCore<bool> _core;

        public ValueTask Sleep()
        {
            _core.Reset();
            return new ValueTask(this, _core.Version);
        }

        public void Wake() => _core.SetResult(true);

        void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

        ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

        void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => _core.OnCompleted(continuation, state, token, flags);
    }
}
