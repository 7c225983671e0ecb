using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;

namespace Gateway.Governance.Guardrails;

internal sealed class GuardrailResource : ResourceType<GuardrailPolicyEntry, GuardrailPolicyEntry>
{
    public override string Kind => EntryKinds.Guardrail;

    public override string Plural => "guardrails";

    public override JsonTypeInfo<GuardrailPolicyEntry> StoredJson => Entries.StoredJson.Default.GuardrailPolicyEntry;

    public override JsonTypeInfo<GuardrailPolicyEntry> ViewJson => Entries.StoredJson.Default.GuardrailPolicyEntry;

    public override ImmutableSortedDictionary<string, Stored<GuardrailPolicyEntry>> Table(ConfigState state) => state.Guardrails;

    public override GuardrailPolicyEntry View(GuardrailPolicyEntry stored) => stored;

    public override string IdOf(GuardrailPolicyEntry stored) => stored.Id;

    public override GuardrailPolicyEntry Read(ObjectReader reader, ReadContext<GuardrailPolicyEntry> context) =>
        GuardrailFields.Read(reader, ReadId(reader, context, made: true));

    public override void CheckReferences(GuardrailPolicyEntry stored, EffectiveConfig config, FieldErrors errors)
    {
        foreach (var (field, route) in GuardrailReferences.Routes(stored).Where(r => !config.HasRoute(r.Route)))
        {
            errors.Add(field, $"names no route: there is no '{route}'.");
        }

        foreach (var (field, credential) in GuardrailReferences.Credentials(stored).Where(c => config.ProviderOfCredential(c.Credential) is null))
        {
            errors.Add(field, $"names no credential: there is no '{credential}'.");
        }

        if (stored.AppliesTo is { } selector)
        {
            CheckAll("keys", "key", selector.Keys, config.Stored.Keys.ContainsKey, errors);
            CheckAll("teams", "team", selector.Teams, config.HasTeam, errors);
            CheckAll("customers", "customer", selector.Customers, config.HasCustomer, errors);
        }
    }

    public override IEnumerable<string> Referrers(string id, ConfigState state) =>
        state.Keys.Values.Where(k => k.Value.Entry.GuardrailPolicies.Contains(id)).Select(k => $"key '{k.Value.Entry.Id}'")
            .Concat(state.Teams.Values.Where(t => t.Value.GuardrailPolicies.Contains(id)).Select(t => $"team '{t.Value.Id}'"))
            .Concat(state.Routes.Values.Where(r => r.Value.GuardrailPolicies.Contains(id)).Select(r => $"route '{r.Value.Name}'"))
            .Concat(state.McpPolicies.Values.Where(p => p.Value.GuardrailPolicies.Contains(id)).Select(p => $"MCP policy '{p.Value.Id}'"));

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
