using System.Text.Json.Serialization;

namespace Gateway.Contracts.Guardrails;

/// <summary>Body of <c>POST /v1/check</c> of the guardrail service.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record GuardCheckRequest
{
    /// <summary>Most texts of one request.</summary>
    public const int MaxTexts = 1000;

    /// <summary>Which way the texts go.</summary>
    public required GuardDirection Direction { get; init; }

    /// <summary>What to look at, in the order findings refer to. 1 to <see cref="MaxTexts"/>.</summary>
    public required IReadOnlyList<string> Texts { get; init; }

    /// <summary>What to look for.</summary>
    public required GuardCheckPolicy Policy { get; init; }
}

/// <summary>What to look for.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record GuardCheckPolicy
{
    /// <summary>Most blocked terms of one policy.</summary>
    public const int MaxBlockedTerms = 10_000;

    /// <summary>Longest blocked term, in UTF-16 code units.</summary>
    public const int MaxTermLength = 1000;

    /// <summary>Texts that block wherever they occur, without regard to case. Default none; at most <see cref="MaxBlockedTerms"/>.</summary>
    public IReadOnlyList<string> BlockedTerms
    {
        get;

        // Source-generated readers hand over null for what the JSON leaves out.
        init => field = value ?? [];
    } = [];
}

/// <summary>Which way a text goes.</summary>
public enum GuardDirection
{
    /// <summary>From the caller to the model.</summary>
    [JsonStringEnumMemberName("input")]
    Input = 1,

    /// <summary>From the model to the caller.</summary>
    [JsonStringEnumMemberName("output")]
    Output = 2,
}
