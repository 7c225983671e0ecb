using System.Buffers.Binary;
using System.Security.Cryptography;
using Gateway.ServiceDefaults.Files;

namespace Gateway.ControlPlane.LocalFiles;

/// <summary>
/// A file of the edge that grows by sealed records, for its owner only. Each record is bound to what the log belongs to and to its place, so that none can be left out, moved or taken from another
/// log. Form of a record: length of its content (4 bytes, little endian), nonce (12), tag (16), content under AES-256-GCM.
/// </summary>
/// <param name="path">The file; its folder is made when missing.</param>
/// <param name="key">The key of 32 bytes.</param>
internal sealed class SealedLog(string path, byte[] key)
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int HeadBytes = 4 + NonceBytes + TagBytes;

    /// <summary>Adds a record; after a crash it is there whole, or not at all.</summary>
    /// <param name="belongsTo">What the log belongs to.</param>
    /// <param name="place">The number of the record: 0 begins the log anew.</param>
    /// <param name="content">Its content.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    /// <exception cref="IOException">It could not be written.</exception>
    public async Task AppendAsync(ReadOnlyMemory<byte> belongsTo, int place, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var record = Seal(belongsTo.Span, place, content.Span);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions { Mode = place == 0 ? FileMode.Create : FileMode.Append, Access = FileAccess.Write, Share = FileShare.Read }.ForOwnerOnly();
        var file = new FileStream(path, options);
        await using (file.ConfigureAwait(false))
        {
            await file.WriteAsync(record, cancellationToken).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
        }
    }

    /// <summary>Reads the records up to the first that is cut short, was changed, or is not this log's.</summary>
    /// <param name="belongsTo">What the log belongs to.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <returns>Their contents, and whether nothing follows them.</returns>
    public async Task<(List<byte[]> Records, bool IsWhole)> ReadAsync(ReadOnlyMemory<byte> belongsTo, CancellationToken cancellationToken)
    {
        List<byte[]> records = [];
        byte[] file;
        try
        {
            file = await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return (records, true);
        }

        var at = 0;
        while (at < file.Length && Open(belongsTo.Span, records.Count, file.AsSpan(at)) is { } content)
        {
            records.Add(content);
            at += HeadBytes + content.Length;
        }

        return (records, at == file.Length);
    }

    /// <summary>Removes the log.</summary>
    public void Delete() => File.Delete(path);

    private byte[] Seal(ReadOnlySpan<byte> belongsTo, int place, ReadOnlySpan<byte> content)
    {
        var record = new byte[HeadBytes + content.Length];
        BinaryPrimitives.WriteInt32LittleEndian(record, content.Length);
        var nonce = record.AsSpan(4, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(nonce, content, record.AsSpan(HeadBytes), record.AsSpan(4 + NonceBytes, TagBytes), Bound(belongsTo, place));
        return record;
    }

    private byte[]? Open(ReadOnlySpan<byte> belongsTo, int place, ReadOnlySpan<byte> file)
    {
        if (file.Length < HeadBytes || BinaryPrimitives.ReadInt32LittleEndian(file) is var length && (length < 0 || length > file.Length - HeadBytes))
        {
            return null;
        }

        var content = new byte[length];
        try
        {
            using var aes = new AesGcm(key, TagBytes);
            aes.Decrypt(file.Slice(4, NonceBytes), file.Slice(HeadBytes, length), file.Slice(4 + NonceBytes, TagBytes), content, Bound(belongsTo, place));
            return content;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private static byte[] Bound(ReadOnlySpan<byte> belongsTo, int place)
    {
        var bound = new byte[belongsTo.Length + 4];
        belongsTo.CopyTo(bound);
        BinaryPrimitives.WriteInt32LittleEndian(bound.AsSpan(belongsTo.Length), place);
        return bound;
    }
}
