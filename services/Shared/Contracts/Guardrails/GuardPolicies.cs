using System.Text.Json.Serialization;
using Gateway.Contracts.Configuration;

namespace Gateway.Contracts.Guardrails;

/// <summary>Body of <c>POST /v1/policies</c>: policies that checks will name.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record GuardPoliciesRequest
{
    /// <summary>Most policies of one request.</summary>
    public const int MaxPolicies = 100;

    /// <summary>The policies. 1 to <see cref="MaxPolicies"/>.</summary>
    public required IReadOnlyList<GuardrailPolicyEntry> Policies { get; init; }
}

/// <summary>Answer to it, and to <c>GET /v1/policies</c>.</summary>
public sealed record GuardPoliciesResponse
{
    /// <summary>The policies, in the order given.</summary>
    public required IReadOnlyList<GuardPolicyReference> Policies { get; init; }
}

/// <summary>A policy that the service knows.</summary>
public sealed record GuardPolicyReference
{
    /// <summary>How checks name it.</summary>
    public required string Reference { get; init; }

    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Equal for policies that do the same.</summary>
    public string Fingerprint { get; set; } = "";

    /// <summary>How many checks named it.</summary>
    public long Checks { get; set; }
}

/// <summary>Body of <c>POST /v1/anonymize</c>, <c>POST /v1/deanonymize</c> and <c>POST /v1/analyze</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record GuardTextsRequest
{
    /// <summary>The texts. 1 to <see cref="GuardCheckRequest.MaxTexts"/>.</summary>
    public required IReadOnlyList<string> Texts { get; init; }

    /// <summary>Whose they are; pseudonyms of one tenant are never put back for another. Required but for analysing.</summary>
    public string Tenant { get; set => field = value ?? ""; } = "";

    /// <summary>The conversation within the tenant, which pseudonyms stay the same in. Null: a new one, which the answer names.</summary>
    public string? Conversation { get; set; }

    /// <summary>Kinds of personal data that are replaced; empty: those that are on by default. For analysing: all that is known.</summary>
    public IReadOnlyList<string> Kinds { get; set => field = value ?? []; } = [];

    /// <summary>Made-up values instead of numbered placeholders.</summary>
    public bool Realistic { get; set; }
}

/// <summary>Answer to <c>POST /v1/anonymize</c> and <c>POST /v1/deanonymize</c>.</summary>
public sealed record GuardTextsResponse
{
    /// <summary>The texts as they are now.</summary>
    public required IReadOnlyList<string> Texts { get; init; }

    /// <summary>The conversation.</summary>
    public required string Conversation { get; init; }
}

/// <summary>Answer to <c>POST /v1/analyze</c>: what each detector finds in each text.</summary>
public sealed record GuardAnalysis
{
    /// <summary>What was found.</summary>
    public required IReadOnlyList<GuardCheckFinding> Findings { get; init; }

    /// <summary>Detectors that looked, with the microseconds that each took.</summary>
    public IReadOnlyDictionary<string, long> Microseconds { get; set; } = new Dictionary<string, long>();
}
