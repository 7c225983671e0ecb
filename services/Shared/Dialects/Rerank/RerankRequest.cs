using System.Text.Json;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Rerank;

/// <summary>A request to order documents by their relevance to a question, in no dialect.</summary>
public sealed class RerankRequest
{
    /// <summary>Format it was read from.</summary>
    public required RerankWire Origin { get; init; }

    /// <summary>Public model name.</summary>
    public string Model { get; set; } = "";

    /// <summary>The question.</summary>
    public string Query { get; set; } = "";

    /// <summary>The documents: texts, or objects of fields.</summary>
    public List<JsonElement> Documents { get; } = [];

    /// <summary>Most results wanted, or null for all.</summary>
    public int? Top { get; set; }

    /// <summary>True when the documents are to come back with the results; null: the format's default.</summary>
    public bool? ReturnDocuments { get; set; }

    /// <summary>False forbids cutting what is too long; null: the provider's default.</summary>
    public bool? Truncate { get; set; }

    /// <summary>Most tokens of one document that are looked at, or null.</summary>
    public int? MaxTokensPerDocument { get; set; }

    /// <summary>Members without a neutral form; dropped by other formats.</summary>
    public List<RequestExtension> Extensions { get; } = [];
}

/// <summary>Documents in order, in no dialect.</summary>
public sealed class RerankAnswer
{
    /// <summary>The provider's id, or null.</summary>
    public string? Id { get; set; }

    /// <summary>Model name as the provider gave it, or null.</summary>
    public string? Model { get; set; }

    /// <summary>The results, best first as the provider gave them.</summary>
    public List<RerankResult> Results { get; } = [];

    /// <summary>Tokens used; null when the provider did not say.</summary>
    public TokenCounts? Usage { get; set; }

    /// <summary>Searches billed (Cohere's unit), or null.</summary>
    public long? SearchUnits { get; set; }
}

/// <summary>One document's place.</summary>
/// <param name="Index">Its position among the documents of the request.</param>
/// <param name="Score">Its relevance.</param>
/// <param name="Document">The document as the provider gave it back, or null.</param>
public sealed record RerankResult(int Index, double Score, JsonElement? Document);
