using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;
using Gateway.Governance.Caching;
using Gateway.Governance.Entries;
using Gateway.Governance.Guardrails;
using Gateway.Governance.Providers;
using Gateway.Governance.Settings;
using Gateway.Routing;

namespace Gateway.Governance.Routes;

internal sealed class RouteResource : ResourceType<RouteEntry, RouteEntry>
{
    private const int MostTargets = 100;
    private const int MostRules = 100;
    private const int MostNames = 50;

    public override string Kind => EntryKinds.Route;

    public override string Plural => "routes";

    public override string IdField => "name";

    public override JsonTypeInfo<RouteEntry> StoredJson => Entries.StoredJson.Default.RouteEntry;

    public override JsonTypeInfo<RouteEntry> ViewJson => Entries.StoredJson.Default.RouteEntry;

    public override ImmutableSortedDictionary<string, Stored<RouteEntry>> Table(ConfigState state) => state.Routes;

    public override RouteEntry View(RouteEntry stored) => stored;

    public override string IdOf(RouteEntry stored) => stored.Name;

    public override RouteEntry Read(ObjectReader reader, ReadContext<RouteEntry> context)
    {
        var defaults = new RouteEntry { Name = "", Targets = [] };
        var sticky = Names(reader, "stickyBy", null);
        var entry = new RouteEntry
        {
            Name = ReadId(reader, context, made: false, Formats.ModelLength, Formats.Model),
            Aliases = Names(reader, "aliases", Formats.Model),
            Strategy = reader.Choice("strategy", RouteStrategy.Priority),
            Targets = [.. reader.NestedMany("targets", 1, MostTargets).Select(Target)],
            MaxAttempts = reader.Integer("maxAttempts", 1, 10, 3),
            StickyBy = sticky.Count > 0 ? sticky : defaults.StickyBy,
            Rules = [.. reader.NestedMany("rules", 0, MostRules).Select(RouteParts.Rule)],
            Timeouts = RouteParts.Timeouts(reader),
            Retry = RouteParts.Retry(reader),
            Hedge = RouteParts.Hedge(reader),
            Fallbacks = Names(reader, "fallbacks", Formats.Model),
            ContextWindowFallbacks = Names(reader, "contextWindowFallbacks", Formats.Model),
            ContentPolicyFallbacks = Names(reader, "contentPolicyFallbacks", Formats.Model),
            Unsupported = reader.Choice("unsupported", UnsupportedPolicy.Drop),
            OnCut = reader.Choice("onCut", CutPolicy.Error),
            Cache = CacheFields.Policy(reader),
            OutputCap = reader.Choice<OutputCapPolicy>("outputCap"),
            DefaultOutputTokens = (int?)reader.Integer("defaultOutputTokens", 1, 10_000_000L),
            McpChat = McpChatFields.Read(reader),
            GuardrailPolicies = GuardrailReferences.Read(reader),
        };
        foreach (var (field, message) in RouteCheck.Problems(entry))
        {
            reader.Error(field, message);
        }

        foreach (var twice in entry.Targets.Where(t => t.DeploymentId.Length > 0).GroupBy(t => t.DeploymentId, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            reader.Error("targets", $"names the deployment '{twice.Key}' {twice.Count()} times; name it once and use its weight.");
        }

        return entry;
    }

    public override void CheckReferences(RouteEntry stored, EffectiveConfig config, FieldErrors errors)
    {
        CacheFields.Check("cache", stored.Cache, SettingsEndpoints.Of(config.Stored).CacheStorage.SharedScopes, errors);
        GuardrailReferences.Check(stored.GuardrailPolicies, config, errors);
        for (var i = 0; i < stored.Targets.Count; i++)
        {
            if (!config.HasDeployment(stored.Targets[i].DeploymentId))
            {
                errors.Add($"targets[{i}].deploymentId", $"names no deployment: there is no '{stored.Targets[i].DeploymentId}'.");
            }
        }

        foreach (var (field, name) in RouteCheck.References(stored))
        {
            if (!config.HasRoute(name) && name != stored.Name && !stored.Aliases.Contains(name))
            {
                errors.Add(field, $"names no route: there is no '{name}'.");
            }
        }
    }

    public override IEnumerable<string> Referrers(string id, ConfigState state)
        => state.Routes.Values.Where(r => r.Value.Name != id && RouteCheck.References(r.Value).Any(f => f.Name == id)).Select(r => $"route '{r.Value.Name}'")
            .Concat(state.Keys.Values.Where(k => k.Value.Entry.Routes.Any(r => r.Route == id)).Select(k => $"key '{k.Value.Entry.Id}'"))
            .Concat(state.Guardrails.Values.Where(g => GuardrailReferences.Routes(g.Value).Any(r => r.Route == id)).Select(g => $"guardrail '{g.Value.Id}'"));

    public override IEnumerable<KeyValuePair<string, Unstored<RouteEntry>>> Unstored(Overlay overlay) => overlay.Routes;

    private static IReadOnlyList<string> Names(ObjectReader reader, string field, Func<string, string?>? check) => reader.Texts(field, MostNames, Formats.ModelLength, check);

    private static RouteTarget Target(ObjectReader reader)
    {
        var target = new RouteTarget
        {
            DeploymentId = reader.Text("deploymentId", required: true, Formats.ModelLength, Formats.Model) ?? "",
            Weight = reader.Integer("weight", 0, 1000, 1),
            Priority = reader.Integer("priority", 0, 100, 0),
            CanaryPercent = (int?)reader.Integer("canaryPercent", 0, 100L),
            ShadowPercent = (int?)reader.Integer("shadowPercent", 0, 100L),
        };
        reader.Close();
        return target;
    }
}
