using System.Globalization;

namespace Gateway.SemanticCache.Storing.Embedded;

/// <summary>The files of the embedded store: the one that is appended to and full ones, which only shrink. A damaged one is put aside.</summary>
internal sealed class SegmentFolder(string path, long segmentBytes, Func<long> freeBytes) : IDisposable
{
    public const long MaxSegmentBytes = 16 * 1024 * 1024;

    // Others need the disk too, and a file system that is full to the brim is slow to recover.
    private const long ReservedBytes = 64 * 1024 * 1024;
    private const string Pattern = "*.segment";

    private readonly SortedDictionary<long, SegmentFile> _segments = [];
    private SegmentFile? _active;

    public IEnumerable<SegmentFile> Segments => _segments.Values;

    public long Bytes => _segments.Values.Sum(static s => s.Length);

    /// <summary>Bytes of records that are not erased.</summary>
    public long LiveBytes => _segments.Values.Sum(static s => s.Length - s.Dead);

    private string Quarantine => Path.Combine(path, "quarantine");

    /// <summary>Files that were put aside.</summary>
    public int Quarantined { get; private set; }

    public async Task LoadAsync(Func<SegmentFile, long, byte[], ValueTask> record, Action<string> quarantined, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(path);
        foreach (var file in Directory.GetFiles(path, Pattern).Order(StringComparer.Ordinal))
        {
            if (!long.TryParse(Path.GetFileNameWithoutExtension(file), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                continue;
            }

            var segment = SegmentFile.Open(file, number);
            var whole = await segment.LoadAsync((offset, payload) => record(segment, offset, payload), cancellationToken).ConfigureAwait(false);
            if (whole)
            {
                _segments[number] = segment;
                continue;
            }

            segment.Dispose();
            Directory.CreateDirectory(Quarantine);
            File.Move(file, Path.Combine(Quarantine, Path.GetFileName(file)), overwrite: true);
            quarantined(file);
        }

        _active = _segments.Count > 0 && _segments.Values.Last() is { } last && last.Length < segmentBytes ? last : null;
        Quarantined = Directory.Exists(Quarantine) ? Directory.GetFiles(Quarantine).Length : 0;
    }

    /// <summary>Appends to the active file.</summary>
    /// <exception cref="IOException">The disk is full or broken.</exception>
    public async ValueTask<(SegmentFile Segment, long Offset)> AppendAsync(byte[] payload, CancellationToken cancellationToken)
    {
        if (freeBytes() < ReservedBytes + payload.Length)
        {
            throw new IOException("The disk is nearly full.");
        }

        if (_active is null || _active.Length >= segmentBytes)
        {
            var number = _segments.Count == 0 ? 1 : _segments.Keys.Last() + 1;
            _active = SegmentFile.Open(Path.Combine(path, number.ToString("D10", CultureInfo.InvariantCulture) + Pattern[1..]), number);
            _segments[number] = _active;
        }

        return (_active, await _active.AppendAsync(payload, cancellationToken).ConfigureAwait(false));
    }

    public void Remove(SegmentFile segment)
    {
        _active = ReferenceEquals(_active, segment) ? null : _active;
        _segments.Remove(segment.Number);
        segment.Delete();
    }

    /// <summary>Files that were put aside may hold what is to be deleted, and nobody can tell.</summary>
    public void RemoveQuarantine()
    {
        if (Directory.Exists(Quarantine))
        {
            Directory.Delete(Quarantine, recursive: true);
        }

        Quarantined = 0;
    }

    /// <summary>The full file with the largest share of erased bytes, where that is most of it.</summary>
    public SegmentFile? MostlyDead()
        => _segments.Values.Where(s => !ReferenceEquals(s, _active) && s.Dead * 2 >= s.Length).MaxBy(static s => s.Dead);

    public void FlushToDisk()
    {
        foreach (var segment in _segments.Values.Where(static s => s.IsDirty).ToList())
        {
            segment.FlushToDisk();
        }
    }

    public void Dispose()
    {
        foreach (var segment in _segments.Values)
        {
            segment.Dispose();
        }
    }
}
