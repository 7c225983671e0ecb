using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Governance.Teams;

namespace Gateway.Governance.Customers;

internal sealed class CustomerResource : ResourceType<CustomerEntry, CustomerEntry>
{
    public override string Kind => EntryKinds.Customer;

    public override string Plural => "customers";

    public override JsonTypeInfo<CustomerEntry> StoredJson => Entries.StoredJson.Default.CustomerEntry;

    public override JsonTypeInfo<CustomerEntry> ViewJson => Entries.StoredJson.Default.CustomerEntry;

    public override ImmutableSortedDictionary<string, Stored<CustomerEntry>> Table(ConfigState state) => state.Customers;

    public override CustomerEntry View(CustomerEntry stored) => stored;

    public override string IdOf(CustomerEntry stored) => stored.Id;

    public override CustomerEntry Read(ObjectReader reader, ReadContext<CustomerEntry> context) => new()
    {
        Id = ReadId(reader, context, made: true),
        Name = reader.Text("name", required: true, Formats.NameLength) ?? "",
        Enabled = reader.Boolean("enabled", true),
        Limits = AccountFields.Limits(reader),
        BudgetIds = AccountFields.BudgetIds(reader),
    };

    public override void CheckReferences(CustomerEntry stored, EffectiveConfig config, FieldErrors errors)
        => AccountFields.CheckBudgets(stored.BudgetIds, config, errors);

    public override IEnumerable<string> Referrers(string id, ConfigState state)
        => state.Teams.Values.Where(t => t.Value.CustomerId == id).Select(t => $"team '{t.Value.Id}'")
            .Concat(state.Users.Values.Where(u => u.Value.CustomerId == id).Select(u => $"user '{u.Value.Id}'"))
            .Concat(state.Keys.Values.Where(k => k.Value.Entry.CustomerId == id).Select(k => $"key '{k.Value.Entry.Id}'"))
            .Concat(state.PriceOverrides.Values.Where(p => p.Value.CustomerId == id).Select(p => $"price override '{p.Value.Id}'"))
            .Concat(AccountFields.Scopes(state, static s => s.CustomerId, static s => s.Customer, id));
}
