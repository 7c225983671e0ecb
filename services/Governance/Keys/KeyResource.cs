using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Serialization.Metadata;
using Gateway.Accounts;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;
using Gateway.Governance.Caching;
using Gateway.Governance.Entries;
using Gateway.Governance.Settings;
using Gateway.Governance.Guardrails;
using Gateway.Governance.Teams;

namespace Gateway.Governance.Keys;

internal sealed class KeyResource : ResourceType<StoredKey, KeyView>
{
    private const int MostItems = 1000;

    public override string Kind => EntryKinds.Key;

    public override string Plural => "keys";

    public override IReadOnlyList<string> ReadOnlyFields => ["prefix", "previousUntil"];

    public override JsonTypeInfo<StoredKey> StoredJson => Entries.StoredJson.Default.StoredKey;

    public override JsonTypeInfo<KeyView> ViewJson => KeyJson.Default.KeyView;

    public override Type RequestType => typeof(KeyInput);

    public override Type CreatedType => typeof(Resource<KeyCreated>);

    public override ImmutableSortedDictionary<string, Stored<StoredKey>> Table(ConfigState state) => state.Keys;

    public override string IdOf(StoredKey stored) => stored.Entry.Id;

    public override KeyView View(StoredKey stored) => new()
    {
        Id = stored.Entry.Id,
        Name = stored.Entry.Name,
        TeamId = stored.Entry.TeamId,
        UserId = stored.Entry.UserId,
        CustomerId = stored.Entry.CustomerId,
        Tags = stored.Entry.Tags,
        Enabled = stored.Entry.Enabled,
        ExpiresAt = stored.Entry.ExpiresAt,
        AllowedModels = stored.Entry.AllowedModels,
        AllowedRoutes = stored.Entry.AllowedRoutes,
        McpTools = stored.Entry.McpTools,
        McpChat = stored.Entry.McpChat,
        GuardrailPolicies = stored.Entry.GuardrailPolicies,
        RequestLog = stored.Entry.RequestLog,
        OnRevoke = stored.Entry.OnRevoke,
        OutputCap = stored.Entry.OutputCap,
        DefaultOutputTokens = stored.Entry.DefaultOutputTokens,
        AllowedProviders = stored.Entry.AllowedProviders,
        AllowedIps = stored.Entry.AllowedIps,
        RequiredMetadata = stored.Entry.RequiredMetadata,
        Limits = stored.Entry.Limits,
        Priority = stored.Entry.Priority,
        BudgetIds = stored.Entry.BudgetIds,
        Routes = stored.Entry.Routes,
        Cache = stored.Entry.Cache,
        Prefix = stored.Prefix,
        PreviousUntil = stored.Entry.PreviousUntil,
    };

    public override StoredKey Read(ObjectReader reader, ReadContext<StoredKey> context)
    {
        var entry = new VirtualKeyEntry
        {
            Id = ReadId(reader, context, made: true),
            Name = reader.Text("name", required: true, Formats.NameLength) ?? "",
            Sha256 = context.Existing?.Entry.Sha256 ?? "",
            PreviousSha256 = context.Existing?.Entry.PreviousSha256,
            PreviousUntil = context.Existing?.Entry.PreviousUntil,
            TeamId = AccountFields.Owner(reader, "teamId"),
            UserId = AccountFields.Owner(reader, "userId"),
            CustomerId = AccountFields.Owner(reader, "customerId"),
            Tags = [.. reader.Texts("tags", Tags.Most, Tags.Length, Formats.Tag).Distinct(StringComparer.Ordinal)],
            Enabled = reader.Boolean("enabled", true),
            ExpiresAt = reader.Instant("expiresAt"),
            AllowedModels = reader.Texts("allowedModels", MostItems, Formats.ModelLength, Formats.Model),
            AllowedRoutes = reader.Texts("allowedRoutes", MostItems, Formats.ModelLength, Formats.Model),
            McpTools = reader.Texts("mcpTools", MostItems, 200, Formats.McpTool),
            McpChat = McpChatFields.Read(reader),
            GuardrailPolicies = GuardrailReferences.Read(reader),
            RequestLog = reader.Choice<RequestLogLevel>("requestLog"),
            OnRevoke = reader.Choice<RevokePolicy>("onRevoke"),
            OutputCap = reader.Choice<OutputCapPolicy>("outputCap"),
            DefaultOutputTokens = (int?)reader.Integer("defaultOutputTokens", 1, 10_000_000L),
            AllowedProviders = reader.Texts("allowedProviders", MostItems, Formats.IdLength, Formats.Id),
            AllowedIps = [.. reader.Texts("allowedIps", MostItems, 64, Formats.Cidr).Select(Range)],
            RequiredMetadata = reader.Texts("requiredMetadata", 50, 100),
            Limits = AccountFields.Limits(reader),
            Priority = reader.Choice("priority", PriorityClass.Normal),
            BudgetIds = AccountFields.BudgetIds(reader),
            Routes = [.. reader.NestedMany("routes", 0, 100).Select(Route)],
            Cache = CacheFields.Policy(reader),
        };
        return context.Existing is { } existing ? existing with { Entry = entry } : Renewed(new StoredKey { Entry = entry, Prefix = "" }, context);
    }

    /// <summary>The same key entry under a new key.</summary>
    public static StoredKey Renewed(StoredKey stored, ReadContext<StoredKey> context)
    {
        var key = KeyMaterial.NewVirtual();
        context.ShowOnce = key;
        return Under(stored, key);
    }

    /// <summary>The same key entry under a new key; the old one is accepted for a while.</summary>
    public static StoredKey Rotated(StoredKey stored, TimeSpan overlap, DateTimeOffset now, ReadContext<StoredKey> context)
    {
        var renewed = Renewed(stored, context);
        return overlap == TimeSpan.Zero ? renewed : renewed with { Entry = renewed.Entry with { PreviousSha256 = stored.Entry.Sha256, PreviousUntil = now + overlap } };
    }

    /// <summary>The same key entry under the given key, and no other.</summary>
    public static StoredKey Under(StoredKey stored, string key)
        => new() { Entry = stored.Entry with { Sha256 = KeyMaterial.Hash(key), PreviousSha256 = null, PreviousUntil = null }, Prefix = KeyMaterial.Shown(key) };

    public override void CheckReferences(StoredKey stored, EffectiveConfig config, FieldErrors errors)
    {
        AccountFields.Add(config.Accounts.Problems(stored.Entry), errors);
        for (var i = 0; i < stored.Entry.AllowedProviders.Count; i++)
        {
            if (!config.HasProvider(stored.Entry.AllowedProviders[i]))
            {
                errors.Add($"allowedProviders[{i}]", $"names no provider: there is no '{stored.Entry.AllowedProviders[i]}'.");
            }
        }

        for (var i = 0; i < stored.Entry.Routes.Count; i++)
        {
            if (!config.HasRoute(stored.Entry.Routes[i].Route))
            {
                errors.Add($"routes[{i}].route", $"names no route: there is no '{stored.Entry.Routes[i].Route}'.");
            }
        }

        AccountFields.CheckBudgets(stored.Entry.BudgetIds, config, errors);
        CacheFields.Check("cache", stored.Entry.Cache, SettingsEndpoints.Of(config.Stored).CacheStorage.SharedScopes, errors);
        GuardrailReferences.Check(stored.Entry.GuardrailPolicies, config, errors);
    }

    // The key stays the one of now: an earlier one may have been replaced because it was stolen. One that was deleted comes back blocked, for the same reason.
    protected override (StoredKey? Entry, string? Problem) Restored(StoredKey earlier, StoredKey? current) => current is null
        ? (earlier with { Entry = earlier.Entry with { Enabled = false, PreviousSha256 = null, PreviousUntil = null } }, null)
        : (current with
        {
            Entry = earlier.Entry with { Sha256 = current.Entry.Sha256, PreviousSha256 = current.Entry.PreviousSha256, PreviousUntil = current.Entry.PreviousUntil },
        }, null);

    public override IEnumerable<string> Referrers(string id, ConfigState state)
        => AccountFields.Scopes(state, static s => s.KeyId, static s => s.Key, id)
            .Concat(state.Issuers.Values.Where(i => i.Value.KeyId == id || i.Value.Keys.Any(k => k.KeyId == id)).Select(i => $"issuer '{i.Value.Id}'"));

    private static KeyRoute Route(ObjectReader reader)
    {
        var route = new KeyRoute(
            reader.Text("model", required: true, Formats.ModelLength, Formats.Model) ?? "",
            reader.Text("route", required: true, Formats.ModelLength, Formats.Model) ?? "");
        reader.Close();
        return route;
    }

    // The edges know ranges only; a single address is the range of one.
    private static string Range(string text)
        => text.Contains('/', StringComparison.Ordinal) ? text
            : IPAddress.Parse(text) is { AddressFamily: AddressFamily.InterNetworkV6 } six ? $"{six}/128"
            : $"{IPAddress.Parse(text)}/32";
}
