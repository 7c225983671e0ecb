using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace Gateway.Tokens;

/// <summary>A public key of an issuer, RSA or elliptic. Safe for use by many threads.</summary>
public sealed class SigningKey
{
    private const int LeastRsaBits = 2048;
    private const int MostRsaBits = 8192;

    private readonly RSAParameters? _rsa;
    private readonly ECParameters? _ec;
    private readonly string? _curveAlgorithm;
    private readonly string? _algorithm;

    private SigningKey(string? id, string? algorithm, RSAParameters? rsa, ECParameters? ec, string? curveAlgorithm)
    {
        Id = id;
        _algorithm = algorithm;
        _rsa = rsa;
        _ec = ec;
        _curveAlgorithm = curveAlgorithm;
    }

    /// <summary>The key's <c>kid</c>, or null.</summary>
    public string? Id { get; }

    /// <summary>The algorithms that tokens may be signed with.</summary>
    public static IReadOnlyList<string> Algorithms { get; } = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    /// <summary>True when a token of this algorithm can be signed with this key.</summary>
    public bool Fits(string algorithm)
        => (_algorithm is null || _algorithm == algorithm) && Algorithms.Contains(algorithm) && (_rsa is not null ? algorithm[0] is 'R' or 'P' : algorithm == _curveAlgorithm);

    /// <summary>Whether a signature is this key's.</summary>
    public bool Verify(string algorithm, byte[] content, byte[] signature)
    {
        if (!Fits(algorithm))
        {
            return false;
        }

        var hash = algorithm[^3..] switch { "256" => HashAlgorithmName.SHA256, "384" => HashAlgorithmName.SHA384, _ => HashAlgorithmName.SHA512 };
        try
        {
            // Made for each check: objects of the platform are not for many threads, and a token is checked once in its life.
            if (_rsa is { } parameters)
            {
                using var rsa = RSA.Create(parameters);
                return rsa.VerifyData(content, signature, hash, algorithm[0] == 'P' ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
            }

            using var ec = ECDsa.Create(_ec!.Value);
            return ec.VerifyData(content, signature, hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        catch (CryptographicException)
        {
            // A signature of an impossible length, or a point that is not on its curve.
            return false;
        }
    }

    /// <summary>Reads a JWK; null when it is not for signatures, is too weak or of a kind that is not taken.</summary>
    internal static SigningKey? Read(JsonElement jwk)
    {
        if (jwk.ValueKind != JsonValueKind.Object || Text(jwk, "use") is { } use && use != "sig" || Text(jwk, "alg") is { } only && !Algorithms.Contains(only))
        {
            return null;
        }

        var (id, algorithm) = (Text(jwk, "kid"), Text(jwk, "alg"));
        switch (Text(jwk, "kty"))
        {
            case "RSA" when Bytes(jwk, "n") is { } modulus && Bytes(jwk, "e") is { Length: > 0 and <= 8 } exponent:
                modulus = [.. modulus.SkipWhile(b => b == 0)];
                return modulus.Length * 8 is < LeastRsaBits or > MostRsaBits
                    ? null
                    : new SigningKey(id, algorithm, new RSAParameters { Modulus = modulus, Exponent = exponent }, null, null);
            case "EC" when Curve(Text(jwk, "crv")) is { } curve && Bytes(jwk, "x") is { } x && Bytes(jwk, "y") is { } y && x.Length == curve.Bytes && y.Length == curve.Bytes:
                return new SigningKey(id, algorithm, null, new ECParameters { Curve = curve.Named, Q = new ECPoint { X = x, Y = y } }, curve.Algorithm);
            default:
                return null;
        }
    }

    private static (ECCurve Named, string Algorithm, int Bytes)? Curve(string? name) => name switch
    {
        "P-256" => (ECCurve.NamedCurves.nistP256, "ES256", 32),
        "P-384" => (ECCurve.NamedCurves.nistP384, "ES384", 48),
        "P-521" => (ECCurve.NamedCurves.nistP521, "ES512", 66),
        _ => null,
    };

    private static string? Text(JsonElement element, string name)
        => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static byte[]? Bytes(JsonElement element, string name)
        => Text(element, name) is { } text && text.Length <= 4096 && Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : null;
}
