using System.Security.Cryptography;
using System.Text;
using Gateway.ServiceDefaults.Files;

namespace Gateway.ControlPlane.LocalFiles;

/// <summary>A file that is replaced whole, for its owner only, and sealed: encrypted with AES-256-GCM, its head authenticated with the rest.</summary>
/// <param name="path">The file; its folder is made when missing.</param>
/// <param name="head">What it begins with: magic and format.</param>
/// <param name="key">The key of 32 bytes; null: the content follows the head as it is.</param>
internal sealed class SealedFile(string path, byte[] head, byte[]? key)
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>Bytes that it has besides its content.</summary>
    public int Overhead => head.Length + (key is null ? 0 : NonceBytes + TagBytes);

    /// <summary>Bytes of <see cref="SealOf"/>.</summary>
    public const int SealBytes = NonceBytes + TagBytes;

    /// <summary>What tells one content of a sealed file from every other.</summary>
    /// <param name="file">The file, sealed under a key.</param>
    public byte[] SealOf(ReadOnlySpan<byte> file) => file.Slice(head.Length, SealBytes).ToArray();

    /// <summary>The key of one kind of file, of the secret that services share.</summary>
    /// <param name="internalToken">The secret.</param>
    /// <param name="purpose">What kind of file it is.</param>
    public static byte[] KeyFor(string internalToken, string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(internalToken), 32, salt: null, info: Encoding.UTF8.GetBytes(purpose));

    /// <summary>Replaces the content; a crash at any moment leaves the old or the new.</summary>
    /// <param name="content">The content.</param>
    /// <param name="cancellationToken">Stops the writing; the old one stays.</param>
    /// <returns>The file as it was written.</returns>
    /// <exception cref="IOException">It could not be written.</exception>
    public async Task<ReadOnlyMemory<byte>> SaveAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var bytes = Seal(content.Span);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);

        // One writer, and what it writes may be large: the next writing takes the same name, so that crashes leave no row of unfinished files. The mode is given to new files only.
        var unfinished = path + ".tmp";
        File.Delete(unfinished);
        var file = new FileStream(unfinished, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None }.ForOwnerOnly());
        await using (file.ConfigureAwait(false))
        {
            await file.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
        }

        File.Move(unfinished, path, overwrite: true);
        return bytes;
    }

    /// <summary>The content of a file that was read; null when it begins otherwise, is cut short, was changed, or is sealed under another key.</summary>
    public byte[]? Open(ReadOnlySpan<byte> file)
    {
        if (!file.StartsWith(head) || file.Length < Overhead)
        {
            return null;
        }

        var rest = file[head.Length..];
        if (key is null)
        {
            return rest.ToArray();
        }

        var content = new byte[file.Length - Overhead];
        try
        {
            using var aes = new AesGcm(key, TagBytes);
            aes.Decrypt(rest[..NonceBytes], rest[(NonceBytes + TagBytes)..], rest.Slice(NonceBytes, TagBytes), content, head);
            return content;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private byte[] Seal(ReadOnlySpan<byte> content)
    {
        var file = new byte[Overhead + content.Length];
        head.CopyTo(file, 0);
        var rest = file.AsSpan(head.Length);
        if (key is null)
        {
            content.CopyTo(rest);
            return file;
        }

        RandomNumberGenerator.Fill(rest[..NonceBytes]);
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(rest[..NonceBytes], content, rest[(NonceBytes + TagBytes)..], rest.Slice(NonceBytes, TagBytes), head);
        return file;
    }
}
