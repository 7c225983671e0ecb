using System.Text.Json;

namespace Gateway.Tokens;

/// <summary>The keys an issuer publishes. Immutable.</summary>
public sealed class JwkSet
{
    private const int MostKeys = 100;
    private const int MostTries = 8;

    private readonly IReadOnlyList<SigningKey> _keys;

    private JwkSet(IReadOnlyList<SigningKey> keys) => _keys = keys;

    /// <summary>No keys.</summary>
    public static JwkSet Empty { get; } = new([]);

    /// <summary>How many keys can be used.</summary>
    public int Count => _keys.Count;

    /// <summary>Reads a set (RFC 7517). Keys that cannot be used are left out, symmetric ones always.</summary>
    /// <returns>Null when it is no key set, or has no usable key.</returns>
    public static JwkSet? Read(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = 16 });
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("keys", out var list) || list.ValueKind != JsonValueKind.Array)
            {
                return null;
            }

            var keys = list.EnumerateArray().Take(MostKeys).Select(SigningKey.Read).OfType<SigningKey>().ToList();
            return keys.Count == 0 ? null : new JwkSet(keys);
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The keys that may have signed a token.</summary>
    public IEnumerable<SigningKey> For(Jwt jwt)
        => _keys.Where(k => (jwt.KeyId is null || k.Id is null || k.Id == jwt.KeyId) && k.Fits(jwt.Algorithm)).Take(MostTries);
}
