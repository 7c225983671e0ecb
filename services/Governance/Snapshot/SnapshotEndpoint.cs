using Gateway.Contracts;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Governance.Storage;
using Gateway.ServiceDefaults.Drain;

namespace Gateway.Governance.Snapshot;

/// <summary>The long poll by which edges follow the configuration.</summary>
internal static class SnapshotEndpoint
{
    private const int MostSeconds = 60;

    public static void MapSnapshot(this RouteGroupBuilder group) => group.MapGet("/snapshot", ServeAsync);

    private static async Task<IResult> ServeAsync(
        HttpContext context,
        SnapshotSource snapshots,
        ConfigStore store,
        StoreIdentity identity,
        EdgeRegistry edges,
        IDrain drain,
        TimeProvider time,
        long? after,
        int? waitSeconds,
        string? form,
        string? digest)
    {
        var known = after ?? 0;
        if (known < 0 || waitSeconds is < 0 or > MostSeconds)
        {
            return Problem.Invalid([new FieldError(known < 0 ? "after" : "waitSeconds", known < 0 ? "must be 0 or a version." : $"must be 0 to {MostSeconds}.")]).ToResult();
        }

        // Counted in another store, the edge's version says nothing here: neither newer nor older, so it gets what there is.
        if (context.Request.Headers[WireNames.SnapshotSourceHeader].ToString() is { Length: > 0 } source && source != identity.Id)
        {
            known = 0;
        }

        context.Response.Headers[WireNames.SnapshotSourceHeader] = identity.Id;
        var edge = context.Request.Headers["x-gateway-edge-id"].ToString() is { Length: > 0 and <= 128 } name
            ? name
            : context.Connection.RemoteIpAddress?.ToString() ?? "unknown";
        edges.SawPoll(edge, null);
        if (known > snapshots.Version && await HealAsync(store, known, time, context.RequestAborted).ConfigureAwait(false) is { } refused)
        {
            return refused.ToResult();
        }

        if (form == WireNames.SnapshotDifference && known == snapshots.Version)
        {
            // What the edge has must be at hand when the change comes, also after a restart or from another instance.
            await snapshots.LatestAsync(context.RequestAborted).ConfigureAwait(false);
        }

        if (!await WaitAsync(store, known, waitSeconds ?? 0, time, drain.Started, context.RequestAborted).ConfigureAwait(false))
        {
            return Results.NoContent();
        }

        var snapshot = await snapshots.LatestAsync(context.RequestAborted).ConfigureAwait(false);
        edges.SawPoll(edge, snapshot.Version);
        context.Response.Headers.CacheControl = "no-store";
        if (form == WireNames.SnapshotDifference && known > 0 && snapshot.DifferenceFrom(known, digest ?? "") is { } difference)
        {
            context.Response.Headers[WireNames.SnapshotFormHeader] = WireNames.SnapshotDifference;
            return Results.Bytes(difference, "application/json");
        }

        return Results.Bytes(snapshot.Utf8, "application/json");
    }

    /// <summary>
    /// The edge knows a version this instance does not: another instance was faster, or the database was restored. In the second case the edge
    /// would wait for ever, so the version is lifted above the edge's. Versions start at the clock in milliseconds; what lies far above was never given out.
    /// </summary>
    private static async Task<Problem?> HealAsync(ConfigStore store, long known, TimeProvider time, CancellationToken cancellation)
    {
        var current = await store.CurrentAsync(cancellation).ConfigureAwait(false);
        if (known <= current.Version)
        {
            return null;
        }

        if (known > time.GetUtcNow().AddDays(1).ToUnixTimeMilliseconds())
        {
            return Problem.Invalid([new FieldError("after", "is no version this gateway gave out.")]);
        }

        await store.RaiseBeyondAsync(known, cancellation).ConfigureAwait(false);
        return null;
    }

    private static async Task<bool> WaitAsync(
        ConfigStore store, long known, int seconds, TimeProvider time, CancellationToken stopping, CancellationToken aborted)
    {
        if (store.Latest.Version > known || seconds == 0)
        {
            return store.Latest.Version > known;
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds), time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping, aborted);
        try
        {
            await store.WaitBeyondAsync(known, any.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            return false;
        }
    }
}
