using Gateway.Audit;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Audit;

/// <summary>Signs chains, cuts them, and reads what was signed.</summary>
internal sealed class Checkpoints(Database database, SigningKeys signing, AuditLog log, AuditOptions options, TimeProvider time)
{
    private const string Columns = "number, chain, sequence, hash, at_micros AS AtMicros, purpose, key_id AS KeyId, signature";

    /// <summary>Signs every chain that has new rows and is due, or all that have new rows.</summary>
    /// <returns>How many were signed.</returns>
    public async Task<int> SignAsync(bool all, CancellationToken cancellation)
    {
        var keys = await signing.GetAsync(cancellation).ConfigureAwait(false);
        var due = await database.ReadAsync(
            s => s.QueryAsync<string>(
                "SELECT chain FROM audit_chains WHERE sequence > signed AND (@all = 1 OR sequence - signed >= @rows OR signed_at <= @before) ORDER BY chain",
                new { all = all ? 1 : 0, rows = options.CheckpointRows, before = Now() - (long)options.CheckpointAge.TotalMicroseconds }),
            cancellation).ConfigureAwait(false);
        foreach (var chain in due)
        {
            await database.WriteAsync(session => SignAsync(session, chain, keys), cancellation).ConfigureAwait(false);
        }

        return due.Count;
    }

    /// <summary>Removes rows that are older than the retention allows, up to a signed row, and signs that row as the chain's new beginning.</summary>
    /// <returns>How many rows were removed.</returns>
    public async Task<long> CutAsync(CancellationToken cancellation)
    {
        if (options.Retention is not { } kept)
        {
            return 0;
        }

        var keys = await signing.GetAsync(cancellation).ConfigureAwait(false);
        var before = Now() - (long)kept.TotalMicroseconds;
        var due = await database.ReadAsync(
            s => s.QueryAsync<string>("SELECT DISTINCT chain FROM audit_rows WHERE at_micros < @before ORDER BY chain", new { before }), cancellation).ConfigureAwait(false);
        long removed = 0;
        foreach (var chain in due)
        {
            removed += await database.WriteAsync(session => CutAsync(session, chain, before, keys), cancellation).ConfigureAwait(false);
        }

        return removed;
    }

    /// <summary>Checkpoints and anchors after a number, in order.</summary>
    public Task<IReadOnlyList<StoredCheckpoint>> ReadAsync(string? chain, long after, int limit, CancellationToken cancellation) => database.ReadAsync(
        s => s.QueryAsync<StoredCheckpoint>(
            $"SELECT {Columns} FROM audit_checkpoints WHERE number > @after AND (@chain = '' OR chain = @chain) ORDER BY number LIMIT @limit", new { after, chain = chain ?? "", limit }),
        cancellation);

    private async Task<int> SignAsync(DbSession session, string chain, CheckpointKeys keys)
    {
        // Taken first and held until the commit: numbers become visible in their order, which deliveries rely on.
        var number = await NumberAsync(session).ConfigureAwait(false);
        var head = await AuditLog.LockAsync(session, chain).ConfigureAwait(false);
        if (head.Sequence == head.Signed)
        {
            session.Abandon();
            return 0;
        }

        await InsertAsync(session, number, keys, head.Chain, head.Sequence, head.Hash, CheckpointPurpose.Checkpoint).ConfigureAwait(false);
        return await session.ExecuteAsync(
            "UPDATE audit_chains SET signed = sequence, signed_at = @now WHERE chain = @chain", new { now = Now(), chain }).ConfigureAwait(false);
    }

    private async Task<long> CutAsync(DbSession session, string chain, long before, CheckpointKeys keys)
    {
        var number = await NumberAsync(session).ConfigureAwait(false);
        await AuditLog.LockAsync(session, chain).ConfigureAwait(false);
        var at = await session.QueryAsync<CutPlace>(
            """
            SELECT c.sequence, c.hash FROM audit_checkpoints c JOIN audit_rows r ON r.chain = c.chain AND r.sequence = c.sequence
            WHERE c.chain = @chain AND r.at_micros < @before ORDER BY c.sequence DESC LIMIT 1
            """,
            new { chain, before }).ConfigureAwait(false);
        if (at is not [var place])
        {
            session.Abandon();
            return 0;
        }

        await InsertAsync(session, number, keys, chain, place.Sequence, place.Hash, CheckpointPurpose.Anchor).ConfigureAwait(false);
        var removed = await session.ExecuteAsync("DELETE FROM audit_rows WHERE chain = @chain AND sequence <= @Sequence", new { chain, place.Sequence }).ConfigureAwait(false);
        await log.AppendAsync(
            session,
            [new AuditEvent("audit.cut") { Chain = chain, Detail = new System.Text.Json.Nodes.JsonObject { ["upTo"] = place.Sequence, ["rows"] = removed } }]).ConfigureAwait(false);
        return removed;
    }

    private Task InsertAsync(DbSession session, long number, CheckpointKeys keys, string chain, long sequence, string hash, CheckpointPurpose purpose)
    {
        var signed = keys.Sign(new AuditCheckpoint { Chain = chain, Sequence = sequence, Hash = hash, AtMicros = Now(), Purpose = purpose, KeyId = "" });
        return session.ExecuteAsync(
            """
            INSERT INTO audit_checkpoints (number, chain, sequence, hash, at_micros, purpose, key_id, signature)
            VALUES (@number, @Chain, @Sequence, @Hash, @AtMicros, @purpose, @KeyId, @Signature)
            """,
            new { number, signed.Chain, signed.Sequence, signed.Hash, signed.AtMicros, purpose = (int)purpose, signed.KeyId, signed.Signature });
    }

    private static Task<long> NumberAsync(DbSession session) => session.ScalarAsync<long>("UPDATE audit_checkpoint_numbers SET number = number + 1 RETURNING number");

    private long Now() => AuditLog.Micros(time.GetUtcNow());

    private sealed class CutPlace
    {
        public long Sequence { get; init; }

        public required string Hash { get; init; }
    }
}

/// <summary>A checkpoint as it lies in the store.</summary>
internal sealed class StoredCheckpoint
{
    public long Number { get; init; }

    public required string Chain { get; init; }

    public long Sequence { get; init; }

    public required string Hash { get; init; }

    public long AtMicros { get; init; }

    public int Purpose { get; init; }

    public required string KeyId { get; init; }

    public required string Signature { get; init; }

    public AuditCheckpoint ToCheckpoint() => new()
    {
        Chain = Chain,
        Sequence = Sequence,
        Hash = Hash,
        AtMicros = AtMicros,
        Purpose = (CheckpointPurpose)Purpose,
        KeyId = KeyId,
        Signature = Signature,
    };
}
