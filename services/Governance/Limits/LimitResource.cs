using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Limits;

namespace Gateway.Governance.Limits;

internal sealed class LimitResource : ResourceType<LimitEntry, LimitEntry>
{
    public override string Kind => EntryKinds.Limit;

    public override string Plural => "limits";

    public override JsonTypeInfo<LimitEntry> StoredJson => Entries.StoredJson.Default.LimitEntry;

    public override JsonTypeInfo<LimitEntry> ViewJson => Entries.StoredJson.Default.LimitEntry;

    public override ImmutableSortedDictionary<string, Stored<LimitEntry>> Table(ConfigState state) => state.Limits;

    public override LimitEntry View(LimitEntry stored) => stored;

    public override string IdOf(LimitEntry stored) => stored.Id;

    public override LimitEntry Read(ObjectReader reader, ReadContext<LimitEntry> context)
    {
        var entry = new LimitEntry
        {
            Id = ReadId(reader, context, made: true),
            Name = reader.Text("name", required: true, Formats.NameLength) ?? "",
            Metric = reader.Choice("metric", LimitMetric.Requests),
            Amount = reader.Integer("amount", 1, LimitCheck.MostAmount, required: true) ?? 1,
            WindowSeconds = reader.Integer("windowSeconds", 1, LimitCheck.MostWindowSeconds, 60),
            Burst = reader.Integer("burst", 1, LimitCheck.MostAmount),
            Scope = Scope(reader),
            Each = reader.Boolean("each", false),
            MostCounters = reader.Integer("mostCounters", 1, LimitCheck.MostCounters, 10_000),
            NormalPercent = reader.Integer("normalPercent", 1, 100, 100),
            LowPercent = reader.Integer("lowPercent", 1, 100, 100),
            MaxWaitMs = reader.Integer("maxWaitMs", 0, LimitCheck.MostWaitMs, 0),
            MaxQueue = reader.Integer("maxQueue", 1, LimitCheck.MostQueue, 100),
            DryRun = reader.Boolean("dryRun", false),
        };
        if (!reader.Errors.Any)
        {
            foreach (var (field, message) in LimitCheck.Problems(entry))
            {
                reader.Error(field, message);
            }
        }

        return entry;
    }

    public override void CheckReferences(LimitEntry stored, EffectiveConfig config, FieldErrors errors)
    {
        Check("key", "key", stored.Scope.Key, config.Stored.Keys.ContainsKey, errors);
        Check("team", "team", stored.Scope.Team, config.HasTeam, errors);
        Check("customer", "customer", stored.Scope.Customer, config.HasCustomer, errors);
        Check("user", "user", stored.Scope.User, config.HasUser, errors);
        Check("provider", "provider", stored.Scope.Provider, config.HasProvider, errors);
    }

    private static LimitScope Scope(ObjectReader reader)
    {
        if (reader.Nested("scope") is not { } nested)
        {
            return new LimitScope();
        }

        var scope = new LimitScope
        {
            Key = Value(nested, "key"),
            Team = Value(nested, "team"),
            Customer = Value(nested, "customer"),
            User = Value(nested, "user"),
            Tag = Value(nested, "tag"),
            Model = Value(nested, "model"),
            Provider = Value(nested, "provider"),
            EndUser = Value(nested, "endUser"),
        };
        nested.Close();
        return scope;
    }

    private static string? Value(ObjectReader reader, string name) => reader.Text(name, required: false, 256) is { Length: > 0 } text ? text : null;

    private static void Check(string field, string kind, string? value, Func<string, bool> exists, FieldErrors errors)
    {
        if (value is not null && !LimitCheck.IsPattern(value) && !exists(value))
        {
            errors.Add("scope." + field, $"names no {kind}: there is no '{value}'. With a '*' at its end it may match what comes later.");
        }
    }
}
