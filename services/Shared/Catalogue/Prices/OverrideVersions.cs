using System.Security.Cryptography;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Configuration;

namespace Gateway.Catalogue;

/// <summary>The version that records are stamped with when an override has priced them.</summary>
internal static class OverrideVersions
{
    private const int HexDigits = 8;

    /// <summary><c>override:ID@VERSION</c>. One without a name gets one of its figures, so that other figures never go by the same version.</summary>
    public static string Of(PriceOverrideEntry entry, PriceOverrideVersion version)
    {
        var name = version.Version is { Length: > 0 } given
            ? given
            : Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(version, ContractsJson.Default.PriceOverrideVersion)))[..HexDigits];
        return $"override:{entry.Id}@{name}";
    }
}
