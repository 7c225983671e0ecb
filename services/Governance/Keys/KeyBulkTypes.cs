using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Gateway.Governance.Keys;

/// <summary>What is done to keys in bulk.</summary>
public enum KeyOperation
{
    /// <summary>Creates those in <see cref="KeyBulkRequest.Keys"/>.</summary>
    Create = 1,

    /// <summary>Applies <see cref="KeyBulkRequest.Patch"/> to each.</summary>
    Update = 2,

    /// <summary>Blocks each.</summary>
    Block = 3,

    /// <summary>Lets each in again.</summary>
    Unblock = 4,

    /// <summary>Deletes each.</summary>
    Delete = 5,

    /// <summary>Gives each a new value.</summary>
    Rotate = 6,
}

/// <summary>Changes many keys at once.</summary>
public sealed record KeyBulkRequest
{
    /// <summary>What is done.</summary>
    public required KeyOperation Operation { get; init; }

    /// <summary>True: nothing is changed, the answer says what would be. Default false.</summary>
    public bool DryRun { get; init; }

    /// <summary>Keys to create; only with <see cref="KeyOperation.Create"/>. 1 to 1,000.</summary>
    public IReadOnlyList<KeyInput>? Keys { get; init; }

    /// <summary>Keys concerned, by their ids; this or <see cref="Filter"/>, but not with <see cref="KeyOperation.Create"/>. 1 to 1,000.</summary>
    public IReadOnlyList<string>? Ids { get; init; }

    /// <summary>Keys concerned; at most 1,000 may match.</summary>
    public KeyFilter? Filter { get; init; }

    /// <summary>JSON merge patch; only with <see cref="KeyOperation.Update"/>.</summary>
    public JsonObject? Patch { get; init; }

    /// <summary>For how long old values are accepted beside the new ones; only with <see cref="KeyOperation.Rotate"/>. 0 (default) to 2,592,000 (30 days).</summary>
    public int OverlapSeconds { get; init; }
}

/// <summary>What was done to keys in bulk.</summary>
public sealed record KeyBulkAnswer
{
    /// <summary>What was done.</summary>
    public required KeyOperation Operation { get; init; }

    /// <summary>True when nothing was changed because only a dry run was asked for.</summary>
    public required bool DryRun { get; init; }

    /// <summary>Each key concerned, in the order of the request, or of the ids.</summary>
    public required IReadOnlyList<KeyBulkItem> Items { get; init; }
}

/// <summary>What was done to one key.</summary>
/// <param name="Id">Its id; in a dry run of a creation without one, empty.</param>
/// <param name="Result"><c>created</c>, <c>updated</c>, <c>blocked</c>, <c>unblocked</c>, <c>deleted</c>, <c>rotated</c>, or <c>unchanged</c> for a key that was as asked for.</param>
/// <param name="Prefix">The start of its value; absent when it was deleted.</param>
/// <param name="Key">Its new value, shown here only; absent where none was made, and in a dry run.</param>
public sealed record KeyBulkItem(string Id, string Result, string? Prefix, string? Key);

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KeyBulkAnswer))]
internal sealed partial class BulkJson : JsonSerializerContext;
