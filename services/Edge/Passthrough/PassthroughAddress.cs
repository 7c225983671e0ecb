using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Passthrough;

/// <summary>An address below <c>/passthrough</c>, as the caller wrote it.</summary>
/// <param name="ProviderId">The provider.</param>
/// <param name="Path">What follows, escaped as it came; empty or with its leading slash.</param>
/// <param name="Query">The query with its question mark, or empty.</param>
internal sealed record PassthroughAddress(string ProviderId, string Path, string Query)
{
    private const string Prefix = "/passthrough/";

    // Segments after which the addresses of the common APIs name a model.
    private static readonly string[] _beforeModel = ["models", "tunedModels", "model", "deployments", "engines"];

    private static readonly SearchValues<char> _versionChars = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyz");

    /// <summary>Reads a request target.</summary>
    /// <returns>False when it names no provider, or climbs out of where it is.</returns>
    public static bool TryParse(string target, [NotNullWhen(true)] out PassthroughAddress? address)
    {
        address = null;
        if (!target.StartsWith('/') && Uri.TryCreate(target, UriKind.Absolute, out var absolute))
        {
            target = absolute.PathAndQuery;
        }

        if (!target.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var question = target.IndexOf('?', StringComparison.Ordinal);
        var path = question < 0 ? target[Prefix.Length..] : target[Prefix.Length..question];
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        var provider = Uri.UnescapeDataString(slash < 0 ? path : path[..slash]);
        var rest = slash < 0 ? "" : path[slash..];
        if (provider.Length == 0 || Climbs(rest))
        {
            return false;
        }

        address = new PassthroughAddress(provider, rest, question < 0 ? "" : target[question..]);
        return true;
    }

    /// <summary>
    /// The address at the provider. A path that repeats the base address's own, or names a version of its own (<c>/v1/…</c> below a base that ends with <c>/v1</c>), takes its
    /// place, so that SDKs that bring the version along and those that do not both work.
    /// </summary>
    public Uri At(ProviderEntry provider)
    {
        var root = new Uri(provider.BaseUrl, UriKind.Absolute);
        var known = root.AbsolutePath.TrimEnd('/');
        if (known.Length > 0 && (Path == known || Path.StartsWith(known + "/", StringComparison.Ordinal)))
        {
            known = "";
        }
        else if (IsVersion(Path.Split('/', 3) is [_, var first, ..] ? first : ""))
        {
            var segments = known.Split('/');
            var version = Array.FindIndex(segments, IsVersion);
            known = version < 0 ? known : string.Join('/', segments[..version]);
        }

        return new Uri(root.GetLeftPart(UriPartial.Authority) + known + Path + ProviderQuery(provider), UriKind.Absolute);
    }

    /// <summary>The model that the path names, or null.</summary>
    public string? Model()
    {
        var segments = Path.Split('/');
        for (var i = 1; i + 1 < segments.Length; i++)
        {
            if (Array.IndexOf(_beforeModel, segments[i]) >= 0 && segments[i + 1].Length > 0)
            {
                var name = Uri.UnescapeDataString(segments[i + 1]);
                // Google's methods follow a colon; elsewhere a colon is part of the name.
                return segments[i] is "models" or "tunedModels" && name.LastIndexOf(':') is > 0 and var colon ? name[..colon] : name;
            }
        }

        return null;
    }

    // In the Gemini API the key may stand in the address; the caller's is not the provider's.
    private string ProviderQuery(ProviderEntry provider) => provider.Kind is not (ProviderKind.Gemini or ProviderKind.VertexAI) || Query.Length == 0
        ? Query
        : string.Join('&', Query[1..].Split('&').Where(static p => !IsKey(p))) is { Length: > 0 } rest ? "?" + rest : "";

    private static bool IsKey(string pair) => Uri.UnescapeDataString(pair.Split('=', 2)[0]) is "key" or "access_token";

    private static bool Climbs(string path) =>
        path.Contains('\\', StringComparison.Ordinal)
        || Uri.UnescapeDataString(path).Split('/', '\\').Any(static s => s is "." or "..");

    private static bool IsVersion(string segment) =>
        segment.Length >= 2 && segment[0] == 'v' && char.IsAsciiDigit(segment[1]) && !segment.AsSpan(1).ContainsAnyExcept(_versionChars);
}
