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

    /// <summary>What else to know, for people; may be empty.</summary>
    public string Quirks { get; init; } = "";

    /// <summary>True when <see cref="BaseUrl"/> can be called as it stands.</summary>
    public bool HasUsableBaseUrl => BaseUrl.Length > 0 && !BaseUrl.Contains('{', StringComparison.Ordinal);

    /// <summary>True for a server on one's own machine: what it serves is known to itself only.</summary>
    public bool IsLocal => Uri.TryCreate(BaseUrl, UriKind.Absolute, out var uri) && uri.IsLoopback;

    /// <summary>The snapshot entry of this provider.</summary>
    /// <param name="baseUrl">Address to use instead of <see cref="BaseUrl"/>, or null.</param>
    public ProviderEntry ToEntry(string? baseUrl = null) => new()
    {
        Id = Id,
        Kind = ProviderKind.OpenAI,
        BaseUrl = baseUrl ?? BaseUrl,
        AuthHeader = AuthHeader,
        StreamUsageOption = StreamUsageOption,
    };
}
