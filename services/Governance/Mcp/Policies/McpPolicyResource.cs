using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Governance.Guardrails;

namespace Gateway.Governance.Mcp.Policies;

internal sealed class McpPolicyResource : ResourceType<McpPolicyEntry, McpPolicyEntry>
{
    public override string Kind => EntryKinds.McpPolicy;

    public override string Plural => "mcpPolicies";

    public override string Segment => "mcp/policies";

    public override JsonTypeInfo<McpPolicyEntry> StoredJson => Entries.StoredJson.Default.McpPolicyEntry;

    public override JsonTypeInfo<McpPolicyEntry> ViewJson => Entries.StoredJson.Default.McpPolicyEntry;

    public override ImmutableSortedDictionary<string, Stored<McpPolicyEntry>> Table(ConfigState state) => state.McpPolicies;

    public override McpPolicyEntry View(McpPolicyEntry stored) => stored;

    public override string IdOf(McpPolicyEntry stored) => stored.Id;

    public override McpPolicyEntry Read(ObjectReader reader, ReadContext<McpPolicyEntry> context) =>
        McpPolicyFields.Read(reader, ReadId(reader, context, made: true));

    public override void CheckReferences(McpPolicyEntry stored, EffectiveConfig config, FieldErrors errors)
    {
        GuardrailReferences.Check(stored.GuardrailPolicies, config, errors);
        if (stored.AppliesTo is { } selector)
        {
            CheckAll("keys", "key", selector.Keys, config.Stored.Keys.ContainsKey, errors);
            CheckAll("teams", "team", selector.Teams, config.HasTeam, errors);
            CheckAll("customers", "customer", selector.Customers, config.HasCustomer, errors);
        }
    }

    private static void CheckAll(string field, string kind, IReadOnlyList<string> ids, Func<string, bool> exists, FieldErrors errors)
    {
        for (var i = 0; i < ids.Count; i++)
        {
            if (!exists(ids[i]))
            {
                errors.Add($"appliesTo.{field}[{i}]", $"names no {kind}: there is no '{ids[i]}'.");
            }
        }
    }
}
