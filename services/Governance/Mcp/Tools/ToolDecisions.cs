using System.Text.Json.Nodes;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Audit;
using Gateway.Governance.Entries;
using Gateway.Governance.Storage;
using Gateway.Mcp;

namespace Gateway.Governance.Mcp.Tools;

/// <summary>Reads the inventory, and approves or withholds tools. What was decided is an entry of the configuration, so hubs follow it within a second.</summary>
internal sealed class ToolDecisions(ConfigStore store, Database database, AuditLog audit, ICurrentActor actors, TimeProvider time)
{
    /// <summary>A page of tools, in the order of their ids.</summary>
    /// <param name="server">Only of this server; null: of all.</param>
    /// <param name="stands">Only those that stand so; null: all.</param>
    /// <param name="after">The id of the last one of the page before; null: from the beginning.</param>
    /// <param name="limit">Most.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<McpToolList> PageAsync(string? server, McpToolState? stands, string? after, int limit, CancellationToken cancellation)
    {
        var state = await store.CurrentAsync(cancellation).ConfigureAwait(false);
        var items = new List<McpToolView>();
        var (serverId, name) = after is not null && McpIds.Split(after) is { } place ? place : ("", "");
        while (true)
        {
            // How a tool stands is worked out from the configuration, so a page may take several looks.
            var rows = await database.ReadAsync(
                session => session.QueryAsync<ToolRow>(
                    $"SELECT {ToolRow.Columns} FROM mcp_tools WHERE (server_id > @serverId OR (server_id = @serverId AND name > @name)) {(server is null ? "" : "AND server_id = @server")} ORDER BY server_id, name LIMIT 500",
                    new { serverId, name, server }),
                cancellation).ConfigureAwait(false);
            foreach (var row in rows)
            {
                if (stands is null || row.StateIn(state) == stands)
                {
                    if (items.Count == limit)
                    {
                        return new McpToolList { Items = items, Next = items[^1].Id };
                    }

                    items.Add(row.View(state, whole: false));
                }

                (serverId, name) = (row.ServerId, row.Name);
            }

            if (rows.Count < 500)
            {
                return new McpToolList { Items = items };
            }
        }
    }

    /// <summary>One tool with its definition and what changed since it was approved; null when there is none.</summary>
    public async Task<McpToolView?> FindAsync(string id, CancellationToken cancellation)
    {
        var state = await store.CurrentAsync(cancellation).ConfigureAwait(false);
        return (await database.ReadAsync(session => RowAsync(session, id), cancellation).ConfigureAwait(false))?.View(state, whole: true);
    }

    /// <summary>Approves definitions, or withholds tools: all of them, or none and why.</summary>
    public async Task<(IReadOnlyList<McpToolView> Tools, Problem? Refused)> DecideAsync(IReadOnlyList<McpToolChoice> choices, bool approve, CancellationToken cancellation)
    {
        var views = new List<ToolRow>();
        var outcome = await store.ChangeAsync(
            async (_, session) =>
            {
                views.Clear();
                var now = time.GetUtcNow().ToUnixTimeMilliseconds();
                var writes = new List<EntryWrite>();
                foreach (var choice in choices.DistinctBy(static c => c.Id, StringComparer.Ordinal))
                {
                    if (await RowAsync(session, choice.Id).ConfigureAwait(false) is not { } row)
                    {
                        return ConfigChange.Refuse(Problem.NotFound("tool", choice.Id));
                    }

                    if (approve && row.Fingerprint != choice.Fingerprint)
                    {
                        return ConfigChange.Refuse(Changed(choice.Id));
                    }

                    (row.DecidedAt, row.DecidedBy) = (now, actors.Current.Name);
                    if (approve)
                    {
                        (row.ApprovedFingerprint, row.ApprovedDefinition) = (row.Fingerprint, row.Definition);
                    }

                    await ToolInventory.WriteAsync(session, row).ConfigureAwait(false);
                    var entry = new McpToolEntry { Id = row.Id, Fingerprint = row.ApprovedFingerprint, Withheld = !approve };
                    writes.Add(EntryWrite.Put(EntryKinds.McpTool, row.Id, entry, StoredJson.Default.McpToolEntry));
                    await audit.AppendAsync(
                        session,
                        [new AuditEvent(approve ? "mcpTool.approve" : "mcpTool.withhold") { Kind = EntryKinds.McpTool, EntryId = row.Id, Detail = new JsonObject { ["fingerprint"] = row.Fingerprint } }]).ConfigureAwait(false);
                    views.Add(row);
                }

                return ConfigChange.Of(writes) with { Via = approve ? "approval of tools" : "withholding of tools" };
            },
            cancellation).ConfigureAwait(false);
        return outcome.Refused is { } refused ? ([], refused) : ([.. views.Select(r => r.View(outcome.State, whole: false))], null);
    }

    private static async Task<ToolRow?> RowAsync(DbSession session, string id)
    {
        if (McpIds.Split(id) is not var (server, tool))
        {
            return null;
        }

        var rows = await session.QueryAsync<ToolRow>($"SELECT {ToolRow.Columns} FROM mcp_tools WHERE server_id = @server AND name = @tool", new { server, tool }).ConfigureAwait(false);
        return rows is [var row] ? row : null;
    }

    private static Problem Changed(string id) => new()
    {
        Status = 409,
        Title = "The tool is another by now.",
        Code = "tool_changed",
        Detail = $"The definition of '{id}' does not have the fingerprint that you approve. Read it again, look at what changed, and approve that.",
    };
}
