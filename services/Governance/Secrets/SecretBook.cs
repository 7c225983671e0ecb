using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Threading.Channels;

namespace Gateway.Governance.Secrets;

/// <summary>What is known of a referenced secret.</summary>
/// <param name="Value">The last good value, or null when there was none yet.</param>
/// <param name="ValueAt">When it was read last.</param>
/// <param name="Problem">Why the last reading failed; null when it did not.</param>
/// <param name="Failures">How many readings failed in a row.</param>
/// <param name="Next">When it is read again.</param>
internal sealed record SecretReading(string? Value, DateTimeOffset? ValueAt, string? Problem, int Failures, DateTimeOffset Next)
{
    /// <summary>Never shows the secret.</summary>
    public override string ToString() => Problem ?? "read";
}

/// <summary>The values of referenced secrets, in memory only.</summary>
internal sealed class SecretBook
{
    // What a snapshot waits for a secret that was never read: a change of anything else has to reach the edges in less than a second.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<SecretReference, Page> _pages = new();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly SecretStores _stores;
    private readonly TimeProvider _time;
    private readonly Counter<long> _reads;

    public SecretBook(SecretStores stores, TimeProvider time, IMeterFactory meters)
    {
        (_stores, _time) = (stores, time);
        var meter = meters.Create("Gateway.Governance");
        _reads = meter.CreateCounter<long>("gateway.secrets.reads", "{read}", "Readings of referenced secrets, by kind of place and outcome.");
        meter.CreateObservableGauge("gateway.secrets.failing", () => _pages.Values.Count(static p => p.Last is { Problem: not null }), "{secret}", "Referenced secrets whose last reading failed.");
    }

    /// <summary>Something may be due.</summary>
    public ChannelReader<bool> Woken => _wake.Reader;

    /// <summary>What is known of a secret; null before its first reading.</summary>
    public SecretReading? Look(SecretReference reference) => _pages.GetValueOrDefault(reference)?.Last;

    /// <summary>The value in force; null when there is none, and then a later one is news.</summary>
    public string? Use(SecretReference reference)
    {
        var page = _pages.GetOrAdd(reference, static _ => new Page());
        if (page.Last?.Value is { } value)
        {
            return value;
        }

        // Said before looking again: a reading that ends in between is either seen here or told.
        page.IsMissed = true;
        return page.Last?.Value;
    }

    /// <summary>Waits a moment for the first reading of those that were never read.</summary>
    public async Task EnsureAsync(IEnumerable<SecretReference> references, CancellationToken cancellation)
    {
        var waiting = references.Distinct().Select(r => _pages.GetOrAdd(r, static _ => new Page())).Where(static p => p.Last is null).Select(static p => p.First.Task).ToList();
        if (waiting.Count == 0)
        {
            return;
        }

        Wake();
        try
        {
            await Task.WhenAll(waiting).WaitAsync(Patience, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The snapshot goes without them; the first reading makes the next one.
        }
    }

    /// <summary>Forgets what nothing refers to any more, and takes up what is new.</summary>
    public void Keep(IReadOnlySet<SecretReference> references)
    {
        foreach (var reference in references)
        {
            _pages.GetOrAdd(reference, static _ => new Page());
        }

        foreach (var (reference, page) in _pages)
        {
            if (!references.Contains(reference) && !page.IsReading)
            {
                _pages.TryRemove(reference, out _);
            }
        }
    }

    /// <summary>Takes those that are due for reading; whoever takes one reads it.</summary>
    public IReadOnlyList<SecretReference> TakeDue(int most)
    {
        var now = _time.GetUtcNow();
        return [.. _pages.Where(p => p.Value.Last is not { } last || last.Next <= now).Where(static p => !p.Value.IsReading).Take(most).Where(static p => p.Value.TryBegin()).Select(static p => p.Key)];
    }

    /// <summary>How long until the next one is due.</summary>
    public TimeSpan UntilNext()
    {
        var next = _pages.Values.Where(static p => !p.IsReading).Select(static p => p.Last?.Next ?? DateTimeOffset.MinValue).DefaultIfEmpty(DateTimeOffset.MaxValue).Min();
        var left = next - _time.GetUtcNow();
        return left < TimeSpan.Zero ? TimeSpan.Zero : left;
    }

    /// <summary>Reads a secret that was taken; returns true when edges have to be told of its value.</summary>
    public async Task<(bool IsNews, SecretReading Before, SecretReading After)> ReadAsync(SecretReference reference, CancellationToken cancellation)
    {
        var page = _pages.GetOrAdd(reference, static _ => new Page());
        var before = page.Last ?? new SecretReading(null, null, null, 0, default);
        try
        {
            var read = await _stores.ReadAsync(reference, cancellation).ConfigureAwait(false);
            _reads.Add(1, new KeyValuePair<string, object?>("kind", reference.Kind.ToString()), new KeyValuePair<string, object?>("outcome", read.Outcome.ToString()));
            var now = _time.GetUtcNow();
            var interval = TimeSpan.FromSeconds(reference.RefreshSeconds ?? SecretReference.DefaultRefreshSeconds);
            var after = read.Value is { } value
                ? new SecretReading(value, now, null, 0, now + interval)
                : before with { Problem = read.Problem, Failures = before.Failures + 1, Next = now + Backoff(before.Failures, interval) };
            page.Last = after;
            page.First.TrySetResult();
            return (after.Value != before.Value && (before.Value is not null || page.IsMissed), before, after);
        }
        finally
        {
            page.End();
        }
    }

    public void Wake() => _wake.Writer.TryWrite(true);

    private static TimeSpan Backoff(int failures, TimeSpan interval)
    {
        var wait = FirstRetry * Math.Pow(2, Math.Min(failures, 16));
        return wait < interval ? wait : interval;
    }

    private sealed class Page
    {
        private volatile SecretReading? _last;
        private volatile bool _missed;
        private int _reading;

        public TaskCompletionSource First { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsReading => Volatile.Read(ref _reading) != 0;

        public SecretReading? Last
        {
            get => _last;
            set => _last = value;
        }

        public bool IsMissed
        {
            get => _missed;
            set => _missed = value;
        }

        public bool TryBegin() => Interlocked.CompareExchange(ref _reading, 1, 0) == 0;

        public void End() => Volatile.Write(ref _reading, 0);
    }
}
