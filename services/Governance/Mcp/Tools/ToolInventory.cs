using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Mcp;
using Gateway.Governance.Audit;
using Gateway.Governance.Entries;
using Gateway.Governance.Storage;
using Gateway.Mcp;
using Gateway.Mcp.Pins;

namespace Gateway.Governance.Mcp.Tools;

/// <summary>
/// Every tool that was ever seen, as it is described now and as it was when it was approved. Taking a report and what follows from it (a tool trusted on first use) are one
/// transaction, so that no hub sees the one without the other.
/// </summary>
internal sealed class ToolInventory(ConfigStore store, AuditLog audit, TimeProvider time)
{
    public const string FirstUse = "first use";

    /// <summary>Takes a report. Servers that are not configured (any more) are passed over.</summary>
    public async Task<McpToolAck> TakeAsync(McpToolReport report, CancellationToken cancellation)
    {
        var changed = 0;
        await store.ChangeAsync(
            async (state, session) =>
            {
                // The transaction may run again.
                changed = 0;
                var known = (await session.QueryAsync<ToolRow>($"SELECT {ToolRow.Columns} FROM mcp_tools").ConfigureAwait(false)).ToDictionary(static r => r.Id, StringComparer.Ordinal);
                var neighbours = new KnownTools(known.Values.Select(Known));
                var writes = new List<EntryWrite>();
                var events = new List<AuditEvent>();
                var rows = new List<ToolRow>();
                foreach (var server in report.Servers)
                {
                    if (state.McpServers.TryGetValue(server.ServerId, out var entry))
                    {
                        Compare(entry.Value, server, (known, neighbours), state, rows, writes, events);
                    }
                }

                changed = rows.Count;
                foreach (var row in rows)
                {
                    await WriteAsync(session, row).ConfigureAwait(false);
                }

                await audit.AppendAsync(session, events).ConfigureAwait(false);

                // A report that says nothing new for callers is no new configuration, but is kept all the same.
                return writes.Count > 0 ? ConfigChange.Of(writes) with { Via = FirstUse } : rows.Count > 0 ? ConfigChange.Of() : ConfigChange.None;
            },
            cancellation).ConfigureAwait(false);
        return new McpToolAck { Changed = changed };
    }

    /// <summary>Writes a row whole.</summary>
    public static Task WriteAsync(DbSession session, ToolRow row) => session.ExecuteAsync(
        """
        INSERT INTO mcp_tools (server_id, name, fingerprint, definition, remarks, first_seen, changed_at, gone_at, approved_fingerprint, approved_definition, decided_at, decided_by)
        VALUES (@ServerId, @Name, @Fingerprint, @Definition, @Remarks, @FirstSeen, @ChangedAt, @GoneAt, @ApprovedFingerprint, @ApprovedDefinition, @DecidedAt, @DecidedBy)
        ON CONFLICT (server_id, name) DO UPDATE SET fingerprint = excluded.fingerprint, definition = excluded.definition, remarks = excluded.remarks, changed_at = excluded.changed_at,
            gone_at = excluded.gone_at, approved_fingerprint = excluded.approved_fingerprint, approved_definition = excluded.approved_definition,
            decided_at = excluded.decided_at, decided_by = excluded.decided_by
        """,
        row);

    private void Compare(
        McpServerEntry server, McpServerTools seen, (Dictionary<string, ToolRow> Rows, KnownTools Tools) inventory, ConfigState state, List<ToolRow> rows, List<EntryWrite> writes, List<AuditEvent> events)
    {
        var (known, neighbours) = inventory;
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var identity = ToolFingerprint.Identity(server);
        var there = new HashSet<string>(StringComparer.Ordinal);

        // First who is gone: a tool that comes under another name is known by the one that went.
        foreach (var tool in seen.Tools)
        {
            there.Add(tool.Name);
        }

        foreach (var gone in known.Values.Where(r => r.ServerId == server.Id && r.GoneAt == 0 && !there.Contains(r.Name)))
        {
            gone.GoneAt = now;
            neighbours.Put(Known(gone));
            rows.Add(gone);
        }

        foreach (var tool in seen.Tools.DistinctBy(static t => t.Name, StringComparer.Ordinal))
        {
            var definition = JsonElement.Parse(tool.Definition);
            var fingerprint = ToolFingerprint.Of(identity, definition);
            var id = McpIds.Tool(server.Id, tool.Name);
            var row = known.GetValueOrDefault(id);
            if (row is not null && row.GoneAt == 0 && row.Fingerprint == fingerprint)
            {
                continue;
            }

            var isNew = row is null;
            var isChanged = row?.Fingerprint != fingerprint;
            known[id] = row ??= new ToolRow { ServerId = server.Id, Name = tool.Name, FirstSeen = now };
            row.GoneAt = 0;
            if (isChanged)
            {
                var remarks = ToolInspection.Inspect(server.Id, definition, neighbours);
                (row.Fingerprint, row.Definition, row.ChangedAt) = (fingerprint, tool.Definition, now);
                row.Remarks = JsonSerializer.Serialize(remarks, McpToolJson.Default.IReadOnlyListToolRemark);
                events.Add(Happened(isNew ? "mcpTool.seen" : "mcpTool.changed", id, fingerprint, remarks));
                if (server.Trust == McpTrust.FirstUse && state.McpTools.GetValueOrDefault(id) is null && !remarks.Any(static r => r.IsSuspicious))
                {
                    (row.ApprovedFingerprint, row.ApprovedDefinition, row.DecidedAt, row.DecidedBy) = (fingerprint, tool.Definition, now, FirstUse);
                    writes.Add(EntryWrite.Put(EntryKinds.McpTool, id, new McpToolEntry { Id = id, Fingerprint = fingerprint }, StoredJson.Default.McpToolEntry));
                }
            }

            neighbours.Put(Known(row));
            rows.Add(row);
        }
    }

    private static KnownTool Known(ToolRow row)
    {
        var definition = JsonElement.Parse(row.Definition);
        return new KnownTool(row.ServerId, row.Name, ToolInspection.DescriptionOf(definition), ToolInspection.BodyOf(definition), row.GoneAt != 0);
    }

    private static AuditEvent Happened(string action, string id, string fingerprint, IReadOnlyList<ToolRemark> remarks) => new(action)
    {
        Kind = EntryKinds.McpTool,
        EntryId = id,
        Detail = new JsonObject { ["fingerprint"] = fingerprint, ["remarks"] = new JsonArray([.. remarks.Select(static r => (JsonNode)JsonValue.Create(r.Flag.ToString()))]) },
    };
}
