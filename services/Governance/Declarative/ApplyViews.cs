using System.Text.Json.Serialization;
using Gateway.Governance.History;

namespace Gateway.Governance.Declarative;

/// <summary>What applying a document changed, or would change.</summary>
public sealed record ApplyReport
{
    /// <summary>True when nothing was written.</summary>
    public required bool DryRun { get; init; }

    /// <summary>Who the entries of the document belong to.</summary>
    public required string Owner { get; init; }

    /// <summary>The configuration version after it.</summary>
    public required long Version { get; init; }

    /// <summary>Entries that change.</summary>
    public required IReadOnlyList<PlannedChange> Changes { get; init; }

    /// <summary>Entries of the document that are as they were.</summary>
    public required int Unchanged { get; init; }

    /// <summary>Keys that were made, shown here only.</summary>
    public required IReadOnlyList<NewSecret> Secrets { get; init; }
}

/// <summary>A key that was just made.</summary>
/// <param name="Kind">Kind of the entry.</param>
/// <param name="Id">Id of the entry.</param>
/// <param name="Key">The key itself. Shown here only.</param>
public sealed record NewSecret(string Kind, string Id, string Key);

/// <summary>A document: sections of entries by their ids. Describes the body in the OpenAPI document.</summary>
public sealed record ApplyDocument
{
    /// <summary>Form of the document: 1.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Who the entries belong to, for pruning. Default <c>default</c>.</summary>
    public string Owner { get; init; } = ApplyService.DefaultOwner;

    /// <summary>Any section: the plural name of a kind, and in it entries by id with the fields of the admin API.</summary>
    [JsonExtensionData]
    public IDictionary<string, System.Text.Json.JsonElement>? Sections { get; init; }
}

[JsonSourceGenerationOptions(
    System.Text.Json.JsonSerializerDefaults.Web, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ApplyReport))]
[JsonSerializable(typeof(ImportReport))]
internal sealed partial class ApplyJson : JsonSerializerContext;
