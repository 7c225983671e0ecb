using System.Security.Cryptography;
using System.Text;
using Gateway.ServiceDefaults.Files;

namespace Gateway.SemanticCache.Storing;

/// <summary>AES-256-GCM with a key from a file that only its owner may read.</summary>
internal sealed class EntryCipher(byte[] key)
{
    private const int Nonce = 12;
    private const int Tag = 16;
    private const int KeyBytes = 32;

    public static EntryCipher FromFile(string path)
    {
        if (!File.Exists(path))
        {
            OwnerOnlyFiles.EnsureFolder(Path.GetDirectoryName(path)!);

            // Where another process was first, its key counts.
            OwnerOnlyFiles.Write(path, Encoding.ASCII.GetBytes(RandomNumberGenerator.GetHexString(2 * KeyBytes, lowercase: true)), replace: false);
        }

        var key = Convert.FromHexString(File.ReadAllText(path).Trim());
        return key.Length == KeyBytes ? new EntryCipher(key) : throw new InvalidOperationException($"The key in '{path}' must be 64 hex digits.");
    }

    public byte[] Encrypt(ReadOnlySpan<byte> plain)
    {
        var bytes = new byte[Nonce + Tag + plain.Length];
        RandomNumberGenerator.Fill(bytes.AsSpan(0, Nonce));
        using var aes = new AesGcm(key, Tag);
        aes.Encrypt(bytes.AsSpan(0, Nonce), plain, bytes.AsSpan(Nonce + Tag), bytes.AsSpan(Nonce, Tag));
        return bytes;
    }

    /// <summary>Null where the bytes were changed or are of another key.</summary>
    public byte[]? Decrypt(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Nonce + Tag)
        {
            return null;
        }

        var plain = new byte[bytes.Length - Nonce - Tag];
        try
        {
            using var aes = new AesGcm(key, Tag);
            aes.Decrypt(bytes[..Nonce], bytes[(Nonce + Tag)..], bytes.Slice(Nonce, Tag), plain);
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
