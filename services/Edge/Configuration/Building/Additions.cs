using Gateway.Catalogue;
using Gateway.Contracts;
using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Configuration.Building;

/// <summary>Adds what the file need not spell out: the models of its providers, providers found by themselves, the demo model.</summary>
internal static class Additions
{
    public static GatewaySnapshot Add(GatewaySnapshot file, IReadOnlyList<FileProvider> providers, BuildContext context, bool demo, bool autoProviders)
    {
        var written = file.Routes.Select(static r => r.Name).ToHashSet(StringComparer.Ordinal);
        var snapshot = Merge(file, [.. providers.Where(static p => p.Entry.Kind != ProviderKind.Demo || p.Models is not null).SelectMany(DeploymentsOf)]);
        if (autoProviders)
        {
            var found = EnvironmentProviders.Detect(context.Options.GetEnvironmentVariable);
            snapshot = context.Options.Local.MergeInto(found.MergeInto(snapshot));
            foreach (var warning in found.Warnings)
            {
                context.Warn(warning);
            }
        }

        if (demo)
        {
            snapshot = Demo.MergeInto(snapshot);
        }

        return snapshot with { Routes = WithoutForeignNames(snapshot, written) };
    }

    private static DetectedProviders Demo { get; } = new()
    {
        Providers = [new ProviderEntry { Id = WireNames.Demo, Kind = ProviderKind.Demo }],
        Deployments =
        [
            new DeploymentEntry
            {
                Id = WireNames.Demo,
                ProviderId = WireNames.Demo,
                Model = WireNames.Demo,
                Price = new PriceEntry { Version = WireNames.Demo, InputPerMillion = 0, OutputPerMillion = 0 },
            },
        ],
        Routes = [new RouteEntry { Name = WireNames.Demo, Targets = [new RouteTarget { DeploymentId = WireNames.Demo }] }],
    };

    private static IEnumerable<DeploymentEntry> DeploymentsOf(FileProvider provider)
    {
        var models = provider.Models ?? [.. ProviderModels.Callable(provider.Entry.Id).Select(static m => m.Model)];
        var deployments = ProviderModels.Deployments(provider.Entry.Id, provider.Credential?.Id, models);
        return provider.Models is null ? deployments : deployments.Where(static d => d.Model != "*");
    }

    private static GatewaySnapshot Merge(GatewaySnapshot file, List<DeploymentEntry> implied)
    {
        var ids = file.Deployments.Select(static d => d.Id).ToHashSet(StringComparer.Ordinal);
        var names = file.Routes.Select(static r => r.Name).ToHashSet(StringComparer.Ordinal);
        return file with
        {
            Deployments = [.. file.Deployments, .. implied.Where(d => ids.Add(d.Id))],
            Routes = [.. file.Routes, .. ProviderModels.Routes(implied).Where(r => names.Add(r.Name))],
        };
    }

    /// <summary>A name in one provider's namespace must not lead to another just because that one has a model of that name.</summary>
    private static List<RouteEntry> WithoutForeignNames(GatewaySnapshot snapshot, HashSet<string> written)
    {
        var providers = snapshot.Providers.Select(static p => p.Id).ToHashSet(StringComparer.Ordinal);
        var owners = snapshot.Deployments.ToDictionary(static d => d.Id, static d => d.ProviderId, StringComparer.Ordinal);
        return
        [
            .. snapshot.Routes.Where(r =>
                written.Contains(r.Name)
                || r.Name.IndexOf('/', StringComparison.Ordinal) is not (var slash and > 0)
                || !providers.Contains(r.Name[..slash])
                || r.Targets.All(t => owners[t.DeploymentId] == r.Name[..slash])),
        ];
    }
}
