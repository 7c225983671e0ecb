using Gateway.Governance.Storage;

namespace Gateway.Governance.Entries;

/// <summary>
/// The stored configuration. Writers take turns on the version row, in all instances, so versions are committed in order and a
/// change is decided on exactly the state it will follow; readers hold an immutable state and fetch only what changed since.
/// </summary>
internal sealed class ConfigStore(Database database, TimeProvider time, IEnumerable<IChangeRecorder> recorders)
{
    private const string SelectSince =
        "SELECT kind, id, version, created_at AS CreatedAt, updated_at AS UpdatedAt, deleted, body FROM config_entries WHERE version > @version";

    private readonly IChangeRecorder[] _recorders = [.. recorders];
    private readonly Lock _publish = new();
    private volatile ConfigState _latest = ConfigState.Empty;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The last state this instance has seen.</summary>
    public ConfigState Latest => _latest;

    /// <summary>The state as it is in the store now, changes of other instances included.</summary>
    public async Task<ConfigState> CurrentAsync(CancellationToken cancellation)
    {
        var known = _latest;
        var found = await database.ReadAsync(
            async session =>
            {
                var version = await session.ScalarAsync<long>("SELECT version FROM config_version").ConfigureAwait(false);
                return version > known.Version ? await RefreshAsync(session, known, version).ConfigureAwait(false) : known;
            },
            cancellation).ConfigureAwait(false);
        return Publish(found);
    }

    /// <summary>Ends when the latest state is newer than <paramref name="version"/>.</summary>
    public async Task WaitBeyondAsync(long version, CancellationToken cancellation)
    {
        while (true)
        {
            Task changed;
            lock (_publish)
            {
                if (_latest.Version > version)
                {
                    return;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Decides and writes a change in one transaction.</summary>
    public Task<ConfigOutcome> ChangeAsync(Func<ConfigState, ConfigChange> decide, CancellationToken cancellation)
        => ChangeAsync((state, _) => Task.FromResult(decide(state)), cancellation);

    /// <summary>The same, for a decision that needs the transaction itself.</summary>
    public async Task<ConfigOutcome> ChangeAsync(Func<ConfigState, DbSession, Task<ConfigChange>> decide, CancellationToken cancellation)
    {
        var outcome = await database.WriteAsync(session => ApplyAsync(session, decide), cancellation).ConfigureAwait(false);
        Publish(outcome.State);
        return outcome;
    }

    /// <summary>Makes a new version without changing an entry: what is merged into the snapshot from outside the store has changed.</summary>
    public Task TouchAsync(CancellationToken cancellation) => ChangeAsync(_ => ConfigChange.Of(), cancellation);

    /// <summary>Lifts the version above <paramref name="version"/>, which an edge has from a database that was since restored or replaced.</summary>
    public Task RaiseBeyondAsync(long version, CancellationToken cancellation) => ChangeAsync(
        async (_, session) =>
        {
            await session.ExecuteAsync("UPDATE config_version SET version = @version + 1 WHERE version <= @version", new { version }).ConfigureAwait(false);
            return ConfigChange.Of();
        },
        cancellation);

    /// <summary>
    /// Writes other bodies that mean the same for entries that are there. A new version, so that every instance takes them up, but no change for history and audit.
    /// </summary>
    /// <returns>How many were written.</returns>
    public async Task<int> RewriteAsync(Func<DbSession, Task<IReadOnlyList<EntryWrite>>> rewrite, CancellationToken cancellation)
    {
        var (state, count) = await database.WriteAsync(
            async session =>
            {
                var version = await session.ScalarAsync<long>("UPDATE config_version SET version = version + 1 RETURNING version").ConfigureAwait(false);
                var before = await RefreshAsync(session, _latest, version - 1).ConfigureAwait(false);
                var writes = await rewrite(session).ConfigureAwait(false);
                if (writes.Count == 0)
                {
                    session.Abandon();
                    return (before, 0);
                }

                foreach (var write in writes)
                {
                    await session.ExecuteAsync(
                        "UPDATE config_entries SET body = @Body, version = @version WHERE kind = @Kind AND id = @Id AND deleted = 0", new { write.Body, version, write.Kind, write.Id }).ConfigureAwait(false);
                }

                return (await RefreshAsync(session, before, version).ConfigureAwait(false), writes.Count);
            },
            cancellation).ConfigureAwait(false);
        Publish(state);
        return count;
    }

    private async Task<ConfigOutcome> ApplyAsync(DbSession session, Func<ConfigState, DbSession, Task<ConfigChange>> decide)
    {
        // The row lock taken here is held until the commit: no other writer can come between the state read below and the writes.
        var version = await session.ScalarAsync<long>("UPDATE config_version SET version = version + 1 RETURNING version").ConfigureAwait(false);
        var before = await RefreshAsync(session, _latest, version - 1).ConfigureAwait(false);
        var change = await decide(before, session).ConfigureAwait(false);
        if (change.Refused is not null || change.MakesNoVersion)
        {
            session.Abandon();
            return new ConfigOutcome(before, change.Refused);
        }

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var write in change.Writes)
        {
            await session.ExecuteAsync(
                """
                INSERT INTO config_entries (kind, id, version, created_at, updated_at, deleted, body) VALUES (@Kind, @Id, @version, @now, @now, @deleted, @body)
                ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version, updated_at = excluded.updated_at, deleted = excluded.deleted, body = excluded.body,
                    created_at = CASE WHEN config_entries.deleted = 1 THEN excluded.created_at ELSE config_entries.created_at END
                """,
                new { write.Kind, write.Id, version, now, deleted = write.Body is null ? 1 : 0, body = write.Body ?? "" }).ConfigureAwait(false);
        }

        if (change.Writes.Count > 0)
        {
            foreach (var recorder in _recorders)
            {
                await recorder.RecordAsync(session, new RecordedChange(before, change, version, now)).ConfigureAwait(false);
            }
        }

        var after = await session.ScalarAsync<long>("SELECT version FROM config_version").ConfigureAwait(false);
        return new ConfigOutcome(await RefreshAsync(session, before, after).ConfigureAwait(false), null);
    }

    private static async Task<ConfigState> RefreshAsync(DbSession session, ConfigState known, long version)
    {
        var rows = await session.QueryAsync<EntryRow>(SelectSince, new { version = known.Version }).ConfigureAwait(false);
        return known.With(rows, version);
    }

    private ConfigState Publish(ConfigState state)
    {
        TaskCompletionSource? changed = null;
        lock (_publish)
        {
            if (state.Version > _latest.Version)
            {
                _latest = state;
                changed = _changed;
                _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            state = _latest.Version > state.Version ? _latest : state;
        }

        changed?.TrySetResult();
        return state;
    }
}
