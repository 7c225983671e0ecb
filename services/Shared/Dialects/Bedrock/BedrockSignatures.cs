using System.Text;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Bedrock;

/// <summary>
/// Encrypted reasoning in <c>redactedContent</c>, which official clients take for bytes: what another provider made is put into base64, with its origin in front.
/// </summary>
internal static class BedrockSignatures
{
    public static string WriteBlob(Signature signature) => signature.Origin == DialectId.BedrockConverse
        ? signature.Value
        : Convert.ToBase64String(Encoding.UTF8.GetBytes(signature.For(DialectId.BedrockConverse)));

    public static Signature ReadBlob(string blob)
    {
        // What the mark becomes in base64.
        if (blob.StartsWith("Z3cx", StringComparison.Ordinal))
        {
            var bytes = new byte[blob.Length];
            if (Convert.TryFromBase64String(blob, bytes, out var length)
                && Signature.Read(DialectId.BedrockConverse, Encoding.UTF8.GetString(bytes, 0, length)) is { Origin: not DialectId.BedrockConverse } foreign)
            {
                return foreign;
            }
        }

        return new Signature(DialectId.BedrockConverse, blob);
    }
}
