using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Gateway.Governance.Audit;

namespace Gateway.Governance.History;

/// <summary>A version of one entry.</summary>
public sealed record EntryVersion
{
    /// <summary>Configuration version that wrote it.</summary>
    public required long Version { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who.</summary>
    public required VersionActor Actor { get; init; }

    /// <summary><c>create</c>, <c>change</c> or <c>delete</c>.</summary>
    public required string Action { get; init; }

    /// <summary>What made it, when it was no request about this entry alone: <c>apply</c>, <c>rollback</c>.</summary>
    public string? Via { get; init; }

    /// <summary>Why, in the words of who did it.</summary>
    public string? Reason { get; init; }

    /// <summary>The request that did it.</summary>
    public string? RequestId { get; init; }

    /// <summary>The entry as it was then, without secrets; absent when it was deleted.</summary>
    public JsonObject? Entry { get; init; }

    /// <summary>Fields that differ from the version before.</summary>
    public required IReadOnlyList<FieldChange> Changes { get; init; }
}

/// <summary>Who wrote a version.</summary>
/// <param name="Id">Id.</param>
/// <param name="Name">Name for people.</param>
public sealed record VersionActor(string Id, string Name);

/// <summary>A page of versions, newest first.</summary>
public sealed record EntryHistory
{
    /// <summary>The versions.</summary>
    public required IReadOnlyList<EntryVersion> Items { get; init; }

    /// <summary>What to pass as <c>after</c> for the next page; absent on the last one.</summary>
    public string? Next { get; init; }
}

/// <summary>A version of the whole configuration.</summary>
public sealed record ConfigVersion
{
    /// <summary>The version.</summary>
    public required long Version { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who.</summary>
    public required VersionActor Actor { get; init; }

    /// <summary>What made it: <c>apply</c>, <c>rollback</c>; absent for a request about one entry.</summary>
    public string? Via { get; init; }

    /// <summary>Why, in the words of who did it.</summary>
    public string? Reason { get; init; }

    /// <summary>The entries that it wrote.</summary>
    public required IReadOnlyList<VersionEntry> Entries { get; init; }
}

/// <summary>An entry that a version wrote.</summary>
/// <param name="Kind">Kind.</param>
/// <param name="Id">Id.</param>
/// <param name="Deleted">True when it was deleted.</param>
public sealed record VersionEntry(string Kind, string Id, bool Deleted);

/// <summary>A page of configuration versions, newest first.</summary>
public sealed record ConfigVersions
{
    /// <summary>The versions that wrote entries.</summary>
    public required IReadOnlyList<ConfigVersion> Items { get; init; }

    /// <summary>What to pass as <c>after</c> for the next page; absent on the last one.</summary>
    public string? Next { get; init; }
}

/// <summary>What differs between two versions, or would differ after a rollback.</summary>
public sealed record ConfigDiff
{
    /// <summary>The version compared from.</summary>
    public required long From { get; init; }

    /// <summary>The version compared to.</summary>
    public required long To { get; init; }

    /// <summary>Entries that differ.</summary>
    public required IReadOnlyList<PlannedChange> Changes { get; init; }
}

/// <summary>Body of a rollback.</summary>
public sealed record RollbackRequest
{
    /// <summary>The version to go back to: what was stored right after it.</summary>
    public required long Version { get; init; }

    /// <summary>True to see what would change. Default false.</summary>
    public bool DryRun { get; init; }
}

/// <summary>Answer of a rollback.</summary>
public sealed record RollbackReport
{
    /// <summary>True when nothing was written.</summary>
    public required bool DryRun { get; init; }

    /// <summary>The version gone back to.</summary>
    public required long To { get; init; }

    /// <summary>The configuration version after it.</summary>
    public required long Version { get; init; }

    /// <summary>Entries that change.</summary>
    public required IReadOnlyList<PlannedChange> Changes { get; init; }
}

[JsonSourceGenerationOptions(
    System.Text.Json.JsonSerializerDefaults.Web, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EntryHistory))]
[JsonSerializable(typeof(ConfigVersions))]
[JsonSerializable(typeof(ConfigDiff))]
[JsonSerializable(typeof(RollbackReport))]
internal sealed partial class HistoryJson : JsonSerializerContext;
