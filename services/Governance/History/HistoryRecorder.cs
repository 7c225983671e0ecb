using Gateway.Governance.Audit;
using Gateway.Governance.Entries;
using Gateway.Governance.Storage;

namespace Gateway.Governance.History;

/// <summary>Keeps every version of every entry as it was stored.</summary>
internal sealed class HistoryRecorder(CurrentOrigin origin) : IChangeRecorder
{
    public async Task RecordAsync(DbSession session, RecordedChange change)
    {
        var by = origin.Get();
        foreach (var write in change.Change.Writes)
        {
            await session.ExecuteAsync(
                """
                INSERT INTO config_history (kind, id, version, at, deleted, body, actor_id, actor_name, via, request_id, reason)
                VALUES (@Kind, @Id, @Version, @Now, @deleted, @body, @ActorId, @ActorName, @via, @RequestId, @Reason)
                ON CONFLICT (kind, id, version) DO UPDATE SET deleted = excluded.deleted, body = excluded.body
                """,
                new
                {
                    write.Kind, write.Id, change.Version, change.Now, deleted = write.Body is null ? 1 : 0, body = write.Body ?? "",
                    by.ActorId, by.ActorName, via = change.Change.Via ?? "", by.RequestId, by.Reason,
                }).ConfigureAwait(false);
        }
    }
}
