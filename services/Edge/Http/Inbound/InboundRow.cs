using Gateway.Dialects.Chat;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Http.Inbound;

/// <summary>One address of the public API.</summary>
internal sealed class InboundRow
{
    private readonly string _prefix;
    private readonly string? _suffix;

    /// <param name="family">The API it belongs to.</param>
    /// <param name="versions">Version segments it is served under at the root; under a mount it is served without one too.</param>
    /// <param name="method">HTTP method.</param>
    /// <param name="pattern">Path below the version. At most one <c>{…}</c>, which matches one or more characters, slashes included.</param>
    /// <param name="endpoint">Who serves it.</param>
    public InboundRow(ApiFamily family, ApiVersions versions, string method, string pattern, InboundEndpoint endpoint)
    {
        Family = family;
        Versions = versions;
        Method = method;
        Endpoint = endpoint;
        var open = pattern.IndexOf('{', StringComparison.Ordinal);
        _prefix = open < 0 ? pattern : pattern[..open];
        _suffix = open < 0 ? null : pattern[(pattern.IndexOf('}', StringComparison.Ordinal) + 1)..];
    }

    /// <summary>An address that goes through the pipeline's ten steps.</summary>
    public InboundRow(ApiFamily family, ApiVersions versions, string pattern, OperationSpec operation)
        : this(family, versions, HttpMethods.Post, pattern, InboundEndpoint.Inference) => Operation = operation;

    /// <summary>Text whose last occurrence in what the <c>{…}</c> matched precedes the name; null when the name is all of it.</summary>
    public string? NameAfter { get; init; }

    public ApiFamily Family { get; }

    public ApiVersions Versions { get; }

    public string Method { get; }

    public InboundEndpoint Endpoint { get; }

    /// <summary>What is asked for, for <see cref="InboundEndpoint.Inference"/>.</summary>
    public OperationSpec? Operation { get; }

    /// <summary>True when <paramref name="path"/> is this row's; <paramref name="captured"/> is what the <c>{…}</c> matched.</summary>
    public bool Matches(ReadOnlySpan<char> path, out Range captured)
    {
        captured = default;
        if (_suffix is null)
        {
            return path.SequenceEqual(_prefix);
        }

        if (path.Length <= _prefix.Length + _suffix.Length || !path.StartsWith(_prefix) || !path.EndsWith(_suffix))
        {
            return false;
        }

        var (start, end) = (_prefix.Length, path.Length - _suffix.Length);
        if (NameAfter is { } before)
        {
            var at = path[start..end].LastIndexOf(before);
            if (at < 0 || (start += at + before.Length) == end)
            {
                return false;
            }
        }

        captured = start..end;
        return true;
    }
}

/// <summary>Who serves an address. A new one is a value here, and an <see cref="IInboundHandler"/> that names it.</summary>
internal enum InboundEndpoint
{
    /// <summary>The pipeline.</summary>
    Inference,

    /// <summary>The list of models.</summary>
    ModelList,

    /// <summary>One model.</summary>
    Model,

    /// <summary>Realtime sessions.</summary>
    Realtime,

    /// <summary>Files of the caller's.</summary>
    Files,

    /// <summary>One file.</summary>
    File,

    /// <summary>What is in a file.</summary>
    FileContent,

    /// <summary>Batches of the caller's.</summary>
    Batches,

    /// <summary>One batch.</summary>
    Batch,

    /// <summary>Stops a batch.</summary>
    BatchCancel,

    /// <summary>A response that a provider keeps.</summary>
    StoredResponse,
}

/// <summary>The APIs whose addresses the gateway serves.</summary>
[Flags]
internal enum ApiFamily
{
    OpenAI = 1,
    Anthropic = 2,
    Gemini = 4,
    Bedrock = 8,
    Cohere = 16,
    All = OpenAI | Anthropic | Gemini | Bedrock | Cohere,
}

/// <summary>Version segments of addresses.</summary>
[Flags]
internal enum ApiVersions
{
    /// <summary>Only under a mount, without a version.</summary>
    Mounted = 0,

    /// <summary>No version segment, also at the root.</summary>
    Bare = 1,
    V1 = 2,
    V1Beta = 4,
    V2 = 8,
}

/// <summary>Serves addresses that are no inference.</summary>
internal interface IInboundHandler
{
    InboundEndpoint Endpoint { get; }

    Task HandleAsync(HttpContext http, InboundMatch match);
}

/// <summary>What an address means.</summary>
/// <param name="Kind">Whether it is served.</param>
/// <param name="Dialect">The dialect in which the caller expects errors.</param>
internal readonly record struct InboundMatch(InboundMatchKind Kind, DialectId Dialect)
{
    /// <summary>The row, for <see cref="InboundMatchKind.Found"/>.</summary>
    public InboundRow? Row { get; init; }

    /// <summary>What the row's <c>{…}</c> matched, unescaped: a model's name or an id. Null when the row has none.</summary>
    public string? Captured { get; init; }

    /// <summary>The methods that are served, for <see cref="InboundMatchKind.WrongMethod"/>.</summary>
    public string? Allow { get; init; }
}

/// <summary>Whether an address is served.</summary>
internal enum InboundMatchKind
{
    /// <summary>It is none of the public API.</summary>
    Foreign = 0,

    /// <summary>It is served.</summary>
    Found,

    /// <summary>It is served with other methods.</summary>
    WrongMethod,

    /// <summary>It lies within the public API, and nothing is there.</summary>
    Unknown,
}
