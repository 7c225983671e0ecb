using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Governance.Guardrails;

namespace Gateway.Governance.Teams;

internal sealed class TeamResource : ResourceType<TeamEntry, TeamEntry>
{
    public override string Kind => EntryKinds.Team;

    public override string Plural => "teams";

    public override JsonTypeInfo<TeamEntry> StoredJson => Entries.StoredJson.Default.TeamEntry;

    public override JsonTypeInfo<TeamEntry> ViewJson => Entries.StoredJson.Default.TeamEntry;

    public override ImmutableSortedDictionary<string, Stored<TeamEntry>> Table(ConfigState state) => state.Teams;

    public override TeamEntry View(TeamEntry stored) => stored;

    public override string IdOf(TeamEntry stored) => stored.Id;

    public override TeamEntry Read(ObjectReader reader, ReadContext<TeamEntry> context) => new()
    {
        Id = ReadId(reader, context, made: true),
        Name = reader.Text("name", required: true, Formats.NameLength) ?? "",
        CustomerId = AccountFields.Owner(reader, "customerId"),
        Enabled = reader.Boolean("enabled", true),
        Limits = AccountFields.Limits(reader),
        BudgetIds = AccountFields.BudgetIds(reader),
        GuardrailPolicies = GuardrailReferences.Read(reader),
    };

    public override void CheckReferences(TeamEntry stored, EffectiveConfig config, FieldErrors errors)
    {
        AccountFields.Add(config.Accounts.Problems(stored), errors);
        AccountFields.CheckBudgets(stored.BudgetIds, config, errors);
        GuardrailReferences.Check(stored.GuardrailPolicies, config, errors);
        if (config.Stored.Teams.TryGetValue(stored.Id, out var before) && before.Value.CustomerId != stored.CustomerId)
        {
            AccountsBelow.Check(stored, config.Stored, errors);
        }
    }

    public override IEnumerable<string> Referrers(string id, ConfigState state)
        => state.Users.Values.Where(u => u.Value.TeamId == id).Select(u => $"user '{u.Value.Id}'")
            .Concat(state.Keys.Values.Where(k => k.Value.Entry.TeamId == id).Select(k => $"key '{k.Value.Entry.Id}'"))
            .Concat(AccountFields.Scopes(state, static s => s.TeamId, id));
}
