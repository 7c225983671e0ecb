using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Governance.Limits;
using Gateway.Governance.Secrets;
using Gateway.Governance.Snapshot;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Status;

/// <summary>Answer to <c>GET /api/status</c>.</summary>
public sealed record StatusReport
{
    /// <summary>Where everything is kept.</summary>
    public required StoreStatus Store { get; init; }

    /// <summary>Version of the configuration, and so of the newest snapshot.</summary>
    public required long SnapshotVersion { get; init; }

    /// <summary>What had to be left out of the snapshot, and why, and referenced secrets that cannot be read at present; empty when all is well.</summary>
    public required IReadOnlyList<string> Faults { get; init; }

    /// <summary>What works, but not as it is meant to; empty when all is well.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Edges that have called this instance since it started.</summary>
    public required IReadOnlyList<EdgeSeen> Edges { get; init; }

    /// <summary>Stored entries by kind.</summary>
    public required IReadOnlyDictionary<string, int> Counts { get; init; }

    /// <summary>When this instance started.</summary>
    public required DateTimeOffset StartedAt { get; init; }
}

/// <summary>The store in use.</summary>
/// <param name="Kind"><c>sqlite</c> (embedded) or <c>postgres</c>.</param>
/// <param name="Location">File, or host, port and database; never with credentials.</param>
/// <param name="SizeBytes">Size of the database in bytes.</param>
public sealed record StoreStatus(string Kind, string Location, long SizeBytes);

internal static class StatusEndpoint
{
    public static void MapStatus(this RouteGroupBuilder api)
    {
        var time = ((IEndpointRouteBuilder)api).ServiceProvider.GetRequiredService<TimeProvider>();
        var startedAt = time.GetUtcNow();
        api.MapGet("/status", async (HttpContext context, Database database, ConfigStore store, SnapshotSource snapshots, SecretBook secrets, EdgeRegistry edges, KeeperCount keepers) =>
            {
                var state = await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false);
                var snapshot = await snapshots.LatestAsync(context.RequestAborted).ConfigureAwait(false);
                var size = await database.ReadAsync(s => s.ScalarAsync<long>(database.Dialect.SizeSql), context.RequestAborted).ConfigureAwait(false);
                return Results.Json(
                    new StatusReport
                    {
                        Store = new StoreStatus(database.Name, database.Location, size),
                        SnapshotVersion = state.Version,
                        Faults = [.. snapshot.Faults, .. SecretReferences.Faults(state, secrets)],
                        Warnings = keepers.Warning is { } warning ? [warning] : [],
                        Edges = edges.All,
                        Counts = Counts(state),
                        StartedAt = startedAt,
                    },
                    StatusJson.Default.StatusReport);
            })
            .WithTags("Status")
            .WithName("getStatus")
            .WithSummary("The store in use, the snapshot's version, the edges seen, and how much is stored.")
            .Produces<StatusReport>().Refuses()
            .Access("status", AccessAction.Read);
    }

    private static Dictionary<string, int> Counts(ConfigState state) => new()
    {
        ["providers"] = state.Providers.Count,
        ["credentials"] = state.Credentials.Count,
        ["deployments"] = state.Deployments.Count,
        ["routes"] = state.Routes.Count,
        ["teams"] = state.Teams.Count,
        ["budgets"] = state.Budgets.Count,
        ["limits"] = state.Limits.Count,
        ["keys"] = state.Keys.Count,
    };
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StatusReport))]
internal sealed partial class StatusJson : JsonSerializerContext;
