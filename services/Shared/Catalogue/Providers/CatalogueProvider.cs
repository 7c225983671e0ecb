using System.Collections.ObjectModel;
using Gateway.Contracts.Configuration;

namespace Gateway.Catalogue;

/// <summary>One provider of the built-in table: where it is, how it is authenticated, and what is odd about it.</summary>
public sealed record CatalogueProvider
{
    /// <summary>Unique id, for example <c>groq</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Address the operation path is appended to, without a trailing slash; empty where every installation has its own.</summary>
    public required string BaseUrl { get; init; }

    /// <summary>Environment variables that may hold the key; the first with a value wins. Empty for providers without one.</summary>
    public required IReadOnlyList<string> KeyVariables { get; init; }

    /// <summary>Environment variable that overrides <see cref="BaseUrl"/>, or null.</summary>
    public string? BaseUrlVariable { get; init; }

    /// <summary>Header that carries the key. Default <c>Authorization</c> (with <c>Bearer</c>).</summary>
    public string AuthHeader { get; init; } = "Authorization";

    /// <summary>False where <c>stream_options.include_usage</c> is refused. Default true.</summary>
    public bool StreamUsageOption { get; init; } = true;

    /// <summary>The provider's name in the price table; mostly its <see cref="Id"/>.</summary>
    public required string PriceProvider { get; init; }

    /// <summary>How the provider is spoken to. Default <see cref="ProviderKind.OpenAI"/>.</summary>
    public ProviderKind Kind { get; init; } = ProviderKind.OpenAI;

    /// <summary>True when the provider serves OpenAI's responses itself. Default false.</summary>
    public bool NativeResponses { get; init; }

    /// <summary>False where answers are exactly what official clients expect. Default true.</summary>
    public bool Normalize { get; init; } = true;

    /// <summary>Request members the provider knows under another name.</summary>
    public IReadOnlyDictionary<string, string> RenamedParameters { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Request members the provider refuses.</summary>
    public IReadOnlyList<string> DroppedParameters { get; init; } = [];

    /// <summary>Path of the usage object in answers where it is not <c>usage</c>, or null.</summary>
    public string? UsagePath { get; init; }

    /// <summary>Headers that every call has.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>What else to know, for people; may be empty.</summary>
    public string Quirks { get; init; } = "";

    /// <summary>True when the address is known as it stands: <see cref="BaseUrl"/>, or by the kind of provider from region and project.</summary>
    public bool HasUsableBaseUrl => BaseUrl.Length > 0 ? !BaseUrl.Contains('{', StringComparison.Ordinal) : Kind is ProviderKind.Bedrock or ProviderKind.VertexAI;

    /// <summary>The environment variables whose values <see cref="BaseUrl"/> needs in its placeholders.</summary>
    public IEnumerable<string> BaseUrlPlaceholders => BaseUrl.Split('{').Skip(1).Select(static part => part.Split('}')[0]);

    /// <summary>True where models have names of one's own, so that the price table cannot list them.</summary>
    public bool HasOwnModelNames => IsLocal || Kind is ProviderKind.AzureOpenAI or ProviderKind.Bedrock;

    /// <summary>True for a server on one's own machine: what it serves is known to itself only.</summary>
    public bool IsLocal => Uri.TryCreate(BaseUrl, UriKind.Absolute, out var uri) && uri.IsLoopback;

    /// <summary><see cref="BaseUrl"/> with its placeholders filled in from the environment.</summary>
    /// <param name="getEnv">Reads a variable; null or empty when it is not set.</param>
    /// <returns>Null when one of the variables is not set.</returns>
    public string? ExpandBaseUrl(Func<string, string?> getEnv)
    {
        ArgumentNullException.ThrowIfNull(getEnv);
        var url = BaseUrl;
        foreach (var name in BaseUrlPlaceholders)
        {
            if (getEnv(name)?.Trim() is not { Length: > 0 } value)
            {
                return null;
            }

            // Hosts are often given as addresses.
            var host = value.Contains("://", StringComparison.Ordinal) ? value[(value.IndexOf("://", StringComparison.Ordinal) + 3)..].TrimEnd('/') : value;
            url = url.Replace($"{{{name}}}", host, StringComparison.Ordinal);
        }

        return url;
    }

    /// <summary>The snapshot entry of this provider.</summary>
    /// <param name="baseUrl">Address to use instead of <see cref="BaseUrl"/>, or null.</param>
    public ProviderEntry ToEntry(string? baseUrl = null) => new()
    {
        Id = Id,
        Kind = Kind,
        BaseUrl = baseUrl ?? BaseUrl,
        AuthHeader = AuthHeader,
        StreamUsageOption = StreamUsageOption,
        NativeResponses = NativeResponses,
        Normalize = Normalize,
        RenamedParameters = RenamedParameters,
        DroppedParameters = DroppedParameters,
        UsagePath = UsagePath,
        Headers = Headers,
    };
}
