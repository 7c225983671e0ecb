namespace Gateway.Edge.Journal;

/// <summary>
/// Owner of everything in the journal that may block: makes segments ahead of need, flushes, deletes what is done with. A thread of its
/// own, since the thread pool must not wait for disks.
/// </summary>
internal sealed partial class JournalKeeper : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(500);

    private readonly JournalOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly JournalMetrics _metrics;
    // Never disposed: an append that rolls over while the journal closes may still touch it, and it holds no handle.
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread _thread;
    private readonly Lock _gate = new();
    private readonly Lock _flushing = new();
    private readonly List<SegmentMap> _finished = [];
    private JournalFolder? _folder;
    private LiveSegment _last;
    private LiveSegment _frontier;
    private int _frontierOffset;
    private JournalPosition _flushed;
    private long _lastFlush;
    private long _lastFailure;
    private string? _fault = "the usage journal is being opened";
    private string? _logged;
    private JournalPosition _retainFrom;
    private bool _stopping;
    private bool _released;

    /// <summary>Keeps a journal that starts on <paramref name="first"/>, a full segment without a file.</summary>
    public JournalKeeper(JournalOptions options, LiveSegment first, TimeProvider time, ILogger logger, JournalMetrics metrics)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _metrics = metrics;
        _last = first;
        _frontier = first;
        _retainFrom = options.HoldForReplay ? JournalPosition.Start : JournalPosition.End;
        _thread = new Thread(Run) { IsBackground = true, Name = "usage-journal" };
    }

    /// <summary>The folder once it could be opened.</summary>
    public JournalFolder? Folder => Volatile.Read(ref _folder);

    /// <summary>Why there is no room for records; null when there is.</summary>
    public string? Fault => Volatile.Read(ref _fault);

    /// <summary>See <see cref="IJournalReplay.RetainFrom"/>.</summary>
    public JournalPosition RetainFrom
    {
        get
        {
            lock (_gate)
            {
                return _retainFrom;
            }
        }

        set
        {
            lock (_gate)
            {
                _retainFrom = value;
            }
        }
    }

    /// <summary>Opens the folder, with one segment if that works at once, and starts the thread.</summary>
    public void Start()
    {
        _lastFlush = _time.GetTimestamp();
        Prepare(ahead: false);
        _thread.Start();
    }

    /// <summary>Asks for the next segment to be prepared. Called once per segment.</summary>
    public void Wake() => _wake.Set();

    /// <summary>Moves past what is published, and closes segments whose records all are.</summary>
    /// <returns>The position before which everything is published.</returns>
    public unsafe JournalPosition AdvanceFrontier()
    {
        lock (_gate)
        {
            while (!_released)
            {
                var sealedAt = _frontier.SealedAt;
                if (_frontier.Map is not { } map || (sealedAt >= 0 && _frontierOffset >= sealedAt))
                {
                    if (_frontier.Next is not { } next)
                    {
                        break;
                    }

                    Leave(sealedAt);
                    _frontier = next;
                    _frontierOffset = SegmentHeader.Size;
                    continue;
                }

                if (_frontierOffset + RecordLayout.MinBytes > map.Header.Bytes)
                {
                    break;
                }

                var at = map.Base + _frontierOffset;
                var head = Volatile.Read(ref *(ulong*)at);
                if (head == 0 || Volatile.Read(ref *(ulong*)(at + 8)) == 0)
                {
                    break;
                }

                _frontierOffset += RecordLayout.Length(head);
            }

            return _frontier.Map is { } current ? new JournalPosition(current.Header.Number, _frontierOffset) : JournalPosition.Start;
        }
    }

    /// <summary>Flushes every segment with unflushed records. Blocks on the disk.</summary>
    public void Flush()
    {
        lock (_flushing)
        {
            var position = AdvanceFrontier();
            SegmentMap[] finished;
            SegmentMap? current = null;
            lock (_gate)
            {
                finished = [.. _finished];
                _finished.Clear();
                if (position != _flushed && _frontier.Map is { } map && map.TryAcquire())
                {
                    current = map;
                }
            }

            foreach (var map in finished)
            {
                FlushAndRelease(map);
            }

            if (current is not null)
            {
                FlushAndRelease(current);
            }

            _flushed = position;
            _lastFlush = _time.GetTimestamp();
        }
    }

    /// <summary>Stops: seals every segment, waits for appends under way, flushes, lets go of the folder.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _stopping, true))
        {
            return;
        }

        Wake();
        var stopped = _thread.Join(TimeSpan.FromSeconds(10));
        for (var segment = _frontier; segment is not null; segment = segment.Next)
        {
            segment.Seal();
        }

        // What is reserved is published within a few hundred instructions; a thread that does not run for a second keeps its memory mapped.
        var published = SpinWait.SpinUntil(IsDrained, TimeSpan.FromSeconds(1));
        Flush();
        lock (_gate)
        {
            _released = true;
        }

        if (published && stopped)
        {
            for (var segment = _frontier; segment is not null; segment = segment.Next)
            {
                segment.Map?.Release();
            }
        }

        _folder?.Dispose();
    }

    private bool IsDrained()
    {
        _ = AdvanceFrontier();
        return _frontier.Next is null && (_frontier.Map is null || _frontierOffset >= _frontier.SealedAt);
    }

    private void Leave(int sealedAt)
    {
        if (_frontier.Map is { } map)
        {
            _folder?.Close(map.Header.Number, sealedAt);
            _finished.Add(map);
        }
    }

    private void FlushAndRelease(SegmentMap map)
    {
        try
        {
            map.Flush();
        }
        catch (IOException fault)
        {
            LogFlushFailed(fault);
        }
        finally
        {
            map.Release();
        }
    }

    private void Run()
    {
        while (!Volatile.Read(ref _stopping))
        {
            try
            {
                Prepare(ahead: true);
                _ = AdvanceFrontier();
                if (_finished.Count > 0 || _time.GetElapsedTime(_lastFlush) >= _options.FlushInterval)
                {
                    Flush();
                }

                _folder?.Trim(RetainFrom);
            }
            catch (Exception fault)
            {
                // The thread must outlive any fault: without it the journal would fill up and stop all traffic.
                LogKeeperFailed(fault);
            }

            _ = _wake.WaitOne(Tick);
        }
    }

    private void Prepare(bool ahead)
    {
        if (_fault is not null && _lastFailure != 0 && _time.GetElapsedTime(_lastFailure) < RetryAfter)
        {
            return;
        }

        try
        {
            if (_folder is null)
            {
                Volatile.Write(ref _folder, JournalFolder.Open(_options, _time, _logger));
                _metrics.Recovered(_folder!.Recovery);
            }

            // One ahead of the one in use; at the start the one in use is the full segment without a file.
            while (_last.Map is null || (ahead && _last == Active()))
            {
                if (!_options.LocalHistory && _folder.Bytes + _options.SegmentBytes > _folder.MaxBytes)
                {
                    Fail($"the usage journal has reached its limit of {_folder.MaxBytes} bytes of records that governance has not taken", null);
                    return;
                }

                var next = _folder.CreateSegment();
                _last.Next = next;
                _last = next;
            }

            _fault = null;
            _logged = null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Fail($"the usage journal cannot be written: {fault.Message}", fault);
        }
    }

    private LiveSegment Active()
    {
        // The first that still takes records: all before it are full.
        var segment = _frontier;
        while (segment.IsFull && segment.Next is { } next)
        {
            segment = next;
        }

        return segment;
    }

    private void Fail(string reason, Exception? fault)
    {
        _lastFailure = _time.GetTimestamp();
        Volatile.Write(ref _fault, reason);
        if (_logged != reason)
        {
            _logged = reason;
            LogFault(reason, _options.Directory, fault);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "No room for usage records: {Reason}. Requests will be refused once the current segment is full. Free space on the disk of {Folder} or make it writable")]
    private partial void LogFault(string reason, string folder, Exception? fault);

    [LoggerMessage(Level = LogLevel.Error, Message = "The usage journal could not be flushed to the disk; records are safe from a crash of this process but not from a power cut")]
    private partial void LogFlushFailed(Exception fault);

    [LoggerMessage(Level = LogLevel.Error, Message = "A round of keeping the usage journal failed; it goes on")]
    private partial void LogKeeperFailed(Exception fault);
}
