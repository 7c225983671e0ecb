using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Edge.ControlPlane;

/// <summary>
/// The last good snapshot on disk, for a start without governance. It holds provider secrets, so the file is for its owner only and
/// encrypted (AES-256-GCM) under a key derived from the internal token.
/// </summary>
internal sealed class SnapshotStore
{
    /// <summary>Name of the file in the edge's folder.</summary>
    public const string FileName = "snapshot.bin";

    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int HeadBytes = 9;
    private const int MostSourceBytes = 256;

    private readonly string _path;
    private readonly byte[] _key;

    /// <summary>Uses a file in a folder.</summary>
    /// <param name="folder">The edge's folder; made when missing.</param>
    /// <param name="internalToken">The secret that services share.</param>
    public SnapshotStore(string folder, string internalToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(internalToken);
        _path = Path.Combine(folder, FileName);
        _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(internalToken), 32, salt: null, info: "gateway edge snapshot"u8.ToArray());
    }

    // Magic and format of the file; authenticated with the rest.
    private static ReadOnlySpan<byte> Head => "GWSNAPS\0\u0001"u8;

    /// <summary>Replaces what is kept; a crash at any moment leaves the old or the new.</summary>
    /// <param name="snapshot">What is kept.</param>
    /// <param name="cancellationToken">Stops the writing; the old one stays.</param>
    /// <exception cref="IOException">It could not be written.</exception>
    public async Task SaveAsync(StoredSnapshot snapshot, CancellationToken cancellationToken)
    {
        var bytes = Seal(snapshot);
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        var unfinished = _path + ".tmp";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        // The mode is given to new files only.
        File.Delete(unfinished);
        await using (var file = new FileStream(unfinished, options))
        {
            await file.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
        }

        File.Move(unfinished, _path, overwrite: true);
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

    private byte[] Seal(StoredSnapshot snapshot)
    {
        var source = Encoding.UTF8.GetBytes(snapshot.Source ?? "");
        var plain = new byte[10 + source.Length + snapshot.Json.Length];
        BinaryPrimitives.WriteInt64LittleEndian(plain, snapshot.SavedAt.UtcTicks);
        BinaryPrimitives.WriteUInt16LittleEndian(plain.AsSpan(8), (ushort)source.Length);
        source.CopyTo(plain, 10);
        snapshot.Json.Span.CopyTo(plain.AsSpan(10 + source.Length));

        var file = new byte[HeadBytes + NonceBytes + TagBytes + plain.Length];
        Head.CopyTo(file);
        var nonce = file.AsSpan(HeadBytes, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_key, TagBytes);
        aes.Encrypt(nonce, plain, file.AsSpan(HeadBytes + NonceBytes + TagBytes), file.AsSpan(HeadBytes + NonceBytes, TagBytes), Head);
        CryptographicOperations.ZeroMemory(plain);
        return file;
    }

    private (StoredSnapshot? Snapshot, string? Problem) Open(byte[] file)
    {
        if (file.Length < HeadBytes + NonceBytes + TagBytes + 10 || !file.AsSpan().StartsWith(Head[..8]))
        {
            return (null, "it is not a snapshot file, or it is cut short");
        }

        if (file[8] != Head[8])
        {
            return (null, $"its format {file[8]} is not the one of this version ({Head[8]})");
        }

        var plain = new byte[file.Length - HeadBytes - NonceBytes - TagBytes];
        try
        {
            using var aes = new AesGcm(_key, TagBytes);
            aes.Decrypt(
                file.AsSpan(HeadBytes, NonceBytes),
                file.AsSpan(HeadBytes + NonceBytes + TagBytes),
                file.AsSpan(HeadBytes + NonceBytes, TagBytes),
                plain,
                Head);
        }
        catch (AuthenticationTagMismatchException)
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
