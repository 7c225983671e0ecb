using System.Text;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Gemini;

/// <summary>
/// Signatures in <c>thoughtSignature</c>. Clients treat it as bytes and decode its base64, so the marked form of another provider's signature is put
/// into base64 once more. What stands for encrypted reasoning, rather than for a proof of text beside it, has a mark of its own.
/// </summary>
internal static class GeminiSignatures
{
    private const string EncryptedMark = "gwe:";

    /// <summary>The value for a member <c>thoughtSignature</c>.</summary>
    public static string Write(Signature signature, bool encrypted)
    {
        if (signature.Origin == DialectId.Gemini)
        {
            return signature.Value;
        }

        var marked = signature.For(DialectId.Gemini);
        return Convert.ToBase64String(Encoding.UTF8.GetBytes(encrypted ? EncryptedMark + marked : marked));
    }

    /// <summary>Reads a member <c>thoughtSignature</c>.</summary>
    public static Signature Read(string value, out bool encrypted)
    {
        encrypted = false;
        if (!value.StartsWith("Z3", StringComparison.Ordinal) || !TryDecode(value, out var decoded) || !decoded.StartsWith("gw", StringComparison.Ordinal))
        {
            return Signature.Read(DialectId.Gemini, value);
        }

        encrypted = decoded.StartsWith(EncryptedMark, StringComparison.Ordinal);
        var signature = Signature.Read(DialectId.Gemini, encrypted ? decoded[EncryptedMark.Length..] : decoded);
        return signature.Origin == DialectId.Gemini ? new Signature(DialectId.Gemini, value) : signature;
    }

    private static bool TryDecode(string value, out string decoded)
    {
        // Some clients send the URL-safe alphabet back.
        var standard = value.Replace('-', '+').Replace('_', '/').TrimEnd('=');
        standard = standard.PadRight((standard.Length + 3) / 4 * 4, '=');
        var bytes = new byte[standard.Length / 4 * 3];
        var ok = Convert.TryFromBase64String(standard, bytes, out var written);
        decoded = ok ? Encoding.UTF8.GetString(bytes, 0, written) : "";
        return ok;
    }
}
