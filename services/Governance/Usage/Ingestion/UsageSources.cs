using Gateway.Contracts.Usage;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Usage.Ingestion;

/// <summary>
/// What of each journal the ledger has taken, one by one or as sums, so that no record counts both ways (docs/adr/summed-usage.md). Edges send a journal in its order, so a place up to
/// which records were taken and the stretches taken as sums say it all.
/// </summary>
internal sealed class UsageSources(TimeProvider time)
{
    private const long None = -1;

    /// <summary>Decides on a batch of sums, and notes its stretch when it is to be stored.</summary>
    /// <returns>Null: store it. Else up to where the writer's records are here; the last place of the stretch itself when it was stored before.</returns>
    public async Task<long?> TakeAsync(DbSession session, UsageSpan span)
    {
        await LockAsync(session, span.Writer).ConfigureAwait(false);
        var upTo = await SequenceAsync(session, span.Writer).ConfigureAwait(false);
        if (upTo >= span.First)
        {
            return upTo;
        }

        await session.ExecuteAsync(
            "INSERT INTO usage_sums (writer, first, last, seen_at) VALUES (@Writer, @First, @Last, @now)", new { span.Writer, span.First, span.Last, now = Now }).ConfigureAwait(false);
        await NoteAsync(session, new JournalPlace(span.Writer, span.Last)).ConfigureAwait(false);
        return null;
    }

    /// <summary>The records that have not been taken as part of a sum, nor before their month's records were dropped.</summary>
    public async Task<IReadOnlyList<UsageRecord>> UntakenAsync(DbSession session, IReadOnlyList<UsageRecord> records)
    {
        var retained = await session.ScalarAsync<long?>("SELECT since FROM usage_retained WHERE kind = 'records'").ConfigureAwait(false) ?? 0;
        var untaken = new List<UsageRecord>(records.Count);
        foreach (var run in records.Where(IsJournals).Select(r => (Record: r, Place: JournalPlace.Of(r.Id))).GroupBy(r => r.Place.Writer, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            await LockAsync(session, run.Key).ConfigureAwait(false);
            var (first, last) = (run.Min(r => r.Place.Sequence), run.Max(r => r.Place.Sequence));
            var sums = await session.QueryAsync<SpanRow>(
                "SELECT first, last FROM usage_sums WHERE writer = @Key AND first <= @last AND last >= @first", new { run.Key, first, last }).ConfigureAwait(false);
            var upTo = run.Any(r => r.Record.StartedAtMicros < retained) ? await SequenceAsync(session, run.Key).ConfigureAwait(false) : None;
            untaken.AddRange(run
                .Where(r => !sums.Any(s => s.First <= r.Place.Sequence && s.Last >= r.Place.Sequence) && (r.Record.StartedAtMicros >= retained || r.Place.Sequence > upTo))
                .Select(r => r.Record));
            await NoteAsync(session, new JournalPlace(run.Key, last)).ConfigureAwait(false);
        }

        untaken.AddRange(records.Where(r => !IsJournals(r)));
        return untaken;
    }

    /// <summary>Forgets runs that have not been heard of for long.</summary>
    public static async Task<int> ForgetAsync(DbSession session, DateTimeOffset before)
    {
        var at = before.ToUnixTimeMilliseconds();
        return await session.ExecuteAsync("DELETE FROM usage_sums WHERE seen_at < @at", new { at }).ConfigureAwait(false)
            + await session.ExecuteAsync("DELETE FROM usage_writers WHERE seen_at < @at", new { at }).ConfigureAwait(false);
    }

    private static bool IsJournals(UsageRecord record) => record.Operation != Operation.Batch;

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    // A batch that its edge has given up on may still be under way: whoever comes second waits here, and then sees what the first one took.
    private Task<int> LockAsync(DbSession session, string writer) => NoteAsync(session, new JournalPlace(writer, None));

    private static Task<long> SequenceAsync(DbSession session, string writer)
        => session.ScalarAsync<long>("SELECT sequence FROM usage_writers WHERE writer = @writer", new { writer });

    private Task<int> NoteAsync(DbSession session, JournalPlace place) => session.ExecuteAsync(
        """
        INSERT INTO usage_writers (writer, sequence, seen_at) VALUES (@Writer, @Sequence, @now)
        ON CONFLICT (writer) DO UPDATE SET seen_at = excluded.seen_at,
            sequence = CASE WHEN excluded.sequence > usage_writers.sequence THEN excluded.sequence ELSE usage_writers.sequence END
        """,
        new { place.Writer, place.Sequence, now = Now });

    private sealed class SpanRow
    {
        public long First { get; init; }

        public long Last { get; init; }
    }
}
