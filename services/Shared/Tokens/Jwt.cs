using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Gateway.Tokens;

/// <summary>A signed JWT as it was read; nothing about it is trusted before <see cref="JwtRules.Check"/> says so.</summary>
public sealed class Jwt
{
    /// <summary>Longest token that is read, in characters.</summary>
    public const int MostChars = 16 * 1024;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    private Jwt(string algorithm, string? keyId, JsonElement claims, byte[] signed, byte[] signature)
    {
        Algorithm = algorithm;
        KeyId = keyId;
        Claims = claims;
        Signed = signed;
        Signature = signature;
    }

    /// <summary>The header's <c>alg</c>.</summary>
    public string Algorithm { get; }

    /// <summary>The header's <c>kid</c>, or null.</summary>
    public string? KeyId { get; }

    /// <summary>The payload, an object.</summary>
    public JsonElement Claims { get; }

    /// <summary>The claim <c>iss</c>; empty when there is none.</summary>
    public string Issuer => Text("iss") ?? "";

    /// <summary>What the signature is over.</summary>
    internal byte[] Signed { get; }

    internal byte[] Signature { get; }

    /// <summary>True for texts that can only be JWTs: no key of the gateway has a dot.</summary>
    public static bool HasShape(ReadOnlySpan<char> text) => text.StartsWith("ey", StringComparison.Ordinal) && text.Count('.') == 2;

    /// <summary>Reads a token.</summary>
    /// <returns>False when it is no signed JWT in compact form, or asks for an extension (<c>crit</c>).</returns>
    public static bool TryRead(ReadOnlySpan<char> token, [NotNullWhen(true)] out Jwt? jwt)
    {
        jwt = null;
        var first = token.IndexOf('.');
        var last = token.LastIndexOf('.');
        if (token.Length > MostChars || first <= 0 || last <= first + 1 || token[(first + 1)..last].Contains('.')
            || Decode(token[..first]) is not { } head || Decode(token[(first + 1)..last]) is not { } body || Decode(token[(last + 1)..]) is not { } signature)
        {
            return false;
        }

        try
        {
            using var header = JsonDocument.Parse(head, Strict);
            using var payload = JsonDocument.Parse(body, Strict);
            if (header.RootElement.ValueKind != JsonValueKind.Object || payload.RootElement.ValueKind != JsonValueKind.Object
                || header.RootElement.TryGetProperty("crit", out _) || TextOf(header.RootElement, "alg") is not { } algorithm)
            {
                return false;
            }

            var signed = new byte[last];
            Encoding.ASCII.GetBytes(token[..last], signed);
            jwt = new Jwt(algorithm, TextOf(header.RootElement, "kid"), payload.RootElement.Clone(), signed, signature);
            return true;
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            // JSON that breaks off, or a text in it that is no UTF-16.
            return false;
        }
    }

    /// <summary>A claim that is a text; null when it is not there or something else.</summary>
    public string? Text(string claim) => Find(claim) is { ValueKind: JsonValueKind.String } text ? Safe(text) : null;

    /// <summary>
    /// The values of a claim as texts: of a list each that is a text, number or truth value. A name with dots also leads into objects (<c>realm_access.roles</c>).
    /// </summary>
    public IReadOnlyList<string> Texts(string claim) => Find(claim) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(One).OfType<string>()],
        { } one => One(one) is { } text ? [text] : [],
    };

    /// <summary>A claim that is a moment in seconds since 1970; null when it is not there or no such number.</summary>
    public double? Seconds(string claim) => Find(claim) is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out var seconds) && double.IsFinite(seconds) ? seconds : null;

    /// <summary>True when the claim is there, whatever it is.</summary>
    public bool Has(string claim) => Find(claim) is not null;

    private JsonElement? Find(string claim)
    {
        if (Claims.TryGetProperty(claim, out var direct))
        {
            return direct.ValueKind == JsonValueKind.Null ? null : direct;
        }

        var at = Claims;
        foreach (var part in claim.Split('.'))
        {
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(part, out at))
            {
                return null;
            }
        }

        return at.ValueKind == JsonValueKind.Null ? null : at;
    }

    private static string? One(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => Safe(element),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => element.GetRawText(),
        _ => null,
    };

    private static string? TextOf(JsonElement element, string name)
        => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? Safe(value) : null;

    private static string? Safe(JsonElement text)
    {
        try
        {
            return text.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair.
            return null;
        }
    }

    private static byte[]? Decode(ReadOnlySpan<char> part)
    {
        // No padding and no white space: each token has one form only.
        if (part.ContainsAny("= \t\r\n") || !Base64Url.IsValid(part, out var length))
        {
            return null;
        }

        var bytes = new byte[length];
        return Base64Url.TryDecodeFromChars(part, bytes, out var written) && written == length ? bytes : null;
    }
}
