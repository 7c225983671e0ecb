using System.Text.Json.Serialization;
using Gateway.Contracts.Configuration;

namespace Gateway.Contracts.Guardrails;

/// <summary>Answer to <c>POST /v1/check</c>.</summary>
public sealed record GuardCheckResponse
{
    /// <summary>What to do with the texts.</summary>
    public required GuardCheckVerdict Verdict { get; init; }

    /// <summary>What was found, by text and position; not every one when there are very many.</summary>
    public required IReadOnlyList<GuardCheckFinding> Findings { get; init; }

    /// <summary>What would happen if policies in shadow acted too; null: the same as <see cref="Verdict"/>.</summary>
    public GuardCheckVerdict? ShadowVerdict { get; set; }

    /// <summary>The texts that were changed.</summary>
    public IReadOnlyList<GuardChangedText> Changed { get; set; } = [];

    /// <summary>What each rule did that found something or failed.</summary>
    public IReadOnlyList<GuardRuleNote> Notes { get; set; } = [];

    /// <summary>What the deciding rule tells callers; null: the general text.</summary>
    public string? Message { get; set; }

    /// <summary>Where the request goes with <see cref="GuardCheckVerdict.Route"/>.</summary>
    public string? Route { get; set; }

    /// <summary>True when it is blocked because a rule failed rather than because it found something.</summary>
    public bool IsFailure { get; set; }
}

/// <summary>A text as it goes on.</summary>
/// <param name="Index">Which of the texts, from 0.</param>
/// <param name="Text">What it is now.</param>
public sealed record GuardChangedText(int Index, string Text);

/// <summary>What one rule did in a check.</summary>
public sealed record GuardRuleNote
{
    /// <summary>Id of the policy.</summary>
    public required string Policy { get; init; }

    /// <summary>Which of its rules, from 0.</summary>
    public required int Rule { get; init; }

    /// <summary>The detector.</summary>
    public required string Detector { get; init; }

    /// <summary>What the rule does.</summary>
    public required GuardrailAction Action { get; init; }

    /// <summary>Whether the policy acts.</summary>
    public required GuardrailMode Mode { get; init; }

    /// <summary>How many it found.</summary>
    public int Count { get; set; }

    /// <summary>Kinds that it found.</summary>
    public IReadOnlyList<string> Kinds { get; set; } = [];

    /// <summary>Why it could not look; null: it could.</summary>
    public string? Failure { get; set; }
}

/// <summary>One finding. It carries the place, not the text.</summary>
public sealed record GuardCheckFinding
{
    /// <summary>Which detector found it, for example <c>blocked_terms</c>.</summary>
    public required string Detector { get; init; }

    /// <summary>Index into <see cref="GuardCheckRequest.Texts"/>, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>Where it begins, in UTF-16 code units from 0.</summary>
    public required int Start { get; init; }

    /// <summary>How long it is, in UTF-16 code units.</summary>
    public required int Length { get; init; }

    /// <summary>Id of the policy; empty for terms given with the check.</summary>
    public string Policy { get; set; } = "";

    /// <summary>Which of its rules, from 0.</summary>
    public int Rule { get; set; }

    /// <summary>What it is, for example <c>email</c>.</summary>
    public string Kind { get; set; } = "";

    /// <summary>What the rule does.</summary>
    public GuardrailAction Action { get; set; } = GuardrailAction.Block;

    /// <summary>How sure the detector is, 0 to 1.</summary>
    public double Score { get; set; } = 1;
}

/// <summary>What to do with the texts.</summary>
public enum GuardCheckVerdict
{
    /// <summary>Nothing forbids them.</summary>
    [JsonStringEnumMemberName("allow")]
    Allow = 1,

    /// <summary>They must not pass.</summary>
    [JsonStringEnumMemberName("block")]
    Block = 2,

    /// <summary>They go to another route.</summary>
    [JsonStringEnumMemberName("route")]
    Route = 3,

    /// <summary>They wait for somebody's approval.</summary>
    [JsonStringEnumMemberName("approve")]
    Approve = 4,
}
