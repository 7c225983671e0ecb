using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Gateway.Contracts;
using Gateway.ControlPlane.LocalFiles;

namespace Gateway.ControlPlane;

/// <summary>
/// The last good snapshot on disk, for a start without governance. It holds provider secrets, so the file is for its owner only and
/// encrypted (AES-256-GCM) under a key derived from the internal token.
/// </summary>
internal sealed class SnapshotStore
{
    /// <summary>Name of the file in the service's folder.</summary>
    public const string FileName = "snapshot.bin";

    private const int MostSourceBytes = 256;

    // Magic and format of the file.
    private static readonly byte[] _head = [.. "GWSNAPS\0\u0001"u8];

    private readonly string _path;
    private readonly SealedFile _file;

    /// <summary>Uses a file in a folder.</summary>
    /// <param name="folder">The service's folder; made when missing.</param>
    /// <param name="internalToken">The secret that services share.</param>
    /// <param name="service">The service whose file it is: each has a key of its own.</param>
    public SnapshotStore(string folder, string internalToken, string service = WireNames.Edge)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(internalToken);
        _path = Path.Combine(folder, FileName);
        _file = new SealedFile(_path, _head, SealedFile.KeyFor(internalToken, $"gateway {service} snapshot"));
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
            await _file.SaveAsync(content, cancellationToken).ConfigureAwait(false);
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
            return Open(await File.ReadAllBytesAsync(_path, cancellationToken).ConfigureAwait(false));
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
internal sealed record StoredSnapshot(string? Source, DateTimeOffset SavedAt, ReadOnlyMemory<byte> Json);
