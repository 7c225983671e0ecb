using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;

namespace Gateway.Governance.Budgets;

internal sealed class BudgetResource : ResourceType<BudgetEntry, BudgetEntry>
{
    public override string Kind => EntryKinds.Budget;

    public override string Plural => "budgets";

    public override JsonTypeInfo<BudgetEntry> StoredJson => Entries.StoredJson.Default.BudgetEntry;

    public override JsonTypeInfo<BudgetEntry> ViewJson => Entries.StoredJson.Default.BudgetEntry;

    public override ImmutableSortedDictionary<string, Stored<BudgetEntry>> Table(ConfigState state) => state.Budgets;

    public override BudgetEntry View(BudgetEntry stored) => stored;

    public override string IdOf(BudgetEntry stored) => stored.Id;

    public override BudgetEntry Read(ObjectReader reader, ReadContext<BudgetEntry> context) => BudgetForm.Read(reader, ReadId(reader, context, made: true));

    public override void CheckReferences(BudgetEntry stored, EffectiveConfig config, FieldErrors errors)
    {
        for (var i = 0; i < stored.AlertChannelIds.Count; i++)
        {
            if (!config.Stored.AlertChannels.ContainsKey(stored.AlertChannelIds[i]))
            {
                errors.Add($"alertChannelIds[{i}]", $"names no channel: there is no '{stored.AlertChannelIds[i]}'.");
            }
        }

        if (stored.Scope is not { } scope)
        {
            return;
        }

        Check("customerId", "customer", scope.CustomerId, config.HasCustomer);
        Check("userId", "user", scope.UserId, config.HasUser);
        Check("teamId", "team", scope.TeamId, config.HasTeam);
        Check("keyId", "key", scope.KeyId, id => config.Stored.Keys.ContainsKey(id));
        Check("providerId", "provider", scope.ProviderId, config.HasProvider);

        void Check(string field, string kind, string? id, Func<string, bool> has)
        {
            if (id is not null && !has(id))
            {
                errors.Add($"scope.{field}", $"names no {kind}: there is no '{id}'.");
            }
        }
    }

    public override IEnumerable<string> Referrers(string id, ConfigState state)
        => state.Customers.Values.Where(c => c.Value.BudgetIds.Contains(id)).Select(c => $"customer '{c.Value.Id}'")
            .Concat(state.Teams.Values.Where(t => t.Value.BudgetIds.Contains(id)).Select(t => $"team '{t.Value.Id}'"))
            .Concat(state.Users.Values.Where(u => u.Value.BudgetIds.Contains(id)).Select(u => $"user '{u.Value.Id}'"))
            .Concat(state.Keys.Values.Where(k => k.Value.Entry.BudgetIds.Contains(id)).Select(k => $"key '{k.Value.Entry.Id}'"));
}
