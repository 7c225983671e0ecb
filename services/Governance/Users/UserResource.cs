using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using Gateway.Accounts;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Governance.Teams;

namespace Gateway.Governance.Users;

internal sealed class UserResource : ResourceType<UserEntry, UserEntry>
{
    public override string Kind => EntryKinds.User;

    public override string Plural => "users";

    public override JsonTypeInfo<UserEntry> StoredJson => Entries.StoredJson.Default.UserEntry;

    public override JsonTypeInfo<UserEntry> ViewJson => Entries.StoredJson.Default.UserEntry;

    public override ImmutableSortedDictionary<string, Stored<UserEntry>> Table(ConfigState state) => state.Users;

    public override UserEntry View(UserEntry stored) => stored;

    public override string IdOf(UserEntry stored) => stored.Id;

    public override UserEntry Read(ObjectReader reader, ReadContext<UserEntry> context) => new()
    {
        Id = ReadId(reader, context, made: true),
        Name = reader.Text("name", required: true, Formats.NameLength) ?? "",
        Email = reader.Text("email", required: false, EmailAddress.Length, Formats.Email) is { Length: > 0 } email ? email : null,
        TeamId = AccountFields.Owner(reader, "teamId"),
        CustomerId = AccountFields.Owner(reader, "customerId"),
        Enabled = reader.Boolean("enabled", true),
        Limits = AccountFields.Limits(reader),
        BudgetIds = AccountFields.BudgetIds(reader),
    };

    public override void CheckReferences(UserEntry stored, EffectiveConfig config, FieldErrors errors)
    {
        AccountFields.Add(config.Accounts.Problems(stored), errors);
        AccountFields.CheckBudgets(stored.BudgetIds, config, errors);
        if (stored.Email is { } email
            && config.Stored.Users.Values.FirstOrDefault(u => u.Value.Id != stored.Id && string.Equals(u.Value.Email, email, StringComparison.OrdinalIgnoreCase)) is { } other)
        {
            errors.Add("email", $"is that of the user '{other.Value.Id}' already.");
        }

        if (config.Stored.Users.TryGetValue(stored.Id, out var before) && (before.Value.CustomerId != stored.CustomerId || before.Value.TeamId != stored.TeamId))
        {
            AccountsBelow.Check(stored, before.Value.TeamId != stored.TeamId ? "teamId" : "customerId", config.Stored, errors);
        }
    }

    public override IEnumerable<string> Referrers(string id, ConfigState state)
        => state.Keys.Values.Where(k => k.Value.Entry.UserId == id).Select(k => $"key '{k.Value.Entry.Id}'")
            .Concat(AccountFields.Scopes(state, static s => s.UserId, static s => s.User, id));
}
