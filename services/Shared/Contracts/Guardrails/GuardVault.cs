using System.Text.Json.Serialization;

namespace Gateway.Contracts.Guardrails;

/// <summary>Body of <c>POST /v1/vault/load</c> of the guardrail service.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record GuardVaultQuery
{
    /// <summary>Longest id of a conversation.</summary>
    public const int MaxId = 200;

    /// <summary>Id of the conversation, which tells nothing of it.</summary>
    public required string Conversation { get; init; }
}

/// <summary>Body of <c>POST /v1/vault/add</c>, and what a conversation has: sealed by whoever adds it, so that the service that keeps it cannot read it.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record GuardVaultEntries
{
    /// <summary>Most entries of one call.</summary>
    public const int MaxEntries = 10_000;

    /// <summary>Id of the conversation, which tells nothing of it.</summary>
    public required string Conversation { get; init; }

    /// <summary>The entries.</summary>
    public required IReadOnlyList<GuardVaultEntry> Entries { get; init; }
}

/// <summary>A pseudonym, and what it stands for, sealed.</summary>
/// <param name="Name">The pseudonym.</param>
/// <param name="Box">What it stands for.</param>
public sealed record GuardVaultEntry(string Name, ReadOnlyMemory<byte> Box);

/// <summary>Answer to <c>POST /v1/vault/add</c>.</summary>
public sealed record GuardVaultAnswer
{
    /// <summary>False: one of the pseudonyms is given out already, and nothing was added.</summary>
    public required bool Added { get; init; }
}
