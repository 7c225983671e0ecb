using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Gateway.Contracts;
using Gateway.ControlPlane.LocalFiles;

namespace Gateway.ControlPlane;

/// <summary>
/// The last good snapshot on disk, for a start without governance: a whole one, and beside it the differences that came since, so that a change costs what it changes. They hold provider secrets,
/// so the files are for their owner only and encrypted (AES-256-GCM) under a key derived from the internal token. Not for several threads at once.
/// </summary>
internal sealed class SnapshotStore
{
    /// <summary>Name of the file in the service's folder.</summary>
    public const string FileName = "snapshot.bin";

    /// <summary>Name of the file of the differences, which is worth nothing without the other.</summary>
    public const string DifferencesFileName = "snapshot.differences";

    private const int MostSourceBytes = 256;
    private const int TicksBytes = 8;

    // Applying differences at a start takes longer than reading the whole: never many of them, and never more than a part of it.
    private const int MostDifferences = 500;
    private const int LeastRoom = 256 * 1024;

    // Magic and format of the file.
    private static readonly byte[] _head = [.. "GWSNAPS\0\u0001"u8];

    private readonly string _path;
    private readonly SealedFile _file;
    private readonly SealedLog _log;
    private byte[]? _whole;
    private long _room;
    private int _differences;

    /// <summary>Uses a file in a folder.</summary>
    /// <param name="folder">The service's folder; made when missing.</param>
    /// <param name="internalToken">The secret that services share.</param>
    /// <param name="service">The service whose file it is: each has a key of its own.</param>
    public SnapshotStore(string folder, string internalToken, string service = WireNames.Edge)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(internalToken);
        _path = Path.Combine(folder, FileName);
        var key = SealedFile.KeyFor(internalToken, $"gateway {service} snapshot");
        _file = new SealedFile(_path, _head, key);
        _log = new SealedLog(Path.Combine(folder, DifferencesFileName), key);
    }

    /// <summary>True when there is a whole snapshot that a difference of this size may follow.</summary>
    public bool Takes(int differenceBytes) => _whole is not null && _differences < MostDifferences && differenceBytes <= _room;

    /// <summary>Adds a difference to what is kept; a crash at any moment leaves it whole or not at all.</summary>
    /// <param name="savedAt">When it was received.</param>
    /// <param name="difference">What leads from what is kept to the newer snapshot; one that <see cref="Takes"/>.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    /// <exception cref="IOException">It could not be written: the next one must be whole.</exception>
    public async Task AppendAsync(DateTimeOffset savedAt, ReadOnlyMemory<byte> difference, CancellationToken cancellationToken)
    {
        var whole = _whole ?? throw new InvalidOperationException("There is nothing that a difference could follow.");
        var content = new byte[TicksBytes + difference.Length];
        BinaryPrimitives.WriteInt64LittleEndian(content, savedAt.UtcTicks);
        difference.CopyTo(content.AsMemory(TicksBytes));

        // Until it is written nothing may follow what is there.
        _whole = null;
        await _log.AppendAsync(whole, _differences, content, cancellationToken).ConfigureAwait(false);
        (_whole, _differences, _room) = (whole, _differences + 1, _room - difference.Length);
    }

    /// <summary>Replaces what is kept; a crash at any moment leaves the old or the new.</summary>
    /// <param name="snapshot">What is kept.</param>
    /// <param name="cancellationToken">Stops the writing; the old one stays.</param>
    /// <exception cref="IOException">It could not be written.</exception>
    public async Task SaveAsync(StoredSnapshot snapshot, CancellationToken cancellationToken)
    {
        var content = Pack(snapshot);
        try
        {
            // The differences belong to the former whole; the first of the next ones takes their place.
            _whole = null;
            var file = await _file.SaveAsync(content, cancellationToken).ConfigureAwait(false);
            (_whole, _differences, _room) = (_file.SealOf(file.Span), 0, Math.Max(LeastRoom, file.Length / 2));
            _log.Delete();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    /// <summary>Reads what is kept.</summary>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <returns>The snapshot, or why there is none; both null when there never was one.</returns>
    public async Task<(StoredSnapshot? Snapshot, string? Problem)> LoadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var file = await File.ReadAllBytesAsync(_path, cancellationToken).ConfigureAwait(false);
            var (snapshot, problem) = Open(file);
            if (snapshot is null)
            {
                return (null, problem);
            }

            var seal = _file.SealOf(file);
            var (records, isWhole) = await _log.ReadAsync(seal, cancellationToken).ConfigureAwait(false);
            records.RemoveAll(static r => r.Length < TicksBytes);
            if (isWhole)
            {
                (_whole, _differences, _room) = (seal, records.Count, Math.Max(LeastRoom, file.Length / 2) - records.Sum(static r => (long)r.Length));
            }

            return (snapshot with
            {
                SavedAt = records.Count == 0 ? snapshot.SavedAt : new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(records[^1]), TimeSpan.Zero),
                Differences = [.. records.Select(static r => (ReadOnlyMemory<byte>)r.AsMemory(TicksBytes))],
            }, null);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return (null, null);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return (null, fault.Message);
        }
    }

    private static byte[] Pack(StoredSnapshot snapshot)
    {
        var source = Encoding.UTF8.GetBytes(snapshot.Source ?? "");
        var plain = new byte[10 + source.Length + snapshot.Json.Length];
        BinaryPrimitives.WriteInt64LittleEndian(plain, snapshot.SavedAt.UtcTicks);
        BinaryPrimitives.WriteUInt16LittleEndian(plain.AsSpan(8), (ushort)source.Length);
        source.CopyTo(plain, 10);
        snapshot.Json.Span.CopyTo(plain.AsSpan(10 + source.Length));
        return plain;
    }

    private (StoredSnapshot? Snapshot, string? Problem) Open(byte[] file)
    {
        if (file.Length < _file.Overhead + 10 || !file.AsSpan().StartsWith(_head.AsSpan(0, 8)))
        {
            return (null, "it is not a snapshot file, or it is cut short");
        }

        if (file[8] != _head[8])
        {
            return (null, $"its format {file[8]} is not the one of this version ({_head[8]})");
        }

        if (_file.Open(file) is not { } plain)
        {
            return (null, "it was changed, or written under another internal token");
        }

        var length = BinaryPrimitives.ReadUInt16LittleEndian(plain.AsSpan(8));
        if (length > Math.Min(MostSourceBytes, plain.Length - 10))
        {
            return (null, "its content makes no sense");
        }

        var source = length == 0 ? null : Encoding.UTF8.GetString(plain, 10, length);
        var savedAt = new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(plain), TimeSpan.Zero);
        return (new StoredSnapshot(source, savedAt, plain.AsMemory(10 + length)), null);
    }
}

/// <summary>A snapshot as it came from governance.</summary>
/// <param name="Source">Which store's versions it counts in; null when governance did not say. At most 256 bytes.</param>
/// <param name="SavedAt">When it was received.</param>
/// <param name="Json">The document.</param>
internal sealed record StoredSnapshot(string? Source, DateTimeOffset SavedAt, ReadOnlyMemory<byte> Json)
{
    /// <summary>What came since, in order: each leads on from the one before.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Differences { get; init; } = [];
}
