using Gateway.Governance.Storage;

namespace Gateway.Governance.Exports;

/// <summary>The queue of one sink, in the store. One instance at a time takes from it; who dies gives it up after a minute.</summary>
internal sealed class ExportQueue(Database database, TimeProvider time)
{
    private const long HoldMicros = 60_000_000;
    private readonly string _me = Guid.CreateVersion7().ToString("N");

    private long Now => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>True when this instance is the one that takes from a sink's queue for the next minute.</summary>
    public Task<bool> HoldAsync(string sink, CancellationToken cancellation) => database.WriteAsync(
        async session => await session.ExecuteAsync(
            """
            INSERT INTO export_sinks (sink, holder, until) VALUES (@sink, @_me, @until)
            ON CONFLICT (sink) DO UPDATE SET holder = @_me, until = @until WHERE export_sinks.holder = @_me OR export_sinks.until < @Now
            """,
            new { sink, _me, until = Now + HoldMicros, Now }).ConfigureAwait(false) > 0,
        cancellation);

    /// <summary>Lets another instance take over.</summary>
    public Task LetGoAsync(string sink, CancellationToken cancellation) =>
        database.WriteAsync(session => session.ExecuteAsync("UPDATE export_sinks SET until = 0 WHERE sink = @sink AND holder = @_me", new { sink, _me }), cancellation);

    /// <summary>The oldest that wait.</summary>
    public Task<IReadOnlyList<ExportRow>> TakeAsync(string sink, int most, CancellationToken cancellation) =>
        database.ReadAsync(session => session.QueryAsync<ExportRow>("SELECT sink, id, at, body FROM export_queue WHERE sink = @sink ORDER BY at, id LIMIT @most", new { sink, most }), cancellation);

    /// <summary>How many wait; counted no further than a bound.</summary>
    public Task<long> CountAsync(string sink, long most, CancellationToken cancellation) =>
        database.ReadAsync(session => session.ScalarAsync<long>("SELECT COUNT(*) FROM (SELECT 1 FROM export_queue WHERE sink = @sink LIMIT @most) AS waiting", new { sink, most }), cancellation);

    /// <summary>Removes what was delivered.</summary>
    public Task DoneAsync(IReadOnlyList<ExportRow> rows, CancellationToken cancellation) => database.WriteAsync(
        async session =>
        {
            foreach (var some in rows.Chunk(200))
            {
                // Ids are hexadecimal, but nothing here relies on it.
                var names = some.Select(static (_, i) => $"@id{i}").ToArray();
                var parameters = new Dapper.DynamicParameters();
                parameters.Add("sink", some[0].Sink);
                for (var i = 0; i < some.Length; i++)
                {
                    parameters.Add($"id{i}", some[i].Id);
                }

                await session.ExecuteAsync($"DELETE FROM export_queue WHERE sink = @sink AND id IN ({string.Join(", ", names)})", parameters).ConfigureAwait(false);
            }

            return 0;
        },
        cancellation);
}
