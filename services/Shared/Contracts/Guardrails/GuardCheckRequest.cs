using System.Text.Json.Serialization;
using Gateway.Contracts.Configuration;

namespace Gateway.Contracts.Guardrails;

/// <summary>Body of <c>POST /v1/check</c> of the guardrail service.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record GuardCheckRequest
{
    /// <summary>Most texts of one request.</summary>
    public const int MaxTexts = 1000;

    /// <summary>Which way the texts go.</summary>
    public required GuardDirection Direction { get; init; }

    /// <summary>What to look at, in the order findings refer to; <see cref="Items"/> follow. With these 1 to <see cref="MaxTexts"/>.</summary>
    public IReadOnlyList<string> Texts { get; set => field = value ?? []; } = [];

    /// <summary>Terms to look for; null for none.</summary>
    public GuardCheckPolicy? Policy { get; set; }

    /// <summary>Texts with where they stand.</summary>
    public IReadOnlyList<GuardCheckText> Items { get; set => field = value ?? []; } = [];

    /// <summary>Policies to run, in this order, by the references that <c>POST /v1/policies</c> gave.</summary>
    public IReadOnlyList<string> Policies { get; set => field = value ?? []; } = [];

    /// <summary>System prompts that an answer may not repeat.</summary>
    public IReadOnlyList<string> SystemPrompts { get; set => field = value ?? []; } = [];
}

/// <summary>A text, and where it stands.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record GuardCheckText
{
    /// <summary>The text.</summary>
    public required string Text { get; init; }

    /// <summary>Where it stands. Default <see cref="GuardrailScope.Input"/>.</summary>
    public GuardrailScope Place { get; set; } = GuardrailScope.Input;

    /// <summary>Who wrote it: <c>system</c>, <c>user</c>, <c>assistant</c>, <c>tool</c>, <c>document</c>, or null where that is not known.</summary>
    public string? Source { get; set; }

    /// <summary>The tool that is called or that answered; null where it is neither.</summary>
    public string? Tool { get; set; }

    /// <summary>True for JSON as on the wire, such as the arguments of a tool call.</summary>
    public bool IsJson { get; set; }
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
