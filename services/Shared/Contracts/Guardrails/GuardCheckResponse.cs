using System.Text.Json.Serialization;

namespace Gateway.Contracts.Guardrails;

/// <summary>Answer to <c>POST /v1/check</c>.</summary>
public sealed record GuardCheckResponse
{
    /// <summary>What to do with the texts.</summary>
    public required GuardCheckVerdict Verdict { get; init; }

    /// <summary>What was found, by text and position; not every one when there are very many.</summary>
    public required IReadOnlyList<GuardCheckFinding> Findings { get; init; }
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
}
