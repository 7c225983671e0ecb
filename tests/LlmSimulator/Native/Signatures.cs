using System.Security.Cryptography;
using System.Text;

namespace Gateway.LlmSimulator.Native;

/// <summary>Signatures of thinking as providers make them: opaque, and good for exactly the text they were made for.</summary>
internal static class Signatures
{
    private const string Salt = "simulated provider key";

    public static string Sign(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes("sim1.").Concat(SHA256.HashData(Encoding.UTF8.GetBytes(Salt + text))).ToArray());

    /// <summary>What stands for thinking that may not be read; it carries its own check.</summary>
    public static string Redact(string text) => Convert.ToBase64String([.. "simr."u8, .. SHA256.HashData(Encoding.UTF8.GetBytes(Salt + text))]);

    public static bool IsRedacted(string data) => StartsWith(data, "simr."u8);

    /// <summary>Whether a signature is one of this provider's, for a text that the dialect does not send back with it.</summary>
    public static bool IsOurs(string signature) => StartsWith(signature, "sim1."u8);

    private static bool StartsWith(string base64, ReadOnlySpan<byte> mark)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) && length == 37 && bytes.AsSpan().StartsWith(mark);
    }
}
