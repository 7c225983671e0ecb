namespace Gateway.Edge.Journal;

/// <summary>A segment in the catalogue.</summary>
internal sealed class SegmentEntry
{
    private LiveSegment? _live;
    private int _end;

    /// <summary>A segment of this process.</summary>
    public SegmentEntry(string path, LiveSegment live, SegmentHeader header)
    {
        Path = path;
        Header = header;
        _live = live;
        _end = header.Bytes;
    }

    /// <summary>A segment of a process that is gone.</summary>
    public SegmentEntry(string path, SegmentHeader header)
    {
        Path = path;
        Header = header;
        _end = header.Bytes;
    }

    /// <summary>Its file.</summary>
    public string Path { get; }

    /// <summary>Its header.</summary>
    public SegmentHeader Header { get; }

    /// <summary>Its number.</summary>
    public long Number => Header.Number;

    /// <summary>The writer's side while records may still come or are not all published.</summary>
    public LiveSegment? Live => Volatile.Read(ref _live);

    /// <summary>Notes that every record is published and no more come.</summary>
    /// <param name="end">Where they end.</param>
    public void Close(int end)
    {
        Volatile.Write(ref _end, end);
        Volatile.Write(ref _live, null);
    }

    /// <summary>Opens it for reading.</summary>
    /// <returns>Null when the file is gone.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public SegmentCursor? TryOpen(int offset)
    {
        var live = Live;
        if (live?.Map is { } shared && shared.TryAcquire())
        {
            return new SegmentCursor(shared, live, offset, Header.Bytes);
        }

        try
        {
            return new SegmentCursor(SegmentMap.Open(Path, Header, writable: false), live: null, offset, Volatile.Read(ref _end));
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
