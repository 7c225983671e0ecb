using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gateway.Governance.Api;

namespace Gateway.Governance.Entries;

/// <summary>One entry written, or deleted when <paramref name="Body"/> is null.</summary>
internal sealed record EntryWrite(string Kind, string Id, string? Body)
{
    public static EntryWrite Put<T>(string kind, string id, T value, JsonTypeInfo<T> json) => new(kind, id, JsonSerializer.Serialize(value, json));

    public static EntryWrite Delete(string kind, string id) => new(kind, id, null);
}

/// <summary>What a change decided on the state it found: what to write, or why not.</summary>
internal sealed record ConfigChange(IReadOnlyList<EntryWrite> Writes, Problem? Refused)
{
    /// <summary>What made the change, when it was not a request about this one entry, for example <c>apply</c>; for the record.</summary>
    public string? Via { get; init; }

    /// <summary>Writes nothing and makes no new version.</summary>
    public static ConfigChange None { get; } = new([], null) { MakesNoVersion = true };

    /// <summary>True when not even a new version is made.</summary>
    public bool MakesNoVersion { get; private init; }

    public static ConfigChange Of(params IReadOnlyList<EntryWrite> writes) => new(writes, null);

    public static ConfigChange Refuse(Problem problem) => new([], problem);
}

/// <summary>What became of a change: the state that holds it, or the refusal.</summary>
internal sealed record ConfigOutcome(ConfigState State, Problem? Refused);
