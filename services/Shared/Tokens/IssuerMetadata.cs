using System.Text.Json;

namespace Gateway.Tokens;

/// <summary>What an issuer says of itself (OpenID Connect Discovery 1.0); only what is needed here.</summary>
public sealed record IssuerMetadata
{
    /// <summary>Where its keys are.</summary>
    public required Uri Jwks { get; init; }

    /// <summary>Where people log in, or null.</summary>
    public Uri? Authorization { get; init; }

    /// <summary>Where codes become tokens, or null.</summary>
    public Uri? Token { get; init; }

    /// <summary>Where people log out, or null.</summary>
    public Uri? EndSession { get; init; }

    /// <summary>True when the token address takes the client's secret in the form only.</summary>
    public bool SecretInForm { get; init; }

    /// <summary>Whether an address may be called: https, or http on this machine.</summary>
    public static bool IsSafe(Uri address) => address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback);

    /// <summary>Where an issuer's metadata is.</summary>
    public static Uri AddressOf(string issuer) => new(issuer.TrimEnd('/') + "/.well-known/openid-configuration");

    /// <summary>Reads a discovery document; null when it is none, is another issuer's, or names addresses that may not be called.</summary>
    public static IssuerMetadata? Read(ReadOnlyMemory<byte> utf8, string issuer)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = 16 });
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || Text(root, "issuer") != issuer || Address(root, "jwks_uri") is not { } jwks)
            {
                return null;
            }

            var methods = root.TryGetProperty("token_endpoint_auth_methods_supported", out var list) && list.ValueKind == JsonValueKind.Array
                ? list.EnumerateArray().Where(m => m.ValueKind == JsonValueKind.String).Select(m => m.GetString()).ToList()
                : [];
            return new IssuerMetadata
            {
                Jwks = jwks,
                Authorization = Address(root, "authorization_endpoint"),
                Token = Address(root, "token_endpoint"),
                EndSession = Address(root, "end_session_endpoint"),
                SecretInForm = methods.Contains("client_secret_post") && !methods.Contains("client_secret_basic"),
            };
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement element, string name)
        => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static Uri? Address(JsonElement element, string name)
        => Text(element, name) is { } text && Uri.TryCreate(text, UriKind.Absolute, out var address) && IsSafe(address) ? address : null;
}
