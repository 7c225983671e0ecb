using System.Data.Common;
using System.Diagnostics.Metrics;
using Gateway.Contracts.RequestLog;
using Gateway.Governance.RequestLog.Search;
using Gateway.Governance.RequestLog.Storage;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage;
using Gateway.Governance.Usage.Partitions;

namespace Gateway.Governance.RequestLog.Ingestion;

/// <summary>Writes entries, each once: what is told of a request in one table, what was said in another, sealed, and the hashes of its words beside it.</summary>
internal sealed partial class LogStore : IDisposable
{
    private const int Attempts = 3;

    private readonly Database _database;
    private readonly LogMonths _months;
    private readonly LogSecrets _secrets;
    private readonly ILogger<LogStore> _logger;
    private readonly Counter<long> _stored;

    // On SQLite a batch would only wait for the other's transaction; sealing and hashing take the processor, which serves others too.
    private readonly SemaphoreSlim _turns = new(2, 2);

    public LogStore(Database database, LogMonths months, LogSecrets secrets, IMeterFactory meters, ILogger<LogStore> logger)
    {
        (_database, _months, _secrets, _logger) = (database, months, secrets, logger);
        _stored = meters.Create("Gateway.Governance").CreateCounter<long>("gateway.request_log.stored", "{entry}", "Entries of the request log written to the store.");
    }

    /// <summary>Stores what is new of a batch. Durable when it returns.</summary>
    public async Task<RequestLogAck> StoreAsync(RequestLogBatch batch, CancellationToken cancellation)
    {
        await _turns.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                await _months.EnsureAsync(batch.Entries.Select(e => UsageMonth.Of(e.StartedAtMicros)), cancellation).ConfigureAwait(false);
                try
                {
                    var stored = 0;
                    foreach (var month in batch.Entries.DistinctBy(e => e.Id).GroupBy(e => UsageMonth.Of(e.StartedAtMicros)).OrderBy(g => g.Key))
                    {
                        var keys = await _database.ReadAsync(s => _secrets.FindAsync(s, month.Key), cancellation).ConfigureAwait(false);
                        if (keys is null && month.Any(HasBodies))
                        {
                            LogNoKey(month.Key.Number);
                        }

                        var rows = month.Select(e => Row(batch.EdgeId, e, keys)).ToList();
                        stored += await _database.WriteAsync(s => StoreAsync(s, month.Key, rows), cancellation).ConfigureAwait(false);
                    }

                    _stored.Add(stored);
                    return new RequestLogAck { Stored = stored, Duplicates = batch.Entries.Count - stored };
                }
                catch (DbException gone) when (attempt < Attempts && LogMonths.IsGone(gone))
                {
                    // Another instance dropped a month in between.
                    _months.Forget();
                }
            }
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();

    private static async Task<int> StoreAsync(DbSession session, UsageMonth month, List<StoredLog> rows)
    {
        await PlaceAsync(session, month, rows).ConfigureAwait(false);

        // All writers insert in the order of the ids, so that two that hold the same entries wait in line and not in a circle.
        rows.Sort((a, b) => string.CompareOrdinal(a.Entry.Id, b.Entry.Id));
        var stored = await session.BulkInsertAsync(StoredLog.Details(LogSchema.Details(month)), rows).ConfigureAwait(false);
        var bodies = stored.Where(r => r.Sealed.Length > 0).ToList();
        if (bodies.Count > 0)
        {
            bodies = [.. await session.BulkInsertAsync(StoredLog.Bodies(LogSchema.Bodies(month), session.Dialect.HasPartitions), bodies).ConfigureAwait(false)];
            if (!session.Dialect.HasPartitions)
            {
                // In their order, which spares the index many small pieces.
                await session.ExecuteAsync(
                    $"INSERT INTO {LogSchema.Words(month)} (rowid, words) VALUES (@Place, @Words)", bodies.OrderBy(r => r.Place).Select(r => new { r.Place, r.Words }).ToList()).ConfigureAwait(false);
            }
        }

        return stored.Count;
    }

    // Two entries of the same microsecond may ask for one place.
    private static async Task PlaceAsync(DbSession session, UsageMonth month, List<StoredLog> rows)
    {
        var places = rows.Select(r => LogPlace.Of(r.Entry.StartedAtMicros, r.Entry.Id)).ToArray();
        var ids = rows.Select(r => r.Entry.Id).ToArray();
        var taken = new HashSet<long>();
        foreach (var table in (string[])[LogSchema.Details(month), LogSchema.Bodies(month)])
        {
            taken.UnionWith(await session.QueryAsync<long>(
                $"SELECT place FROM {table} WHERE {session.Dialect.OneOf("place", "@places")} AND NOT ({session.Dialect.OneOf("id", "@ids")})", new { places, ids }).ConfigureAwait(false));
        }

        for (var i = 0; i < rows.Count; i++)
        {
            var place = places[i];
            while (!taken.Add(place))
            {
                place++;
            }

            rows[i].Place = place;
        }
    }

    private static bool HasBodies(RequestLogEntry entry) => entry.Request is { Text.Length: > 0 } || entry.Answer is { Text.Length: > 0 };

    private static StoredLog Row(string edge, RequestLogEntry entry, MonthKeys? keys)
    {
        if (keys is null || !HasBodies(entry))
        {
            return new StoredLog(edge, entry);
        }

        var words = new HashSet<string>(StringComparer.Ordinal);
        foreach (var body in (LoggedBody?[])[entry.Request, entry.Answer])
        {
            if (body is not null)
            {
                Words.OfBody(body.Text, words);
            }
        }

        foreach (var fact in LogFacts.Of(entry))
        {
            words.Add(fact);
        }

        return new StoredLog(edge, entry)
        {
            Sealed = BodySeal.Seal(keys, entry.Id, new SealedBodies { Request = entry.Request, Answer = entry.Answer }),
            Words = string.Join(' ', words.Select(w => Words.Hash(keys.Words, w))),
        };
    }

    [LoggerMessage(LogLevel.Error, "The secret of the request log's month {Month} does not open, because its key is not in the key ring: what is said in requests is not kept. Restore the key ring from a backup.")]
    private partial void LogNoKey(int month);
}

/// <summary>What of an entry is searched together with its words.</summary>
internal static class LogFacts
{
    public static IEnumerable<string> Of(RequestLogEntry entry)
    {
        yield return Words.Hour(entry.StartedAtMicros);
        yield return Words.Day(entry.StartedAtMicros);
        foreach (var (name, value) in ((string, string)[])
            [("key", entry.KeyId), ("team", entry.TeamId), ("customer", entry.CustomerId), ("endUser", entry.EndUser), ("session", entry.SessionId), ("model", entry.Model)])
        {
            if (value.Length > 0)
            {
                yield return Words.Fact(name, UsageText.Clean(value));
            }
        }
    }
}
