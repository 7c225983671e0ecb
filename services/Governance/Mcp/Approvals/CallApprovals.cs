using System.Text.Json.Nodes;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Guardrails;
using Gateway.Contracts.Mcp;
using Gateway.Governance.Access;
using Gateway.Governance.Audit;
using Gateway.Governance.Entries;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage;

namespace Gateway.Governance.Mcp.Approvals;

/// <summary>
/// Calls that wait for approval, and what was decided. One that nobody decides on is forgotten after a day; an approval holds for an hour and for one call, which is then used up.
/// </summary>
internal sealed class CallApprovals(Database database, ConfigStore config, AuditLog audit, ICurrentActor actors, TimeProvider time)
{
    /// <summary>Kind of the permission table.</summary>
    public const string Kind = "mcpApproval";

    /// <summary>Most that wait at once.</summary>
    public const int MostPending = 10_000;

    /// <summary>Most that wait at once of one key: nobody takes all the places.</summary>
    public const int MostOfKey = 500;

    private static readonly TimeSpan _waits = TimeSpan.FromHours(24);
    private static readonly TimeSpan _holds = TimeSpan.FromHours(1);

    /// <summary>Where a call stands; one that nobody asked for before begins to wait. Null when too many wait.</summary>
    public Task<ApprovalState?> AskAsync(McpApprovalAsk ask, CancellationToken cancellation) => database.WriteAsync(
        async session =>
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            await session.ExecuteAsync("DELETE FROM mcp_approvals WHERE until <= @now", new { now }).ConfigureAwait(false);
            var earlier = await session.QueryAsync<ApprovalRow>(
                $"SELECT {ApprovalRow.Columns} FROM mcp_approvals WHERE digest = @Digest AND key_id = @KeyId ORDER BY created_at DESC{session.Dialect.ForUpdate}", new { ask.Digest, ask.KeyId }).ConfigureAwait(false);
            var known = earlier.Count > 0 ? earlier[0] : null;
            if (known is not null)
            {
                // One approval, one call: whoever deletes the row has it, and nobody else.
                if (ask.Use && known.Status == (int)ApprovalStatus.Approved)
                {
                    await session.ExecuteAsync("DELETE FROM mcp_approvals WHERE id = @Id", known).ConfigureAwait(false);
                }

                return known.State();
            }

            if (await session.ScalarAsync<long>("SELECT COUNT(*) FROM mcp_approvals WHERE status = @pending", new { pending = (int)ApprovalStatus.Pending }).ConfigureAwait(false) >= MostPending
                || await session.ScalarAsync<long>(
                    "SELECT COUNT(*) FROM mcp_approvals WHERE key_id = @KeyId AND status = @pending", new { ask.KeyId, pending = (int)ApprovalStatus.Pending }).ConfigureAwait(false) >= MostOfKey)
            {
                return null;
            }

            var row = new ApprovalRow
            {
                Id = Keys.KeyMaterial.NewId("approval"),
                Digest = ask.Digest,
                KeyId = ask.KeyId,
                TeamId = UsageText.Clean(ask.TeamId),
                ServerId = ask.ServerId,
                Tool = ask.Tool,
                Approver = (int)ask.By,
                Reason = McpText.Clean(ask.Reason, 1_024),
                Arguments = McpText.Clean(ask.Arguments, 8_000),
                Status = (int)ApprovalStatus.Pending,
                CreatedAt = now,
                Until = now + (long)_waits.TotalMilliseconds,
            };
            await session.ExecuteAsync(
                """
                INSERT INTO mcp_approvals (id, digest, key_id, team_id, server_id, tool, approver, reason, arguments, status, created_at, until, decided_by, decided_at)
                VALUES (@Id, @Digest, @KeyId, @TeamId, @ServerId, @Tool, @Approver, @Reason, @Arguments, @Status, @CreatedAt, @Until, @DecidedBy, @DecidedAt)
                """,
                row).ConfigureAwait(false);
            return row.State();
        },
        cancellation);

    /// <summary>The latest calls that the current actor may see, or those of one status.</summary>
    public async Task<IReadOnlyList<McpApprovalView>> ListAsync(ApprovalStatus? status, int limit, CancellationToken cancellation)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var state = await config.CurrentAsync(cancellation).ConfigureAwait(false);
        var rows = await database.ReadAsync(
            session => session.QueryAsync<ApprovalRow>(
                $"SELECT {ApprovalRow.Columns} FROM mcp_approvals WHERE until > @now {(status is null ? "" : "AND status = @status")} ORDER BY created_at DESC, id LIMIT {2 * MostPending}",
                new { now, status = (int)(status ?? 0) }),
            cancellation).ConfigureAwait(false);
        return [.. rows.Where(r => Reaches(AccessAction.List, r, state)).Take(limit).Select(static r => r.View())];
    }

    /// <summary>Decides on a call that waits; null when there is none of that id for the current actor.</summary>
    public async Task<McpApprovalView?> DecideAsync(string id, bool approve, CancellationToken cancellation)
    {
        var state = await config.CurrentAsync(cancellation).ConfigureAwait(false);
        return await database.WriteAsync(
            async session =>
            {
                var now = time.GetUtcNow().ToUnixTimeMilliseconds();
                var found = await session.QueryAsync<ApprovalRow>($"SELECT {ApprovalRow.Columns} FROM mcp_approvals WHERE id = @id AND until > @now{session.Dialect.ForUpdate}", new { id, now }).ConfigureAwait(false);
                if (found is not [var row] || !Reaches(AccessAction.Change, row, state))
                {
                    return null;
                }

                row.Status = (int)(approve ? ApprovalStatus.Approved : ApprovalStatus.Denied);
                (row.Until, row.DecidedAt, row.DecidedBy) = (now + (long)_holds.TotalMilliseconds, now, actors.Current.Id);
                await session.ExecuteAsync("UPDATE mcp_approvals SET status = @Status, until = @Until, decided_by = @DecidedBy, decided_at = @DecidedAt WHERE id = @Id", row).ConfigureAwait(false);
                await audit.AppendAsync(
                    session,
                    [
                        new AuditEvent(approve ? "mcpApproval.approve" : "mcpApproval.deny")
                        {
                            Kind = Kind, EntryId = id, Detail = new JsonObject { ["tool"] = $"{row.ServerId}/{row.Tool}", ["key"] = row.KeyId, ["reason"] = row.Reason },
                        },
                    ]).ConfigureAwait(false);
                return row.View();
            },
            cancellation).ConfigureAwait(false);
    }

    // Who holds the key may decide only where the rule leaves it to the caller.
    private bool Reaches(AccessAction action, ApprovalRow row, ConfigState state)
    {
        var actor = actors.Current;
        return PermissionTable.Of(actor.Role, Kind, action) switch
        {
            Reach.All => true,
            Reach.Own => row.KeyId == actor.KeyId && (action == AccessAction.List || row.Approver == (int)McpApproval.Caller),
            Reach.Within or Reach.Below => state.Keys.TryGetValue(row.KeyId, out var key) && Places.Of(actor, key.Value, state) != Reach.None,
            _ => false,
        };
    }
}
