using System.Buffers.Binary;

namespace Gateway.Edge.Journal;

/// <summary>
/// The acknowledged position on disk: two slots written in turn, each with a checksum, so that a torn write costs one step back, which
/// only makes records be sent again.
/// </summary>
internal sealed class AcknowledgedFile : IDisposable
{
    private const int SlotBytes = 32;
    private readonly Microsoft.Win32.SafeHandles.SafeFileHandle _file;
    private long _generation;

    private AcknowledgedFile(Microsoft.Win32.SafeHandles.SafeFileHandle file) => _file = file;

    /// <summary>The newest whole slot; <see cref="JournalPosition.Start"/> when there is none.</summary>
    public JournalPosition Position { get; private set; }

    /// <summary>Opens or makes the file.</summary>
    public static AcknowledgedFile Open(string path)
    {
        var file = new AcknowledgedFile(File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read));
        Span<byte> both = stackalloc byte[SlotBytes * 2];
        both.Clear();
        _ = RandomAccess.Read(file._file, both, 0);
        file.Consider(both[..SlotBytes]);
        file.Consider(both[SlotBytes..]);
        return file;
    }

    /// <summary>Writes a position; it survives the death of the process once this returns.</summary>
    public void Save(JournalPosition position)
    {
        Span<byte> slot = stackalloc byte[SlotBytes];
        slot.Clear();
        BinaryPrimitives.WriteInt64LittleEndian(slot, ++_generation);
        BinaryPrimitives.WriteInt64LittleEndian(slot[8..], position.Segment);
        BinaryPrimitives.WriteInt32LittleEndian(slot[16..], position.Offset);
        BinaryPrimitives.WriteUInt32LittleEndian(slot[28..], Crc32C.Of(slot[..28]));
        RandomAccess.Write(_file, slot, (_generation & 1) * SlotBytes);
        Position = position;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Consider(ReadOnlySpan<byte> slot)
    {
        var generation = BinaryPrimitives.ReadInt64LittleEndian(slot);
        if (generation > _generation && BinaryPrimitives.ReadUInt32LittleEndian(slot[28..]) == Crc32C.Of(slot[..28]))
        {
            _generation = generation;
            Position = new JournalPosition(BinaryPrimitives.ReadInt64LittleEndian(slot[8..]), BinaryPrimitives.ReadInt32LittleEndian(slot[16..]));
        }
    }
}
