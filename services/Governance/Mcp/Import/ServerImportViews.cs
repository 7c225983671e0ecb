using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Governance.Mcp.Import;

/// <summary>What an import registered.</summary>
internal sealed record ServerImportReport
{
    /// <summary>True when nothing was written.</summary>
    public required bool DryRun { get; init; }

    /// <summary>The servers.</summary>
    public required IReadOnlyList<ServerImported> Servers { get; init; }
}

/// <summary>One of them.</summary>
internal sealed record ServerImported
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Its name in the document.</summary>
    public required string Name { get; init; }

    /// <summary>Credentials that hold its secrets.</summary>
    public required IReadOnlyList<string> Credentials { get; init; }

    /// <summary>What could not be taken over as it was.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ServerImportReport))]
internal sealed partial class ServerImportJson : JsonSerializerContext;
