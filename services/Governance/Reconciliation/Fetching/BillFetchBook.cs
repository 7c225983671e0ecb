using Gateway.Governance.Storage;
using Gateway.Governance.Usage;

namespace Gateway.Governance.Reconciliation.Fetching;

/// <summary>What is known of the fetches of a source. Times in milliseconds.</summary>
internal sealed class BillFetchRow
{
    public const string Columns = "source_id AS SourceId, version, next_at AS NextAt, fetched_at AS FetchedAt, import_id AS ImportId, failures, problem";

    public required string SourceId { get; init; }

    public long Version { get; init; }

    public long NextAt { get; init; }

    public long FetchedAt { get; init; }

    public string ImportId { get; init; } = "";

    public long Failures { get; init; }

    public string Problem { get; init; } = "";
}

/// <summary>Keeps when each source is due and what the last fetch came to, for all instances.</summary>
internal sealed class BillFetchBook(Database database, TimeProvider time)
{
    // An instance that dies over a fetch holds it up no longer.
    private static readonly TimeSpan Hold = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(24);
    private const int MostProblem = 500;

    /// <summary>When to fetch again after failures: five minutes, doubling to the interval, and not before the provider said.</summary>
    public static TimeSpan Pause(long failures, TimeSpan interval, TimeSpan? retryAfter)
    {
        if (failures == 0)
        {
            return interval;
        }

        var pause = FirstPause * Math.Pow(2, Math.Min(failures - 1, 12));
        pause = pause > interval ? interval : pause;
        return retryAfter is not { } said || said <= pause ? pause : said > LongestPause ? LongestPause : said;
    }

    public async Task<IReadOnlyDictionary<string, BillFetchRow>> ReadAsync(CancellationToken cancellation)
        => (await database.ReadAsync(session => session.QueryAsync<BillFetchRow>($"SELECT {BillFetchRow.Columns} FROM bill_fetches"), cancellation).ConfigureAwait(false))
            .ToDictionary(r => r.SourceId, StringComparer.Ordinal);

    /// <summary>Takes a source that is due, or whose entry is another one than at the last fetch; whoever takes it fetches it.</summary>
    public async Task<bool> TakeAsync(string source, long version, CancellationToken cancellation)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return await database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync(
                    "INSERT INTO bill_fetches (source_id, version, next_at, fetched_at, import_id, failures, problem) VALUES (@source, 0, 0, 0, '', 0, '') ON CONFLICT (source_id) DO NOTHING",
                    new { source }).ConfigureAwait(false);
                return await session.ExecuteAsync(
                    "UPDATE bill_fetches SET next_at = @until, version = @version WHERE source_id = @source AND (next_at <= @now OR version <> @version)",
                    new { source, version, now, until = now + (long)Hold.TotalMilliseconds }).ConfigureAwait(false) == 1;
            },
            cancellation).ConfigureAwait(false);
    }

    /// <summary>Notes what a fetch came to.</summary>
    public Task<int> NoteAsync(BillSourceEntry source, long version, string? importId, string? problem, TimeSpan? retryAfter, CancellationToken cancellation)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return database.WriteAsync(
            async session =>
            {
                var before = (await session.QueryAsync<BillFetchRow>(
                    $"SELECT {BillFetchRow.Columns} FROM bill_fetches WHERE source_id = @Id{session.Dialect.ForUpdate}", new { source.Id }).ConfigureAwait(false)).SingleOrDefault();
                var failures = problem is null ? 0 : (before?.Failures ?? 0) + 1;
                return await session.ExecuteAsync(
                    """
                    INSERT INTO bill_fetches (source_id, version, next_at, fetched_at, import_id, failures, problem) VALUES (@Id, @version, @next, @now, @import, @failures, @said)
                    ON CONFLICT (source_id) DO UPDATE SET version = excluded.version, next_at = excluded.next_at, fetched_at = excluded.fetched_at, import_id = excluded.import_id,
                        failures = excluded.failures, problem = excluded.problem
                    """,
                    new
                    {
                        source.Id, version, now, failures, import = importId ?? before?.ImportId ?? "", next = now + (long)Pause(failures, TimeSpan.FromHours(source.EveryHours), retryAfter).TotalMilliseconds,
                        said = problem is null ? "" : UsageText.Clean(problem.Length <= MostProblem ? problem : problem[..MostProblem]),
                    }).ConfigureAwait(false);
            },
            cancellation);
    }

    /// <summary>Forgets sources that are gone.</summary>
    public Task<int> ForgetAsync(string source, CancellationToken cancellation)
        => database.WriteAsync(session => session.ExecuteAsync("DELETE FROM bill_fetches WHERE source_id = @source", new { source }), cancellation);
}
