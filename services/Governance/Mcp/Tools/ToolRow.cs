using System.Text.Json;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Entries;
using Gateway.Mcp;
using Gateway.Mcp.Pins;

namespace Gateway.Governance.Mcp.Tools;

/// <summary>A tool as the inventory has it.</summary>
internal sealed class ToolRow
{
    public const string Columns =
        "server_id AS ServerId, name, fingerprint, definition, remarks, first_seen AS FirstSeen, changed_at AS ChangedAt, gone_at AS GoneAt, approved_fingerprint AS ApprovedFingerprint, "
        + "approved_definition AS ApprovedDefinition, decided_at AS DecidedAt, decided_by AS DecidedBy";

    public string ServerId { get; set; } = "";

    public string Name { get; set; } = "";

    public string Fingerprint { get; set; } = "";

    public string Definition { get; set; } = "{}";

    public string Remarks { get; set; } = "[]";

    public long FirstSeen { get; set; }

    public long ChangedAt { get; set; }

    public long GoneAt { get; set; }

    public string ApprovedFingerprint { get; set; } = "";

    public string ApprovedDefinition { get; set; } = "";

    public long DecidedAt { get; set; }

    public string DecidedBy { get; set; } = "";

    public string Id => McpIds.Tool(ServerId, Name);

    public IReadOnlyList<ToolRemark> ReadRemarks() => JsonSerializer.Deserialize(Remarks, McpToolJson.Default.IReadOnlyListToolRemark) ?? [];

    /// <summary>Where it stands under a configuration.</summary>
    public McpToolState StateIn(ConfigState state)
    {
        if (GoneAt != 0 || !state.McpServers.TryGetValue(ServerId, out var server))
        {
            return McpToolState.Gone;
        }

        var decided = state.McpTools.GetValueOrDefault(Id)?.Value;
        return decided is { Withheld: true } ? McpToolState.Withheld
            : server.Value.Trust == McpTrust.All || decided?.Fingerprint == Fingerprint ? McpToolState.Approved
            : decided is { Fingerprint.Length: > 0 } ? McpToolState.Changed
            : McpToolState.New;
    }

    public McpToolView View(ConfigState state, bool whole)
    {
        var stands = StateIn(state);
        var definition = JsonElement.Parse(Definition);
        return new McpToolView
        {
            Id = Id,
            ServerId = ServerId,
            Tool = Name,
            State = stands,
            Fingerprint = Fingerprint,
            Title = Text(definition, "title"),
            Description = HiddenText.Shown(ToolInspection.DescriptionOf(definition)),
            Remarks = ReadRemarks(),
            FirstSeen = DateTimeOffset.FromUnixTimeMilliseconds(FirstSeen),
            ChangedAt = DateTimeOffset.FromUnixTimeMilliseconds(ChangedAt),
            GoneAt = GoneAt == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(GoneAt),
            DecidedAt = DecidedAt == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(DecidedAt),
            DecidedBy = DecidedBy.Length > 0 ? DecidedBy : null,
            Definition = whole ? definition : null,
            ApprovedDefinition = whole && ApprovedDefinition.Length > 0 && ApprovedFingerprint != Fingerprint ? JsonElement.Parse(ApprovedDefinition) : null,
            Changes = whole && ApprovedDefinition.Length > 0 && ApprovedFingerprint != Fingerprint ? DefinitionDiff.Between(JsonElement.Parse(ApprovedDefinition), definition) : null,
        };
    }

    private static string? Text(JsonElement definition, string member) =>
        definition.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? HiddenText.Shown(text) : null;
}
