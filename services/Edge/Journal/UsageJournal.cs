using System.Diagnostics;

namespace Gateway.Edge.Journal;

/// <summary>
/// The usage journal: segment files mapped into memory, to which any number of threads append with one atomic addition and plain stores.
/// What is stored belongs to the kernel, so it outlives a killed process; <see cref="JournalOptions.FlushInterval"/> bounds what a power
/// cut can take. Everything that touches the disk is done by one thread of its own (<see cref="JournalKeeper"/>).
/// </summary>
internal sealed class UsageJournal : IUsageJournal, IJournalReplay, IDisposable
{
    private static readonly TimeSpan _longestWait = TimeSpan.FromSeconds(2);

    private readonly JournalOptions _options;
    private readonly JournalKeeper _keeper;
    private LiveSegment _active;
    private long _appended;
    private long _acknowledged;
    private bool _closed;

    /// <summary>Opens the journal. A folder that cannot be used is no error here: it is tried again, and until then appends are refused.</summary>
    public UsageJournal(JournalOptions options, TimeProvider time, ILogger<UsageJournal> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.SegmentBytes, 64 * 1024);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.SegmentBytes, 1024 * 1024 * 1024);
        ArgumentOutOfRangeException.ThrowIfNotEqual(options.SegmentBytes % 4096, 0);
        _options = options;
        _active = LiveSegment.Full();
        Metrics = new JournalMetrics(this);
        _keeper = new JournalKeeper(options, _active, time, logger, Metrics);
        _keeper.Start();
    }

    /// <inheritdoc/>
    public long BacklogRecords => _options.LocalHistory
        ? 0
        : Math.Max(0, Recovery.Pending + Volatile.Read(ref _appended) - Volatile.Read(ref _acknowledged));

    /// <inheritdoc/>
    public string? NotReadyReason => Volatile.Read(ref _active) is { IsFull: true, Next: null } ? _keeper.Fault : null;

    /// <summary>Id of this edge, 16 hex digits kept in the folder; null until the folder is open.</summary>
    public string? EdgeId => _keeper.Folder?.EdgeId;

    /// <summary>What was found when the folder was opened; all zero before.</summary>
    public JournalRecovery Recovery => _keeper.Folder?.Recovery ?? new JournalRecovery(0, 0, 0, 0);

    /// <summary>Records appended by this process.</summary>
    public long Appended => Volatile.Read(ref _appended);

    /// <summary>Bytes of all segments.</summary>
    public long Bytes => _keeper.Folder?.Bytes ?? 0;

    /// <summary>Bytes of all segments as a share of what they may have.</summary>
    public double Fill => _keeper.Folder is { } folder ? (double)folder.Bytes / folder.MaxBytes : 0;

    /// <summary>The acknowledged position.</summary>
    public JournalPosition Acknowledged => _keeper.Folder?.Acknowledged ?? JournalPosition.Start;

    /// <inheritdoc/>
    public JournalPosition CurrentPosition => _keeper.AdvanceFrontier();

    /// <inheritdoc/>
    public JournalPosition RetainFrom
    {
        get => _keeper.RetainFrom;
        set => _keeper.RetainFrom = value;
    }

    internal JournalMetrics Metrics { get; }

    /// <inheritdoc/>
    public bool TryAppend(in UsageEntry entry)
    {
        var length = RecordLayout.Measure(in entry);
        while (true)
        {
            var segment = Volatile.Read(ref _active);
            if (segment.TryWrite(length, in entry))
            {
                Interlocked.Increment(ref _appended);
                return true;
            }

            var next = segment.Next ?? AwaitNext(segment);
            if (next is null || Volatile.Read(ref _closed))
            {
                Metrics.Refused.Add(1);
                return false;
            }

            if (Interlocked.CompareExchange(ref _active, next, segment) == segment)
            {
                _keeper.Wake();
            }
        }
    }

    // The next segment is made ahead of time; only a starved machine gets here. Losing the record would be worse than this short wait.
    private LiveSegment? AwaitNext(LiveSegment full)
    {
        var started = Stopwatch.GetTimestamp();
        var spin = default(SpinWait);
        _keeper.Wake();
        while (full.Next is null && _keeper.Fault is null && !Volatile.Read(ref _closed) && Stopwatch.GetElapsedTime(started) < _longestWait)
        {
            spin.SpinOnce();
        }

        return full.Next;
    }

    /// <summary>A reader from the acknowledged position on; null until the folder is open.</summary>
    public JournalReader? TryOpenReader() => _keeper.Folder is { } folder ? new JournalReader(folder, folder.Acknowledged) : null;

    /// <summary>A reader from a position on, or from the oldest record kept where the position is not of this folder's history; null until the folder is open.</summary>
    public JournalReader? TryOpenReader(JournalPosition from) =>
        _keeper.Folder is { } folder ? new JournalReader(folder, from > CurrentPosition ? JournalPosition.Start : from) : null;

    /// <summary>Notes that everything before a position is safe elsewhere.</summary>
    /// <param name="position">A reader's position.</param>
    /// <param name="records">Records that this covers since the last acknowledgement.</param>
    /// <exception cref="IOException">The position could not be kept; the records may be delivered twice.</exception>
    public void Acknowledge(JournalPosition position, int records)
    {
        _keeper.Folder?.Acknowledge(position);
        Interlocked.Add(ref _acknowledged, records);
    }

    /// <inheritdoc/>
    public IEnumerable<JournalItem> EnumerateFrom(JournalPosition from)
    {
        if (_keeper.Folder is not { } folder)
        {
            yield break;
        }

        using var reader = new JournalReader(folder, from > CurrentPosition ? JournalPosition.Start : from);
        while (reader.TryReadItem(out var item))
        {
            yield return item;
        }
    }

    /// <summary>Flushes what was appended to the disk now.</summary>
    public void Flush() => _keeper.Flush();

    /// <summary>Stops taking records, flushes and lets go of the folder. Appends after it return false.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _closed, true);
        _keeper.Dispose();
        Metrics.Dispose();
    }
}
