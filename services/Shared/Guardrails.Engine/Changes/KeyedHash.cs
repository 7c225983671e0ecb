using System.Security.Cryptography;
using System.Text;

namespace Gateway.Guardrails.Engine.Changes;

/// <summary>Hashes that only the holder of the key can try texts against.</summary>
public static class KeyedHash
{
    /// <summary>16 hexadecimal digits of an HMAC-SHA-256.</summary>
    /// <param name="key">The tenant's secret.</param>
    /// <param name="kind">What the text is: equal texts of two kinds have two hashes.</param>
    /// <param name="text">The text.</param>
    public static string Of(ReadOnlySpan<byte> key, string kind, string text) => Convert.ToHexStringLower(Bytes(key, kind, text, 0).AsSpan(0, 8));

    internal static byte[] Bytes(ReadOnlySpan<byte> key, string kind, string text, int number)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hash.AppendData(Encoding.UTF8.GetBytes(kind));
        hash.AppendData([0, (byte)number, (byte)(number >> 8)]);
        hash.AppendData(Encoding.UTF8.GetBytes(text));
        return hash.GetHashAndReset();
    }
}
