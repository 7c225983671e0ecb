using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Governance.Providers;
using Gateway.Governance.Storage;

namespace Gateway.Governance.History;

/// <summary>Goes back to an earlier version, as a new change that is checked like any other.</summary>
internal sealed class ConfigRollback(ConfigStore store, ResourceRegistry kinds, OverlayService overlay, AccessGuard guard)
{
    /// <summary>Brings one entry back, or deletes it when it did not exist at the version.</summary>
    public Task<(RollbackReport? Report, Problem? Refused)> EntryAsync(
        IResourceKind kind, string id, long version, bool dryRun, EntityTag.Condition condition, CancellationToken cancellation)
        => RunAsync(
            async (plan, session) =>
            {
                var current = kind.Find(plan.State, id);
                if (current is not null && !condition.Allows(current.Version))
                {
                    return Problem.Changed(current.Version);
                }

                var row = await HistoryQueries.AtAsync(session, kind.Kind, id, version).ConfigureAwait(false);
                if (row is null && current is null)
                {
                    return Problem.NotFound(kind.Kind, id);
                }

                if (Places.IsPlaced(kind.Kind) && await RefusalAsync(plan, session, kind, id, row, current).ConfigureAwait(false) is { } forbidden)
                {
                    return forbidden;
                }

                Plan(plan, kind, id, row);
                return null;
            },
            version,
            dryRun,
            cancellation);

    // Whoever reaches a part only goes back no further than the entry has been in his reach, and to nothing that he could not write.
    private async Task<Problem?> RefusalAsync(ConfigPlan plan, DbSession session, IResourceKind kind, string id, HistoryRow? row, KindEntry? current)
    {
        if (guard.ReachesAll(kind.Kind, AccessAction.Change) && guard.ReachesAll(kind.Kind, AccessAction.Delete))
        {
            return null;
        }

        var reaches = guard.Reaches(kind.Kind, AccessAction.History, plan.State);
        var since = await HistoryQueries.SinceAsync(session, kind.Kind, id, row?.Version ?? 0).ConfigureAwait(false);
        if (row is null || since.Any(r => r.Deleted != 0 || !reaches(kind.Entry(r.Body))))
        {
            return Problem.NotFound(kind.Kind, id);
        }

        var (before, after) = (current is null ? null : kind.Entry(current.Body), kind.Entry(row.Body));
        guard.CheckReferences(before, after, plan.State, plan.Errors);
        return guard.Refuse(kind.Kind, before is null ? AccessAction.Create : AccessAction.Change, before, after, plan.State);
    }

    /// <summary>Brings the whole configuration back.</summary>
    public Task<(RollbackReport? Report, Problem? Refused)> AllAsync(long version, bool dryRun, CancellationToken cancellation)
        => RunAsync(
            async (plan, session) =>
            {
                var then = (await HistoryQueries.AtAsync(session, version).ConfigureAwait(false)).ToDictionary(r => (r.Kind, r.Id));
                if (then.Count == 0)
                {
                    return TooOld(version);
                }

                foreach (var kind in kinds.All)
                {
                    foreach (var id in kind.Ids(plan.State).Concat(then.Keys.Where(k => k.Kind == kind.Kind).Select(k => k.Id)).Distinct(StringComparer.Ordinal))
                    {
                        Plan(plan, kind, id, then.GetValueOrDefault((kind.Kind, id)));
                    }
                }

                return null;
            },
            version,
            dryRun,
            cancellation);

    private static void Plan(ConfigPlan plan, IResourceKind kind, string id, HistoryRow? row)
    {
        if (row is null or { Deleted: not 0 })
        {
            plan.Delete(kind, id);
            return;
        }

        var (body, problem) = kind.Restore(row.Body, id, plan.State);
        if (problem is not null)
        {
            plan.Errors.Add($"{kind.Plural}.{id}", problem);
        }
        else
        {
            plan.Put(kind, id, body!);
        }
    }

    private async Task<(RollbackReport? Report, Problem? Refused)> RunAsync(
        Func<ConfigPlan, DbSession, Task<Problem?>> fill, long version, bool dryRun, CancellationToken cancellation)
    {
        ConfigPlan? plan = null;
        var outcome = await store.ChangeAsync(
            async (state, session) =>
            {
                plan = new ConfigPlan(kinds, state, overlay.Current);
                if (version > state.Version)
                {
                    return ConfigChange.Refuse(Problem.Invalid([new FieldError("version", $"is {version}, but the configuration has come to {state.Version} only.")]));
                }

                if (await fill(plan, session).ConfigureAwait(false) is { } refused)
                {
                    return ConfigChange.Refuse(refused);
                }

                plan.Check();
                return plan.Errors.Any ? ConfigChange.Refuse(Conflict(version, plan.Errors))
                    : dryRun || plan.Writes.Count == 0 ? ConfigChange.None
                    : ConfigChange.Of(plan.Writes) with { Via = $"rollback to {version}" };
            },
            cancellation).ConfigureAwait(false);
        return outcome.Refused is not null
            ? (null, outcome.Refused)
            : (new RollbackReport { DryRun = dryRun, To = version, Version = outcome.State.Version, Changes = plan!.Changes }, null);
    }

    private static Problem TooOld(long version) => new()
    {
        Status = 404,
        Title = "There is no such version.",
        Code = "not_found",
        Detail = $"Nothing is known of version {version}; GET /api/config/versions lists those that are.",
    };

    private static Problem Conflict(long version, FieldErrors errors) => new()
    {
        Status = 409,
        Title = "The version does not fit what is there now.",
        Code = "rollback_conflict",
        Detail = $"Going back to version {version} would leave entries that cannot work; see errors. Nothing was changed.",
        Errors = errors.All,
    };
}
