using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Gateway.Edge.Providers.Auth.Google;

/// <summary>The assertion by which a service account asks for a token: a JSON web token signed with RS256.</summary>
internal static class GoogleJwt
{
    public const string Scope = "https://www.googleapis.com/auth/cloud-platform";

    /// <summary>The signed assertion, or null when the private key cannot be used.</summary>
    public static string? Create(GoogleKey key, string audience, DateTimeOffset now)
    {
        using var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(key.PrivateKey);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            return null;
        }

        var unsigned = Part(writer =>
        {
            writer.WriteString("alg", "RS256");
            writer.WriteString("typ", "JWT");
            if (key.PrivateKeyId.Length > 0)
            {
                writer.WriteString("kid", key.PrivateKeyId);
            }
        }) + "." + Part(writer =>
        {
            writer.WriteString("iss", key.ClientEmail);
            writer.WriteString("scope", Scope);
            writer.WriteString("aud", audience);
            writer.WriteNumber("iat", now.ToUnixTimeSeconds());
            writer.WriteNumber("exp", now.ToUnixTimeSeconds() + 3600);
        });
        try
        {
            var signature = rsa.SignData(Encoding.ASCII.GetBytes(unsigned), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            return unsigned + "." + Base64Url.EncodeToString(signature);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static string Part(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        return Base64Url.EncodeToString(buffer.WrittenSpan);
    }
}
