using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Governance.Keys;

/// <summary>Makes and recognises keys: a prefix and 43 base64url characters of 32 random bytes.</summary>
internal static class KeyMaterial
{
    public const string VirtualPrefix = "gw-";
    public const string AdminPrefix = "gwa-";
    private const int RandomBytes = 32;
    private const int RandomCharacters = 43;
    private const int ShownCharacters = 6;
    private static readonly SearchValues<char> Alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    public static string NewVirtual() => VirtualPrefix + Random();

    public static string NewAdmin() => AdminPrefix + Random();

    public static bool IsVirtual(string text) => Has(text, VirtualPrefix);

    public static bool IsAdmin(string text) => Has(text, AdminPrefix);

    /// <summary>Lower-case hex SHA-256 of the key's UTF-8 bytes. The key has 256 random bits, so a slow hash would add nothing.</summary>
    public static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    /// <summary>The part of a virtual key that may be shown.</summary>
    public static string Shown(string key) => key[..(VirtualPrefix.Length + ShownCharacters)];

    /// <summary>A short unique id such as <c>key-4f0c7a1be2d3</c>.</summary>
    public static string NewId(string kind) => $"{kind}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}";

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));

    private static bool Has(string text, string prefix)
        => text.StartsWith(prefix, StringComparison.Ordinal)
            && text.Length == prefix.Length + RandomCharacters
            && text.AsSpan(prefix.Length).IndexOfAnyExcept(Alphabet) < 0;
}
