using Gateway.Dialects.Chat;

namespace Gateway.Edge.Http.Inbound;

/// <summary>Finds what a request's address means: mount, version, row. Allocates nothing for an address without a name in it.</summary>
internal static class InboundRouter
{
    private const int MaxMounts = 2;

    public static InboundMatch Match(HttpRequest request)
    {
        var path = request.Path.Value;
        return path is null ? default : Match(path, request.Method, request.Headers);
    }

    public static InboundMatch Match(string path, string method, IHeaderDictionary headers)
    {
        var families = ApiFamily.All;
        var rest = path.AsSpan();
        var mounts = 0;
        // A mount may stand in a mount: Azure's client appends "/openai/deployments/…" to whatever address it is given.
        while (mounts < MaxMounts && TryMount(rest, families, out var mounted, out var below))
        {
            families = mounted;
            rest = below;
            mounts++;
        }

        var version = TakeVersion(ref rest);
        if (mounts == 0 && version == ApiVersions.Bare && !rest.StartsWith("/model/"))
        {
            return default;
        }

        return Find(rest, version, mounts > 0, families, method, headers);
    }

    private static InboundMatch Find(ReadOnlySpan<char> rest, ApiVersions version, bool mounted, ApiFamily families, string method, IHeaderDictionary headers)
    {
        InboundRow? found = null;
        Range captured = default;
        string? allow = null;
        foreach (var row in InboundTable.Rows)
        {
            if ((row.Family & families) == 0 || !IsServedUnder(row, version, mounted) || !row.Matches(rest, out var range))
            {
                continue;
            }

            if (!string.Equals(row.Method, method, StringComparison.OrdinalIgnoreCase))
            {
                allow = allow is null || allow.Contains(row.Method, StringComparison.Ordinal) ? row.Method : $"{allow}, {row.Method}";
                continue;
            }

            var isPreferred = row.Operation is not null || row.Family == Preferred(headers);
            if (found is null || isPreferred)
            {
                found = row;
                captured = range;
            }

            if (isPreferred)
            {
                break;
            }
        }

        if (found is not null)
        {
            return new InboundMatch(InboundMatchKind.Found, found.Operation?.Dialect ?? Dialect(found.Family))
            {
                Row = found,
                Captured = captured.End.Value == 0 ? null : Unescape(rest[captured]),
            };
        }

        var dialect = Dialect(Guess(rest, version, families, headers));
        return allow is null ? new InboundMatch(InboundMatchKind.Unknown, dialect) : new InboundMatch(InboundMatchKind.WrongMethod, dialect) { Allow = allow };
    }

    private static bool IsServedUnder(InboundRow row, ApiVersions version, bool mounted) =>
        (row.Versions & version) != 0 || (mounted && version == ApiVersions.Bare);

    private static bool TryMount(ReadOnlySpan<char> path, ApiFamily within, out ApiFamily families, out ReadOnlySpan<char> below)
    {
        foreach (var (name, mounted) in InboundTable.Mounts)
        {
            if (path.Length > name.Length + 1 && path[name.Length + 1] == '/' && path[1..].StartsWith(name) && (mounted & within) != 0)
            {
                families = mounted & within;
                below = path[(name.Length + 1)..];
                return true;
            }
        }

        families = within;
        below = path;
        return false;
    }

    private static ApiVersions TakeVersion(ref ReadOnlySpan<char> path)
    {
        if (path.IsEmpty)
        {
            return ApiVersions.Bare;
        }

        var slash = path[1..].IndexOf('/');
        var end = slash < 0 ? path.Length : slash + 1;
        var version = path[1..end] switch
        {
            "v1" => ApiVersions.V1,
            "v1beta" or "v1alpha" or "v1beta1" => ApiVersions.V1Beta,
            "v2" => ApiVersions.V2,
            _ => ApiVersions.Bare,
        };
        path = version == ApiVersions.Bare ? path : path[end..];
        return version;
    }

    /// <summary>Whose client this is, by the headers that only one sends; decides where two families have the same address.</summary>
    private static ApiFamily Preferred(IHeaderDictionary headers) =>
        headers.ContainsKey("anthropic-version") ? ApiFamily.Anthropic
        : headers.ContainsKey("x-goog-api-key") ? ApiFamily.Gemini
        : ApiFamily.OpenAI;

    private static ApiFamily Guess(ReadOnlySpan<char> rest, ApiVersions version, ApiFamily families, IHeaderDictionary headers)
    {
        var likely = version switch
        {
            ApiVersions.V1Beta => ApiFamily.Gemini,
            ApiVersions.V2 => ApiFamily.Cohere,
            _ when rest.StartsWith("/model/") => ApiFamily.Bedrock,
            _ => Preferred(headers),
        };
        return (likely & families) != 0 ? likely : families;
    }

    private static DialectId Dialect(ApiFamily family) => family switch
    {
        ApiFamily.Anthropic => DialectId.Anthropic,
        ApiFamily.Gemini => DialectId.Gemini,
        ApiFamily.Bedrock => DialectId.BedrockConverse,
        ApiFamily.Cohere => DialectId.Cohere,
        _ => DialectId.OpenAIChat,
    };

    // The server has unescaped everything else; it leaves slashes alone, because they would end the segment.
    private static string Unescape(ReadOnlySpan<char> name) => name.ToString().Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
}
