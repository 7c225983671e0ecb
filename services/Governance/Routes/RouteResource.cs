using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Governance.Providers;

namespace Gateway.Governance.Routes;

internal sealed class RouteResource : ResourceType<RouteEntry, RouteEntry>
{
    private const int MostTargets = 100;

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
        var entry = new RouteEntry
        {
            Name = ReadId(reader, context, made: false, Formats.ModelLength, Formats.Model),
            Strategy = reader.Choice("strategy", RouteStrategy.Priority),
            Targets = [.. reader.NestedMany("targets", 1, MostTargets).Select(Target)],
            MaxAttempts = reader.Integer("maxAttempts", 1, 10, 3),
        };
        foreach (var twice in entry.Targets.Where(t => t.DeploymentId.Length > 0).GroupBy(t => t.DeploymentId, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            reader.Error("targets", $"names the deployment '{twice.Key}' {twice.Count()} times; name it once and use its weight.");
        }

        return entry;
    }

    public override void CheckReferences(RouteEntry stored, EffectiveConfig config, FieldErrors errors)
    {
        for (var i = 0; i < stored.Targets.Count; i++)
        {
            if (!config.HasDeployment(stored.Targets[i].DeploymentId))
            {
                errors.Add($"targets[{i}].deploymentId", $"names no deployment: there is no '{stored.Targets[i].DeploymentId}'.");
            }
        }
    }

    public override IEnumerable<KeyValuePair<string, Unstored<RouteEntry>>> Unstored(Overlay overlay) => overlay.Routes;

    private static RouteTarget Target(ObjectReader reader)
    {
        var target = new RouteTarget
        {
            DeploymentId = reader.Text("deploymentId", required: true, Formats.ModelLength, Formats.Model) ?? "",
            Weight = reader.Integer("weight", 0, 1000, 1),
            Priority = reader.Integer("priority", 0, 100, 0),
        };
        reader.Close();
        return target;
    }
}
