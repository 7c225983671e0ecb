using System.Security.Cryptography;
using System.Text;
using Gateway.ServiceDefaults.Files;

namespace Gateway.Edge.Journal;

/// <summary>
/// The journal's folder: which segments there are, what is acknowledged, what may go. One process at a time holds it.
/// </summary>
internal sealed partial class JournalFolder : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SortedList<long, SegmentEntry> _segments = [];
    private readonly JournalOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly FileStream _lock;
    private readonly AcknowledgedFile _acknowledged;
    private readonly ulong _writer = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
    private long _lastNumber;

    private JournalFolder(JournalOptions options, TimeProvider time, ILogger logger, FileStream held)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _lock = held;
        _acknowledged = AcknowledgedFile.Open(Path.Combine(options.Directory, "acked"));
        EdgeId = ReadEdgeId(Path.Combine(options.Directory, "edge-id"));
    }

    /// <summary>Id of the edge that owns this folder: 16 hex digits, kept with it.</summary>
    public string EdgeId { get; }

    /// <summary>What recovery found.</summary>
    public JournalRecovery Recovery { get; private set; } = new(0, 0, 0, 0);

    /// <summary>Everything before it is acknowledged.</summary>
    public JournalPosition Acknowledged
    {
        get
        {
            lock (_gate)
            {
                return _acknowledged.Position;
            }
        }
    }

    /// <summary>Bytes of all segments.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return Total();
            }
        }
    }

    /// <summary>Most bytes kept.</summary>
    public long MaxBytes => Math.Max(
        _options.MaxBytes ?? (_options.LocalHistory ? 256L : 4096L) * 1024 * 1024,
        3L * _options.SegmentBytes);

    /// <summary>Takes the folder and looks over what an earlier process left in it.</summary>
    /// <exception cref="IOException">The folder cannot be used, or another process holds it.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be used.</exception>
    public static JournalFolder Open(JournalOptions options, TimeProvider time, ILogger logger)
    {
        OwnerOnlyFiles.EnsureFolder(options.Directory);
        var held = new FileStream(Path.Combine(options.Directory, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        JournalFolder? folder = null;
        try
        {
            folder = new JournalFolder(options, time, logger, held);
            folder.Recover();
            return folder;
        }
        catch
        {
            folder?._acknowledged.Dispose();
            held.Dispose();
            throw;
        }
    }

    /// <summary>Makes the next segment. Blocks on the disk.</summary>
    /// <exception cref="IOException">The disk is full or the folder cannot be written.</exception>
    public LiveSegment CreateSegment()
    {
        OwnerOnlyFiles.EnsureFolder(_options.Directory);
        var header = new SegmentHeader(_lastNumber + 1, _writer, _options.SegmentBytes);
        var path = SegmentFiles.Create(_options.Directory, header);
        _lastNumber = header.Number;
        var live = new LiveSegment(SegmentMap.Open(path, header, writable: true));
        lock (_gate)
        {
            _segments.Add(header.Number, new SegmentEntry(path, live, header));
        }

        return live;
    }

    /// <summary>The first segment with this number or a higher one.</summary>
    public SegmentEntry? FirstFrom(long number)
    {
        lock (_gate)
        {
            foreach (var entry in _segments.Values)
            {
                if (entry.Number >= number)
                {
                    return entry;
                }
            }

            return null;
        }
    }

    /// <summary>Notes that a segment of this process is complete.</summary>
    public void Close(long number, int end)
    {
        lock (_gate)
        {
            if (_segments.TryGetValue(number, out var entry))
            {
                entry.Close(end);
            }
        }
    }

    /// <summary>Moves the acknowledged position on; never back.</summary>
    public void Acknowledge(JournalPosition position)
    {
        lock (_gate)
        {
            if (position > _acknowledged.Position)
            {
                _acknowledged.Save(position);
            }
        }
    }

    /// <summary>Deletes the segments that nobody needs.</summary>
    /// <param name="retainFrom">Segments from this position on are kept for a replay.</param>
    public void Trim(JournalPosition retainFrom)
    {
        lock (_gate)
        {
            var keepFrom = Math.Min(_acknowledged.Position.Segment, retainFrom.Segment);
            while (_segments.Count > 0)
            {
                var oldest = _segments.Values[0];
                var goes = _options.LocalHistory ? Total() + _options.SegmentBytes > MaxBytes : oldest.Number < keepFrom;
                if (!goes || oldest.Live is not null || !SegmentFiles.TryDelete(oldest.Path))
                {
                    return;
                }

                _segments.RemoveAt(0);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _acknowledged.Dispose();
        }

        _lock.Dispose();
    }

    private static string ReadEdgeId(string path)
    {
        if (File.Exists(path) && File.ReadAllText(path).Trim() is { Length: 16 } known && known.All(char.IsAsciiHexDigitLower))
        {
            return known;
        }

        var made = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        OwnerOnlyFiles.Write(path, Encoding.ASCII.GetBytes(made), replace: true);
        return made;
    }

    private long Total()
    {
        var total = 0L;
        foreach (var entry in _segments.Values)
        {
            total += entry.Header.Bytes;
        }

        return total;
    }

    private void Recover()
    {
        var acknowledged = _acknowledged.Position;
        foreach (var (number, path) in SegmentFiles.List(_options.Directory))
        {
            switch (SegmentFiles.ReadHeader(path, out var header))
            {
                case SegmentHeaderState.Good when header.Number == number:
                    var entry = new SegmentEntry(path, header);
                    if (_options.LocalHistory || number < acknowledged.Segment || Examine(entry, acknowledged))
                    {
                        _segments.Add(number, entry);
                    }

                    break;
                case SegmentHeaderState.Newer:
                    Recovery = Recovery with { Unreadable = Recovery.Unreadable + 1 };
                    LogNewer(path);
                    break;
                default:
                    Recovery = Recovery with { Unreadable = Recovery.Unreadable + 1 };
                    SegmentFiles.PutAside(path);
                    LogUnreadable(path);
                    break;
            }
        }

        // Not below the clock: positions kept elsewhere stay behind the new ones even after this folder was wiped or put back from a backup.
        _lastNumber = Math.Max(
            Math.Max(SegmentFiles.HighestNumber(_options.Directory), acknowledged.Segment),
            _time.GetUtcNow().ToUnixTimeSeconds());
        if (Recovery != new JournalRecovery(0, 0, 0, 0))
        {
            LogRecovered(Recovery.Pending, Recovery.Torn, Recovery.Damaged, Recovery.Unreadable);
        }
    }

    private bool Examine(SegmentEntry entry, JournalPosition acknowledged)
    {
        var records = 0;
        var from = entry.Number == acknowledged.Segment ? acknowledged.Offset : SegmentHeader.Size;
        using var cursor = entry.TryOpen(from);
        if (cursor is null)
        {
            return false;
        }

        var end = cursor.Offset;
        while (cursor.Step(out _) == CursorStep.Record)
        {
            records++;
            end = cursor.Offset;
        }

        entry.Close(end);
        Recovery = Recovery with
        {
            Pending = Recovery.Pending + records,
            Torn = Recovery.Torn + cursor.Torn,
            Damaged = Recovery.Damaged + cursor.Damaged,
        };
        if (records == 0 && from == SegmentHeader.Size)
        {
            // Prepared and never used, or nothing in it can be read. Damage is kept for whoever looks into it.
            if (cursor.Damaged > 0)
            {
                SegmentFiles.PutAside(entry.Path);
                return false;
            }

            return !SegmentFiles.TryDelete(entry.Path);
        }

        return true;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Usage journal recovered: {Pending} records to deliver, {Torn} begun and never published, {Damaged} damaged stretches skipped, {Unreadable} segments unreadable")]
    private partial void LogRecovered(long pending, long torn, long damaged, long unreadable);

    [LoggerMessage(Level = LogLevel.Error, Message = "Usage journal segment {Path} was written by a later version; it stays where it is and its records wait for that version")]
    private partial void LogNewer(string path);

    [LoggerMessage(Level = LogLevel.Error, Message = "Usage journal segment {Path} has a damaged header; it was renamed to .damaged and its records cannot be delivered")]
    private partial void LogUnreadable(string path);
}

/// <summary>What was found when the journal was opened.</summary>
/// <param name="Pending">Whole records that wait for an acknowledgement.</param>
/// <param name="Torn">Records begun and never published: their requests were never confirmed as recorded.</param>
/// <param name="Damaged">Stretches of damage that were stepped over.</param>
/// <param name="Unreadable">Segments that could not be read at all.</param>
internal sealed record JournalRecovery(long Pending, long Torn, long Damaged, long Unreadable);
