using System.Text.Encodings.Web;
using System.Text.Json;
using Gateway.Audit;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Audit;

/// <summary>Appends to the chains. The row of a chain's head is locked until the transaction ends, so rows of one chain follow each other in all instances.</summary>
internal sealed class AuditLog(Database database, CurrentOrigin origin, IHttpContextAccessor accessor, TimeProvider time)
{
    private const int MostDetail = 256 * 1024;

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // Without ON CONFLICT: a row that was planted where the next one belongs must stop the change, not swallow its row.
    private const string Insert =
        """
        INSERT INTO audit_rows (chain, sequence, at_micros, actor_id, actor_name, actor_role, action, kind, entry_id, detail, request_id, address, reason, previous, hash)
        VALUES (@Chain, @Sequence, @AtMicros, @ActorId, @ActorName, @ActorRole, @Action, @Kind, @EntryId, @Detail, @RequestId, @Address, @Reason, @Previous, @Hash)
        """;

    /// <summary>Appends in a transaction of its own.</summary>
    public Task RecordAsync(AuditEvent happened, CancellationToken cancellation)
        => database.WriteAsync(async session => await AppendAsync(session, [happened]).ConfigureAwait(false), cancellation);

    /// <summary>Appends in the caller's transaction: the rows are there if and only if what they tell of is.</summary>
    /// <returns>How many rows were written.</returns>
    public async Task<int> AppendAsync(DbSession session, IReadOnlyList<AuditEvent> events)
    {
        var micros = Micros(time.GetUtcNow());
        var now = origin.Get();

        // In one order everywhere, so that two transactions never wait for each other.
        foreach (var chain in events.GroupBy(e => e.Chain, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var added = chain.ToList();
            var head = await LockAsync(session, chain.Key).ConfigureAwait(false);
            var (sequence, hash) = (head.Sequence, head.Hash);
            foreach (var happened in added)
            {
                var by = happened.Origin ?? now;
                var row = new AuditRow
                {
                    Chain = chain.Key,
                    Sequence = ++sequence,
                    AtMicros = micros,
                    ActorId = by.ActorId,
                    ActorName = by.ActorName,
                    ActorRole = by.ActorRole,
                    Action = happened.Action,
                    Kind = happened.Kind,
                    EntryId = AuditOrigin.Clean(happened.EntryId, 300),
                    Detail = Text(happened),
                    RequestId = by.RequestId,
                    Address = by.Address,
                    Reason = by.Reason,
                    Previous = hash,
                }.Sealed();
                hash = row.Hash;
                await session.ExecuteAsync(Insert, row).ConfigureAwait(false);
            }

            await session.ExecuteAsync("UPDATE audit_chains SET sequence = @sequence, hash = @hash WHERE chain = @chain", new { sequence, hash, chain = chain.Key }).ConfigureAwait(false);
        }

        if (accessor.HttpContext is { } context)
        {
            AuditTrail.Mark(context);
        }

        return events.Count;
    }

    /// <summary>The head of a chain, which stays as it is until the transaction ends.</summary>
    public static async Task<ChainHead> LockAsync(DbSession session, string chain)
    {
        await session.ExecuteAsync(
            "INSERT INTO audit_chains (chain, sequence, hash, signed, signed_at) VALUES (@chain, 0, @Genesis, 0, 0) ON CONFLICT (chain) DO NOTHING",
            new { chain, CanonicalForm.Genesis }).ConfigureAwait(false);
        return (await session.QueryAsync<ChainHead>(
            "UPDATE audit_chains SET sequence = sequence WHERE chain = @chain RETURNING chain, sequence, hash, signed, signed_at AS SignedAt", new { chain }).ConfigureAwait(false))[0];
    }

    public static long Micros(DateTimeOffset at) => (at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    private static string Text(AuditEvent happened)
    {
        var text = happened.Detail?.ToJsonString(Readable) ?? "";
        return text.Length <= MostDetail ? text : JsonSerializer.Serialize(new Dictionary<string, long> { ["leftOutCharacters"] = text.Length });
    }
}

/// <summary>Where a chain ends, and how far it is signed.</summary>
internal sealed class ChainHead
{
    public required string Chain { get; init; }

    public long Sequence { get; init; }

    public required string Hash { get; init; }

    public long Signed { get; init; }

    /// <summary>Unix microseconds.</summary>
    public long SignedAt { get; init; }
}
