using Gateway.Contracts.Cache;
using Gateway.SemanticCache.Embedding;

namespace Gateway.SemanticCache.Storing.Embedded;

/// <summary>
/// Entries in files, an index of one byte a value in memory, no server. One writer at a time; readers do not wait for it. What is stored is in the operating system's
/// hands before the caller is answered, so that a killed process loses nothing that it confirmed; a second later it is on the disk.
/// </summary>
internal sealed partial class EmbeddedStore : IEntryStore, IAsyncDisposable
{
    // Look-ups pass over what is gone; sweeping only frees its room.
    private const int SweepSeconds = 10;

    // Some 50 microseconds; more is not done on a thread that serves connections.
    private const int ScannedInline = 4096;

    private readonly SemaphoreSlim _writer = new(1, 1);
    private readonly EntryTable _table = new();
    private readonly SegmentFolder _folder;
    private readonly EntryCodec _codec;
    private readonly NearestReader _nearest;
    private readonly TimeProvider _time;
    private readonly long _memoryLimit;
    private readonly long _diskLimit;
    private readonly Random _random = new(1);
    private readonly ILogger _log;
    private readonly WorkQueue? _queue;
    private long _evicted;
    private int _unreadable;
    private long _swept;
    private int _disposed;

    public EmbeddedStore(
        string directory, EntryCodec codec, long memoryLimit, long diskLimit, TimeProvider time, ILogger<EmbeddedStore> log, WorkQueue? queue = null, Func<long>? freeBytes = null)
    {
        (_codec, _time, _memoryLimit, _diskLimit, _log, _queue) = (codec, time, memoryLimit, diskLimit, log, queue);
        _nearest = new NearestReader(codec);
        var path = Path.Combine(directory, "entries");
        Directory.CreateDirectory(path);
        _folder = new SegmentFolder(path, Math.Min(SegmentFolder.MaxSegmentBytes, diskLimit / 8), freeBytes ?? (() => new DriveInfo(Path.GetFullPath(path)).AvailableFreeSpace));
    }

    public string Name => "embedded";

    /// <summary>Damaged files that were put aside.</summary>
    public int Quarantined => _folder.Quarantined;

    private long Now => _time.GetUtcNow().ToUnixTimeSeconds();

    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await _folder.LoadAsync(TakeInAsync, file => LogQuarantined(Path.GetFileName(file)), cancellationToken);

        // Entries of a file that turned out damaged further down are gone with it.
        foreach (var lost in _table.Snapshot().Where(r => !_folder.Segments.Contains(r.Segment)))
        {
            _table.Remove(lost);
        }

        if (_unreadable > 0)
        {
            LogUnreadable(_unreadable);
        }

        LogLoaded(_table.Count);
    }

    public bool SurelyNothing(Guid space, IReadOnlyList<uint> words) => _table.Space(space) is not { } index || index.LacksAll(words);

    public async ValueTask<CacheEntry?> GetAsync(Guid id, CancellationToken cancellationToken)
        => _table.Find(id) is { } record && record.GoneAt > Now ? await ReadAsync(record, cancellationToken) : null;

    public async ValueTask<IReadOnlyList<Candidate>> NearestAsync(Guid space, float[] vector, int count, float least, CancellationToken cancellationToken)
    {
        if (_table.Space(space) is not { } index)
        {
            return [];
        }

        if (index.Dimensions != vector.Length)
        {
            throw new StoreFault(CacheReasons.EmbeddingUnavailable, $"A vector has {vector.Length} values where the space has {index.Dimensions}.");
        }

        var now = Now;
        if (_queue is not null && index.Count > ScannedInline)
        {
            var (done, nearest) = await _queue.RunAsync(() => _nearest.Read(_nearest.Scan(index, vector, count, least, now), vector, count, least), cancellationToken);
            return done ? nearest! : throw new StoreFault(CacheReasons.Busy, "The queue of the workers is full.");
        }

        // Files are read on a thread that may wait, all entries in one go; where nothing is near there is nothing to read.
        var found = _nearest.Scan(index, vector, count, least, now);
        return found.Count == 0 ? [] : await Task.Run(() => _nearest.Read(found, vector, count, least), cancellationToken);
    }

    public ValueTask<CacheEntry?> CompleteAsync(CacheEntry entry, CancellationToken cancellationToken) => new(entry);

    public async ValueTask PutAsync(CacheEntry entry, IReadOnlyList<uint> words, CancellationToken cancellationToken)
    {
        var bytes = _codec.Write(entry, words);
        await _writer.WaitAsync(cancellationToken);
        try
        {
            if (entry.Vector.Length > 0 && _table.Space(entry.Space) is { Count: > 0 } space && space.Dimensions != entry.Vector.Length)
            {
                throw new StoreFault(CacheReasons.EmbeddingUnavailable, $"A vector has {entry.Vector.Length} values where the space has {space.Dimensions}.");
            }

            await MakeRoomAsync(bytes.Length);

            // From here on it is done whole: a caller that goes away must not leave a record that the table does not know.
            var (segment, offset) = await _folder.AppendAsync(bytes, CancellationToken.None);
            if (_table.Find(entry.Id) is { } older)
            {
                await EraseAsync(older);
            }

            var record = _table.Add(entry, words, Now);
            (record.Segment, record.Offset, record.Length) = (segment, offset, bytes.Length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreFault(CacheReasons.DiskFull, "The entry could not be written.", e);
        }
        finally
        {
            _writer.Release();
        }
    }

    public async ValueTask<bool> DeleteAsync(Guid id, CancellationToken cancellationToken)
    {
        await _writer.WaitAsync(cancellationToken);
        try
        {
            _folder.RemoveQuarantine();
            if (_table.Find(id) is not { } record)
            {
                return false;
            }

            await EraseAsync(record);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreFault(CacheReasons.DiskFull, "The entry could not be erased.", e);
        }
        finally
        {
            _writer.Release();
        }
    }

    public async ValueTask<long> DeleteAsync(EntryFilter filter, CancellationToken cancellationToken)
    {
        await _writer.WaitAsync(cancellationToken);
        try
        {
            _folder.RemoveQuarantine();
            long deleted = 0;
            foreach (var record in _table.Snapshot().Where(r => Matches(filter, r)))
            {
                await EraseAsync(record);
                deleted++;
            }

            return deleted;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreFault(CacheReasons.DiskFull, "Entries could not be erased.", e);
        }
        finally
        {
            _writer.Release();
        }
    }

    public async ValueTask<EntryPage> ListAsync(EntryFilter filter, string? after, int limit, CancellationToken cancellationToken)
    {
        var cursor = EntryCursor.Parse(after);
        var page = _table.Snapshot()
            .Where(r => r.GoneAt > Now && Matches(filter, r) && (cursor is not { } c || c.IsBefore(r.StoredAt, r.Id)))
            .OrderByDescending(static r => r.StoredAt).ThenBy(static r => r.Id)
            .Take(limit + 1).ToList();
        var entries = new List<CacheEntry>(limit);
        foreach (var record in page.Take(limit))
        {
            if (await ReadAsync(record, cancellationToken) is { } entry)
            {
                entries.Add(entry);
            }
        }

        return new EntryPage(entries, page.Count > limit ? new EntryCursor(page[limit - 1].StoredAt, page[limit - 1].Id).ToString() : null);
    }

    public void Hit(Guid id)
    {
        if (_table.Find(id) is { } record)
        {
            record.Hits++;
            record.LastUsed = Now;
        }
    }

    public long Hits(Guid id) => _table.Find(id)?.Hits ?? 0;

    public async ValueTask<StoreSize> SizeAsync(CancellationToken cancellationToken)
    {
        await _writer.WaitAsync(cancellationToken);
        try
        {
            return new StoreSize(_table.Count, _table.MemoryBytes, _folder.Bytes, _evicted);
        }
        finally
        {
            _writer.Release();
        }
    }

    /// <summary>What is done every second: expired entries go, files that are mostly erased are written anew, what is written reaches the disk.</summary>
    public async Task MaintainAsync(CancellationToken cancellationToken)
    {
        await _writer.WaitAsync(cancellationToken);
        try
        {
            var now = Now;
            if (now - _swept >= SweepSeconds)
            {
                _swept = now;
                foreach (var record in _table.Snapshot().Where(r => r.GoneAt <= now))
                {
                    await EraseAsync(record);
                }
            }

            await CompactAsync();
            _folder.FlushToDisk();
        }
        finally
        {
            _writer.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Registered under two types, and so disposed of twice.
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
        {
            return;
        }

        await _writer.WaitAsync();
        _folder.FlushToDisk();
        _folder.Dispose();
        _writer.Dispose();
    }

    private static bool Matches(EntryFilter filter, EntryRecord record) => filter.Matches(record.Facts, record.Space.Partition, record.Answer, record.StoredAt);

    private async ValueTask<CacheEntry?> ReadAsync(EntryRecord record, CancellationToken cancellationToken)
    {
        try
        {
            // A record that moved meanwhile is read where it lies now.
            for (var attempt = 0; attempt < 2; attempt++)
            {
                if (await record.Segment.ReadAsync(record.Offset, record.Length, cancellationToken) is { } bytes)
                {
                    return _codec.Read(bytes, out _) is { } entry && entry.Id == record.Id ? entry : null;
                }
            }

            return null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private async ValueTask EraseAsync(EntryRecord record)
    {
        _table.Remove(record);
        await record.Segment.EraseAsync(record.Offset, record.Length, CancellationToken.None);
    }

    private async ValueTask MakeRoomAsync(int bytes)
    {
        // A file is written anew once half of it is erased: files take at most twice what their entries do.
        while (_table.MemoryBytes > _memoryLimit - (2 * EntryRecord.Bytes) || _folder.LiveBytes + bytes > _diskLimit / 2)
        {
            if (_table.Unworthy(_random, Now) is not { } least)
            {
                throw new IOException("The store is smaller than one entry.");
            }

            await EraseAsync(least);
            _evicted++;
        }

        await CompactAsync();
    }

    private async ValueTask CompactAsync()
    {
        while (_folder.MostlyDead() is { } segment)
        {
            foreach (var record in _table.Snapshot().Where(r => ReferenceEquals(r.Segment, segment)))
            {
                if (await segment.ReadAsync(record.Offset, record.Length, CancellationToken.None) is not { } bytes)
                {
                    _table.Remove(record);
                    continue;
                }

                var (to, offset) = await _folder.AppendAsync(bytes, CancellationToken.None);
                (record.Segment, record.Offset) = (to, offset);
            }

            _folder.Remove(segment);
        }
    }

    private async ValueTask TakeInAsync(SegmentFile segment, long offset, byte[] payload)
    {
        if (_codec.Read(payload, out var words) is not { } entry)
        {
            _unreadable++;
            await segment.EraseAsync(offset, payload.Length, CancellationToken.None);
            return;
        }

        // Written twice by a stop in the middle of moving it: the later one counts.
        if (_table.Find(entry.Id) is { } older)
        {
            await EraseAsync(older);
        }

        if (entry.GoneAt <= Now)
        {
            await segment.EraseAsync(offset, payload.Length, CancellationToken.None);
            return;
        }

        var record = _table.Add(entry, words, Now);
        (record.Segment, record.Offset, record.Length) = (segment, offset, payload.Length);
    }

    [LoggerMessage(1, LogLevel.Information, "The cache holds {Count} entries")]
    private partial void LogLoaded(int count);

    [LoggerMessage(2, LogLevel.Error, "The cache's file {File} is damaged. It was put aside in the folder quarantine, and its entries are gone; the next deletion removes it")]
    private partial void LogQuarantined(string file);

    [LoggerMessage(3, LogLevel.Warning, "{Count} entries of the cache were written with another key or by another version; they were removed")]
    private partial void LogUnreadable(int count);
}
