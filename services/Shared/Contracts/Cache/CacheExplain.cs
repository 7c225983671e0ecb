using System.Text.Json.Serialization;

namespace Gateway.Contracts.Cache;

/// <summary>Body of <c>POST /v1/explain</c>: why two texts match or do not.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CacheExplainRequest
{
    /// <summary>One text.</summary>
    public required string TextA { get; init; }

    /// <summary>The other.</summary>
    public required string TextB { get; init; }

    /// <summary>How it would be decided.</summary>
    public CacheMatchPolicy Policy { get; set; } = new();

    /// <summary>The domain whose evidence is applied; null for none.</summary>
    public string? Domain { get; init; }
}

/// <summary>Answer to <c>POST /v1/explain</c>.</summary>
public sealed record CacheExplainResponse
{
    /// <summary>What a look-up would do, given an entry with the other text: a hit, miss, bypass or uncertain.</summary>
    public required CacheOutcome Outcome { get; init; }

    /// <summary>Why, a word of <see cref="CacheReasons"/>; null for a plain hit.</summary>
    public string? Reason { get; init; }

    /// <summary>Cosine; null where a text cannot be embedded.</summary>
    public double? Similarity { get; init; }

    /// <summary>Probability of the same answer as the verifier was trained.</summary>
    public double? Probability { get; init; }

    /// <summary>The same after the domain's evidence, and its cautious lower end.</summary>
    public double? LearnedProbability { get; init; }

    /// <summary>The lower end of <see cref="LearnedProbability"/> by which is decided.</summary>
    public double? CautiousProbability { get; init; }

    /// <summary>What it takes to be served.</summary>
    public double? Threshold { get; init; }

    /// <summary>The features, the weightiest first.</summary>
    public IReadOnlyList<CacheFeature> Features { get; set; } = [];

    /// <summary>What else there is to know, for example that a text's script is matched exactly only.</summary>
    public IReadOnlyList<string> Notes { get; set; } = [];
}

/// <summary>One feature of a pair of texts.</summary>
public sealed record CacheFeature
{
    /// <summary>Name, for example <c>numbers_differ</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What it says, in words.</summary>
    public required string Meaning { get; init; }

    /// <summary>Its value.</summary>
    public required double Value { get; init; }

    /// <summary>What it adds to the log-odds of the same answer.</summary>
    public required double Contribution { get; init; }
}
