using System.IO.MemoryMappedFiles;

namespace Gateway.Edge.Journal;

/// <summary>
/// A segment file in memory. Counted references, because whoever drops a segment must not take the memory from under a reader; the
/// last one out unmaps.
/// </summary>
internal sealed unsafe class SegmentMap
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private int _references = 1;

    private SegmentMap(MemoryMappedFile file, MemoryMappedViewAccessor view, byte* start, SegmentHeader header)
    {
        _file = file;
        _view = view;
        Base = start;
        Header = header;
        Seed = header.Seed;
    }

    /// <summary>Where the file starts in memory.</summary>
    public byte* Base { get; }

    /// <summary>The segment's header.</summary>
    public SegmentHeader Header { get; }

    /// <summary>The header's <see cref="SegmentHeader.Seed"/>.</summary>
    public uint Seed { get; }

    /// <summary>Maps a file; the caller holds the first reference.</summary>
    /// <exception cref="IOException">It cannot be opened or is shorter than its header says.</exception>
    public static SegmentMap Open(string path, SegmentHeader header, bool writable)
    {
        var access = writable ? FileAccess.ReadWrite : FileAccess.Read;
        var mapAccess = writable ? MemoryMappedFileAccess.ReadWrite : MemoryMappedFileAccess.Read;
        var stream = new FileStream(path, FileMode.Open, access, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        if (stream.Length < header.Bytes)
        {
            stream.Dispose();
            // Touching memory behind the end of a file kills the process.
            throw new IOException($"Journal segment {path} is shorter than its header says.");
        }

        var file = MemoryMappedFile.CreateFromFile(stream, null, 0, mapAccess, HandleInheritability.None, leaveOpen: false);
        var view = file.CreateViewAccessor(0, header.Bytes, mapAccess);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        return new SegmentMap(file, view, start, header);
    }

    /// <summary>Takes a reference, unless the last one is gone.</summary>
    public bool TryAcquire()
    {
        var seen = Volatile.Read(ref _references);
        while (seen > 0)
        {
            var before = Interlocked.CompareExchange(ref _references, seen + 1, seen);
            if (before == seen)
            {
                return true;
            }

            seen = before;
        }

        return false;
    }

    /// <summary>Gives a reference back.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file.Dispose();
        }
    }

    /// <summary>Writes what changed to the disk and waits for it.</summary>
    public void Flush() => _view.Flush();
}
