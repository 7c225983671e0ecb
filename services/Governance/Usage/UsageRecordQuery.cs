using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Gateway.Contracts.Usage;
using Gateway.Governance.Access;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Usage;

/// <summary>Which records are wanted.</summary>
internal sealed record UsageRecordFilter(string? Key, string? Model, int? Status, DateTimeOffset? From, DateTimeOffset? To);

/// <summary>Pages through the records, newest first, by keyset: page 1,000 costs what page 1 does.</summary>
internal sealed class UsageRecordQuery(Database database)
{
    public async Task<UsageRecordPage> PageAsync(UsageRecordFilter filter, UsageReach reach, (long StartedAt, string Id)? after, int limit, CancellationToken cancellation)
    {
        var where = new List<string> { reach.Condition };
        Only(filter.Key is not null, "key_id = @key");
        Only(filter.Model is not null, "model = @model");
        Only(filter.Status is not null, "status = @status");
        Only(filter.From is not null, "started_at >= @from");
        Only(filter.To is not null, "started_at < @to");
        Only(after is not null, "(started_at, id) < (@lastStart, @lastId)");
        var sql =
            $"""
             SELECT id, edge_id AS Edge, started_at AS StartedAt, duration, first_byte AS FirstByte, key_id AS KeyId, team_id AS Team, operation, model,
                 deployment_id AS Deployment, provider_id AS Provider, status, outcome, error_code AS ErrorCode, stream, attempts, input, cache_read AS CacheRead,
                 cache_write AS CacheWrite, output, reasoning, audio_input AS AudioInput, audio_output AS AudioOutput, estimated, cost, price_version AS PriceVersion
             FROM usage_records WHERE {string.Join(" AND ", where)}
             ORDER BY started_at DESC, id DESC LIMIT @most
             """;
        var parameters = new
        {
            key = filter.Key,
            model = filter.Model,
            status = filter.Status,
            from = filter.From is { } from ? UsageQueries.Micros(from) : 0,
            to = filter.To is { } to ? UsageQueries.Micros(to) : 0,
            lastStart = after?.StartedAt ?? 0,
            lastId = after?.Id ?? "",
            most = limit + 1,
        };
        var rows = await database.ReadAsync(session => session.QueryAsync<Row>(sql, reach.With(parameters)), cancellation).ConfigureAwait(false);
        return new UsageRecordPage
        {
            Items = [.. rows.Take(limit).Select(r => r.ToView())],
            Next = rows.Count > limit ? Cursor(rows[limit - 1]) : null,
        };

        void Only(bool wanted, string condition)
        {
            if (wanted)
            {
                where.Add(condition);
            }
        }
    }

    /// <summary>The place in the list that a cursor names.</summary>
    public static bool TryReadCursor(string cursor, out (long StartedAt, string Id) place)
    {
        place = default;
        var bytes = new byte[cursor.Length];
        if (!Base64Url.IsValid(cursor) || !Base64Url.TryDecodeFromChars(cursor, bytes, out var length))
        {
            return false;
        }

        var parts = Encoding.UTF8.GetString(bytes, 0, length).Split(':');
        if (parts.Length != 2 || parts[1].Length != 32 || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var startedAt))
        {
            return false;
        }

        place = (startedAt, parts[1]);
        return true;
    }

    private static string Cursor(Row row)
        => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{row.StartedAt}:{row.Id}")));

    private sealed class Row
    {
        public required string Id { get; init; }

        public required string Edge { get; init; }

        public long StartedAt { get; init; }

        public long Duration { get; init; }

        public long FirstByte { get; init; }

        public required string KeyId { get; init; }

        public required string Team { get; init; }

        public int Operation { get; init; }

        public required string Model { get; init; }

        public required string Deployment { get; init; }

        public required string Provider { get; init; }

        public int Status { get; init; }

        public int Outcome { get; init; }

        public required string ErrorCode { get; init; }

        public int Stream { get; init; }

        public int Attempts { get; init; }

        public long Input { get; init; }

        public long CacheRead { get; init; }

        public long CacheWrite { get; init; }

        public long Output { get; init; }

        public long Reasoning { get; init; }

        public long AudioInput { get; init; }

        public long AudioOutput { get; init; }

        public int Estimated { get; init; }

        public long Cost { get; init; }

        public required string PriceVersion { get; init; }

        public UsageRecordView ToView() => new()
        {
            Id = Id,
            StartedAt = DateTimeOffset.UnixEpoch.AddTicks(StartedAt * TimeSpan.TicksPerMicrosecond),
            DurationMicros = Duration,
            FirstByteMicros = FirstByte,
            Edge = Edge,
            Key = KeyId,
            Team = Team,
            Operation = (Operation)Operation,
            Model = Model,
            Deployment = Deployment,
            Provider = Provider,
            Status = Status,
            Outcome = (RequestOutcome)Outcome,
            ErrorCode = ErrorCode,
            Stream = Stream != 0,
            Attempts = Attempts,
            Tokens = new TokenUsage
            {
                Input = Input,
                CacheRead = CacheRead,
                CacheWrite = CacheWrite,
                Output = Output,
                Reasoning = Reasoning,
                AudioInput = AudioInput,
                AudioOutput = AudioOutput,
            },
            Estimated = Estimated != 0,
            CostNanoUsd = Cost,
            PriceVersion = PriceVersion,
        };
    }
}
