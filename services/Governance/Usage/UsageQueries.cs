using Gateway.Contracts.Usage;
using Gateway.Governance.Access;
using Gateway.Governance.Entries;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Usage;

/// <summary>Totals from the ledger: whole hours from the hourly table, the ragged ends from the records, so exact and fast.</summary>
internal sealed class UsageQueries(Database database)
{
    /// <summary>Legal values of <c>groupBy</c> and their columns.</summary>
    public static IReadOnlyDictionary<string, string> Dimensions { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["key"] = "key_id",
        ["model"] = "model",
        ["team"] = "team_id",
        ["provider"] = "provider_id",
    };

    private const string Source =
        """
        SELECT key_id, team_id, model, provider_id, requests, errors, estimated, unpriced,
            input, cache_read, cache_write, output, reasoning, audio_input, audio_output, cost
        FROM usage_hourly WHERE hour >= @firstHour AND hour < @lastHour
        UNION ALL
        SELECT key_id, team_id, model, provider_id, 1, CASE WHEN outcome IN (1, 6) THEN 0 ELSE 1 END, estimated,
            CASE WHEN price_version = '' AND input + cache_read + cache_write + output + reasoning + audio_input + audio_output > 0 THEN 1 ELSE 0 END,
            input, cache_read, cache_write, output, reasoning, audio_input, audio_output, cost
        FROM usage_records WHERE (started_at >= @from AND started_at < @firstHour) OR (started_at >= @lastHour AND started_at < @to)
        """;

    private static readonly (string Column, string Name)[] Columns =
    [
        ("requests", "Requests"), ("errors", "Errors"), ("estimated", "Estimated"), ("unpriced", "Unpriced"), ("input", "Input"),
        ("cache_read", "CacheRead"), ("cache_write", "CacheWrite"), ("output", "Output"), ("reasoning", "Reasoning"),
        ("audio_input", "AudioInput"), ("audio_output", "AudioOutput"), ("cost", "Cost"),
    ];

    private static readonly string Sums = string.Join(", ", Columns.Select(c => $"CAST(COALESCE(SUM({c.Column}), 0) AS BIGINT) AS {c.Name}"));

    public async Task<UsageReport> ReportAsync(
        DateTimeOffset from, DateTimeOffset to, IReadOnlyList<string> groupBy, int limit, UsageReach reach, ConfigState names, CancellationToken cancellation)
    {
        var grouped = string.Join(", ", groupBy.Select(g => Dimensions[g]));
        var selected = string.Concat(groupBy.Select(g => $"{Dimensions[g]} AS By{g}, "));
        var sql = $"SELECT {selected}{Sums} FROM ({Source}) u WHERE {reach.Condition}{(grouped.Length == 0 ? "" : $" GROUP BY {grouped}")}";
        var rows = await database.ReadAsync(session => session.QueryAsync<GroupRow>(sql, reach.With(Range(from, to))), cancellation).ConfigureAwait(false);
        var ordered = rows.OrderByDescending(r => r.Cost).ThenByDescending(r => r.Requests)
            .ThenBy(r => $"{r.ByKey}\n{r.ByModel}\n{r.ByTeam}\n{r.ByProvider}", StringComparer.Ordinal).ToList();
        return new UsageReport
        {
            From = from,
            To = to,
            GroupBy = groupBy,
            Total = Totals([.. rows]),
            Groups = groupBy.Count == 0 ? [] : [.. ordered.Take(limit).Select(r => Group(r, names))],
            Truncated = groupBy.Count > 0 && ordered.Count > limit,
        };
    }

    private static object Range(DateTimeOffset from, DateTimeOffset to)
    {
        var (start, end) = (Micros(from), Micros(to));
        var firstHour = (start + HourlyUsage.HourMicros - 1) / HourlyUsage.HourMicros * HourlyUsage.HourMicros;
        var lastHour = end / HourlyUsage.HourMicros * HourlyUsage.HourMicros;

        // No whole hour inside: everything comes from the records.
        return firstHour < lastHour
            ? new { from = start, firstHour, lastHour, to = end }
            : new { from = start, firstHour = end, lastHour = end, to = end };
    }

    /// <summary>Microseconds since 1970-01-01 UTC.</summary>
    public static long Micros(DateTimeOffset instant) => (instant.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    private static UsageGroup Group(GroupRow row, ConfigState names) => new()
    {
        Key = row.ByKey,
        KeyName = row.ByKey is { } key && names.Keys.TryGetValue(key, out var stored) ? stored.Value.Entry.Name : null,
        Model = row.ByModel,
        Team = row.ByTeam,
        Provider = row.ByProvider,
        Totals = Totals([row]),
    };

    private static UsageTotals Totals(IReadOnlyList<GroupRow> rows)
    {
        var tokens = new TokenUsage
        {
            Input = rows.Sum(r => r.Input),
            CacheRead = rows.Sum(r => r.CacheRead),
            CacheWrite = rows.Sum(r => r.CacheWrite),
            Output = rows.Sum(r => r.Output),
            Reasoning = rows.Sum(r => r.Reasoning),
            AudioInput = rows.Sum(r => r.AudioInput),
            AudioOutput = rows.Sum(r => r.AudioOutput),
        };
        return new UsageTotals
        {
            Requests = rows.Sum(r => r.Requests),
            Errors = rows.Sum(r => r.Errors),
            EstimatedRequests = rows.Sum(r => r.Estimated),
            UnpricedRequests = rows.Sum(r => r.Unpriced),
            Tokens = tokens,
            TotalTokens = tokens.Input + tokens.CacheRead + tokens.CacheWrite + tokens.Output + tokens.Reasoning + tokens.AudioInput + tokens.AudioOutput,
            CostNanoUsd = rows.Sum(r => r.Cost),
        };
    }

    private sealed class GroupRow
    {
        public string? ByKey { get; init; }

        public string? ByModel { get; init; }

        public string? ByTeam { get; init; }

        public string? ByProvider { get; init; }

        public long Requests { get; init; }

        public long Errors { get; init; }

        public long Estimated { get; init; }

        public long Unpriced { get; init; }

        public long Input { get; init; }

        public long CacheRead { get; init; }

        public long CacheWrite { get; init; }

        public long Output { get; init; }

        public long Reasoning { get; init; }

        public long AudioInput { get; init; }

        public long AudioOutput { get; init; }

        public long Cost { get; init; }
    }
}
