using System.Text.Json.Serialization;

namespace Gateway.Contracts.Guardrails;

/// <summary>Body of <c>POST /internal/guardrails/rules</c> of the edge: rules that ask other services, which only the edge can ask.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record GuardRulesRequest
{
    /// <summary>Id of the policy.</summary>
    public required string Policy { get; init; }

    /// <summary>Its fingerprint where it is asked from: another one at the edge is another policy.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Which of its rules, from 0.</summary>
    public required IReadOnlyList<int> Rules { get; init; }

    /// <summary>The texts. 1 to <see cref="GuardCheckRequest.MaxTexts"/>.</summary>
    public required IReadOnlyList<GuardCheckText> Texts { get; init; }

    /// <summary>Id of the virtual key that it is asked for.</summary>
    public required string KeyId { get; init; }

    /// <summary>What the texts belong to, such as <c>server/tool</c>.</summary>
    public string About { get; set => field = value ?? ""; } = "";

    /// <summary>Id of the call in the gateway's logs.</summary>
    public string RequestId { get; set => field = value ?? ""; } = "";
}

/// <summary>Answer to it.</summary>
public sealed record GuardRulesResponse
{
    /// <summary>What each rule came to, in the order asked.</summary>
    public required IReadOnlyList<GuardRuleAnswer> Rules { get; init; }
}

/// <summary>What a rule came to.</summary>
public sealed record GuardRuleAnswer
{
    /// <summary>The rule.</summary>
    public required int Rule { get; init; }

    /// <summary>What it found.</summary>
    public IReadOnlyList<GuardRuleFinding> Findings { get; set => field = value ?? []; } = [];

    /// <summary>Why it could not look, in a word or two; null: it could.</summary>
    public string? Failure { get; set; }
}

/// <summary>Something that a rule found.</summary>
/// <param name="Index">In which text.</param>
/// <param name="Start">Where it begins.</param>
/// <param name="Length">How long it is.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Score">How sure the service is, 0 to 1.</param>
public sealed record GuardRuleFinding(int Index, int Start, int Length, string Kind, double Score);
