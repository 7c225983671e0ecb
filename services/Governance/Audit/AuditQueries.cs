using System.Globalization;
using Gateway.Audit;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Audit;

/// <summary>Which rows are asked for; null members are not looked at.</summary>
internal sealed record AuditFilter(string? Chain, string? Actor, string? Action, string? Kind, string? EntryId, string? RequestId, long? FromMicros, long? ToMicros);

/// <summary>A place in the list: after this row.</summary>
internal sealed record AuditCursor(long AtMicros, string Chain, long Sequence)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{AtMicros}.{Sequence}.{Chain}");

    public static AuditCursor? Parse(string text)
        => text.Split('.', 3) is [var at, var sequence, { Length: > 0 } chain]
            && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var micros)
            && long.TryParse(sequence, NumberStyles.None, CultureInfo.InvariantCulture, out var row)
                ? new AuditCursor(micros, chain, row)
                : null;
}

/// <summary>Reads audit rows.</summary>
internal sealed class AuditQueries(Database database)
{
    private const string Columns =
        """
        chain AS Chain, sequence AS Sequence, at_micros AS AtMicros, actor_id AS ActorId, actor_name AS ActorName, actor_role AS ActorRole, action AS Action, kind AS Kind,
        entry_id AS EntryId, detail AS Detail, request_id AS RequestId, address AS Address, reason AS Reason, previous AS Previous, hash AS Hash
        """;

    /// <summary>Rows newest first.</summary>
    public Task<IReadOnlyList<AuditRow>> PageAsync(AuditFilter filter, AuditCursor? after, int limit, CancellationToken cancellation)
    {
        var conditions = new List<string>();
        Add(filter.Chain, "chain = @Chain");
        Add(filter.Actor, "actor_id = @Actor");
        Add(filter.Action, "action = @Action");
        Add(filter.Kind, "kind = @Kind");
        Add(filter.EntryId, "entry_id = @EntryId");
        Add(filter.RequestId, "request_id = @RequestId AND request_id <> ''");
        Add(filter.FromMicros, "at_micros >= @FromMicros");
        Add(filter.ToMicros, "at_micros < @ToMicros");
        Add(after, "(at_micros, chain, sequence) < (@at, @place, @row)");
        var where = conditions.Count == 0 ? "" : $"WHERE {string.Join(" AND ", conditions)}";
        return database.ReadAsync(
            s => s.QueryAsync<AuditRow>(
                $"SELECT {Columns} FROM audit_rows {where} ORDER BY at_micros DESC, chain DESC, sequence DESC LIMIT @limit",
                new
                {
                    filter.Chain, filter.Actor, filter.Action, filter.Kind, filter.EntryId, filter.RequestId, filter.FromMicros, filter.ToMicros,
                    at = after?.AtMicros, place = after?.Chain, row = after?.Sequence, limit,
                }),
            cancellation);

        void Add(object? value, string condition)
        {
            if (value is not null)
            {
                conditions.Add(condition);
            }
        }
    }

    /// <summary>Rows of one chain in their order.</summary>
    public Task<IReadOnlyList<AuditRow>> ChainAsync(string chain, long after, long upTo, int limit, CancellationToken cancellation) => database.ReadAsync(
        s => s.QueryAsync<AuditRow>(
            $"SELECT {Columns} FROM audit_rows WHERE chain = @chain AND sequence > @after AND sequence <= @upTo ORDER BY sequence LIMIT @limit", new { chain, after, upTo, limit }),
        cancellation);

    /// <summary>Where the chains end, by the store's own account, also chains that have lost their head.</summary>
    public Task<IReadOnlyList<ChainHead>> HeadsAsync(string? chain, CancellationToken cancellation) => database.ReadAsync(
        s => s.QueryAsync<ChainHead>(
            """
            SELECT chain, sequence, hash, signed, signed_at AS SignedAt FROM audit_chains WHERE @chain = '' OR chain = @chain
            UNION ALL SELECT DISTINCT chain, 0, '', 0, 0 FROM audit_rows WHERE (@chain = '' OR chain = @chain) AND chain NOT IN (SELECT chain FROM audit_chains)
            ORDER BY chain
            """,
            new { chain = chain ?? "" }),
        cancellation);
}
