using System.Text.Json.Nodes;
using Gateway.Contracts.Guardrails;
using Gateway.Governance.Access;
using Gateway.Governance.Audit;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Guardrails;

/// <summary>Requests that wait for approval, and what was decided. One that nobody decides on is forgotten after a day; an approval holds for an hour, for the same request of the same key only.</summary>
internal sealed class ApprovalStore(Database database, AuditLog audit, ICurrentActor actors, TimeProvider time)
{
    /// <summary>Most that wait at once; what comes then is refused like one that nobody approves.</summary>
    public const int MostPending = 10_000;

    private const string Columns = "id, digest, policy, kinds, key_id AS KeyId, team_id AS TeamId, model, request_id AS RequestId, status, created_at AS CreatedAt, until, decided_by AS DecidedBy, decided_at AS DecidedAt";

    private static readonly TimeSpan _waits = TimeSpan.FromHours(24);
    private static readonly TimeSpan _holds = TimeSpan.FromHours(1);

    /// <summary>Where a request stands; one that nobody asked for before begins to wait. Null when too many wait.</summary>
    public Task<ApprovalState?> AskAsync(ApprovalAsk ask, CancellationToken cancellation) => database.WriteAsync(
        async session =>
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            await session.ExecuteAsync("DELETE FROM guardrail_approvals WHERE until <= @now", new { now }).ConfigureAwait(false);
            var known = await session.QueryAsync<Row>($"SELECT {Columns} FROM guardrail_approvals WHERE digest = @Digest AND key_id = @KeyId ORDER BY created_at DESC", new { ask.Digest, ask.KeyId }).ConfigureAwait(false);
            if ((known.FirstOrDefault(r => r.Id == ask.Id) ?? known.FirstOrDefault(static r => r.Status == (int)ApprovalStatus.Pending)) is { } row)
            {
                return StateOf(row);
            }

            if (await session.ScalarAsync<long>("SELECT COUNT(*) FROM guardrail_approvals WHERE status = @pending", new { pending = (int)ApprovalStatus.Pending }).ConfigureAwait(false) >= MostPending)
            {
                return null;
            }

            row = new Row
            {
                Id = Keys.KeyMaterial.NewId("approval"),
                Digest = ask.Digest,
                Policy = ask.Policy,
                Kinds = string.Join(' ', ask.Kinds),
                KeyId = ask.KeyId,
                TeamId = ask.TeamId,
                Model = ask.Model,
                RequestId = ask.RequestId,
                Status = (int)ApprovalStatus.Pending,
                CreatedAt = now,
                Until = now + (long)_waits.TotalMilliseconds,
            };
            await session.ExecuteAsync(
                """
                INSERT INTO guardrail_approvals (id, digest, policy, kinds, key_id, team_id, model, request_id, status, created_at, until, decided_by, decided_at)
                VALUES (@Id, @Digest, @Policy, @Kinds, @KeyId, @TeamId, @Model, @RequestId, @Status, @CreatedAt, @Until, @DecidedBy, @DecidedAt)
                """,
                row).ConfigureAwait(false);
            return StateOf(row);
        },
        cancellation);

    /// <summary>The latest requests, or those of one status.</summary>
    public async Task<IReadOnlyList<ApprovalView>> ListAsync(ApprovalStatus? status, int limit, CancellationToken cancellation)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var rows = await database.ReadAsync(
            session => session.QueryAsync<Row>(
                $"SELECT {Columns} FROM guardrail_approvals WHERE until > @now {(status is null ? "" : "AND status = @status")} ORDER BY created_at DESC, id LIMIT @limit",
                new { now, status = (int)(status ?? 0), limit }),
            cancellation).ConfigureAwait(false);
        return [.. rows.Select(static r => r.View())];
    }

    /// <summary>Decides on a request that waits; null when there is none of that id.</summary>
    public Task<ApprovalView?> DecideAsync(string id, bool approve, CancellationToken cancellation) => database.WriteAsync(
        async session =>
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            var found = await session.QueryAsync<Row>($"SELECT {Columns} FROM guardrail_approvals WHERE id = @id AND until > @now", new { id, now }).ConfigureAwait(false);
            if (found is not [var row])
            {
                return null;
            }

            row.Status = (int)(approve ? ApprovalStatus.Approved : ApprovalStatus.Denied);
            (row.Until, row.DecidedAt, row.DecidedBy) = (now + (long)_holds.TotalMilliseconds, now, actors.Current.Id);
            await session.ExecuteAsync("UPDATE guardrail_approvals SET status = @Status, until = @Until, decided_by = @DecidedBy, decided_at = @DecidedAt WHERE id = @Id", row).ConfigureAwait(false);
            await audit.AppendAsync(
                session,
                [new AuditEvent(approve ? "approval.approve" : "approval.deny") { Kind = "approval", EntryId = id, Detail = new JsonObject { ["policy"] = row.Policy, ["key"] = row.KeyId } }]).ConfigureAwait(false);
            return row.View();
        },
        cancellation);

    private static ApprovalState StateOf(Row row) => new() { Id = row.Id, Status = (ApprovalStatus)row.Status, Until = DateTimeOffset.FromUnixTimeMilliseconds(row.Until) };

    private sealed class Row
    {
        public string Id { get; set; } = "";

        public string Digest { get; set; } = "";

        public string Policy { get; set; } = "";

        public string Kinds { get; set; } = "";

        public string KeyId { get; set; } = "";

        public string TeamId { get; set; } = "";

        public string Model { get; set; } = "";

        public string RequestId { get; set; } = "";

        public int Status { get; set; }

        public long CreatedAt { get; set; }

        public long Until { get; set; }

        public string DecidedBy { get; set; } = "";

        public long DecidedAt { get; set; }

        public ApprovalView View() => new()
        {
            Id = Id,
            Status = (ApprovalStatus)Status,
            Policy = Policy,
            Kinds = Kinds.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            KeyId = KeyId,
            TeamId = TeamId,
            Model = Model,
            RequestId = RequestId,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
            Until = DateTimeOffset.FromUnixTimeMilliseconds(Until),
            DecidedBy = DecidedBy.Length == 0 ? null : DecidedBy,
            DecidedAt = DecidedAt == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(DecidedAt),
        };
    }
}
