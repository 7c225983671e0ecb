using Gateway.Governance.RequestLog.Storage;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Partitions;

namespace Gateway.Governance.RequestLog.Search;

/// <summary>
/// Finds the entries of a month that have all of some words, newest first. It looks at an hour, then its day, then the month, and goes on only where there are not enough: so a word
/// that is everywhere is found within an hour's entries, and for one that is nowhere the index says so at once.
/// </summary>
internal static class TextSearch
{
    /// <summary>Places of entries, the newest first, at most <paramref name="want"/>.</summary>
    /// <param name="session">The store.</param>
    /// <param name="month">The month.</param>
    /// <param name="hash">Makes of a word what is stored of it.</param>
    /// <param name="words">Words and facts that an entry must have.</param>
    /// <param name="from">First place that counts.</param>
    /// <param name="before">First place that does not count any more.</param>
    /// <param name="want">Most places.</param>
    /// <param name="isRare">True where it is known that the words are rare: the month is asked at once.</param>
    public static Task<IReadOnlyList<long>> FindAsync(DbSession session, UsageMonth month, Func<string, string> hash, IReadOnlyList<string> words, long from, long before, int want, bool isRare)
        => session.Dialect.HasPartitions
            ? FindInArraysAsync(session, month, hash, words, from, before, want, isRare)
            : FindInIndexAsync(session, month, words.Select(hash), from, before, want);

    // The index gives rows in the order of their numbers, which are their places, and stops when there are enough.
    private static Task<IReadOnlyList<long>> FindInIndexAsync(DbSession session, UsageMonth month, IEnumerable<string> words, long from, long before, int want)
        => session.QueryAsync<long>(
            $"SELECT rowid FROM {LogSchema.Words(month)} WHERE {LogSchema.Words(month)} MATCH @query AND rowid >= @from AND rowid < @before ORDER BY rowid DESC LIMIT @want",
            new { query = string.Join(" AND ", words), from, before, want });

    // This index has no order: what it finds is sorted. The hour and the day are words like others, so that it finds little at a time.
    private static async Task<IReadOnlyList<long>> FindInArraysAsync(DbSession session, UsageMonth month, Func<string, string> hash, IReadOnlyList<string> words, long from, long before, int want, bool isRare)
    {
        IReadOnlyList<long> found = [];
        long newest = 0;
        if (!isRare)
        {
            // The hour of the newest entry there is: the running month has none in its last.
            var last = await session.QueryAsync<long?>($"SELECT max(place) FROM {LogSchema.Bodies(month)} WHERE place >= @from AND place < @before", new { from, before }).ConfigureAwait(false);
            if (last is not [{ } place])
            {
                return found;
            }

            newest = LogPlace.Micros(place);
        }

        (string? Span, long Unit)[] spans = isRare ? [(null, 0)] : [(Words.Hour(newest), UsageTime.Hour), (Words.Day(newest), UsageTime.Day), (null, 0)];
        foreach (var (span, unit) in spans)
        {
            var all = words.Append(span).OfType<string>().Select(hash).ToArray();

            // First all that have the words, by their index: it must not be tried to go through the places in order and look at the words of each.
            found = await session.QueryAsync<long>(
                $"""
                WITH f AS MATERIALIZED (SELECT place FROM {LogSchema.Bodies(month)} WHERE string_to_array(words, ' ') @> @all)
                SELECT place FROM f WHERE place >= @from AND place < @before ORDER BY place DESC LIMIT @want
                """,
                new { all, from, before, want }).ConfigureAwait(false);
            if (found.Count == want || (unit > 0 && LogPlace.First(UsageTime.Floor(newest, unit)) <= from))
            {
                break;
            }
        }

        return found;
    }
}
