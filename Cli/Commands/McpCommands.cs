using System.CommandLine;
using System.Text.Json.Nodes;

namespace Gateway.Cli.Commands;

/// <summary><c>gateway mcp</c>: servers of the MCP hub and their tools.</summary>
internal static class McpCommands
{
    private const int MostAtOnce = 1_000;

    public static Command Make(SharedOptions shared) => new("mcp", "The MCP hub: import servers, see and approve their tools.")
    {
        Import(shared), Tools(shared), Approve(shared),
    };

    private static Command Import(SharedOptions shared)
    {
        var file = new Argument<string>("file") { Description = "An mcpServers document, as MCP clients have it." };
        var dry = new Option<bool>("--dry-run") { Description = "Change nothing; tell what would be registered." };
        var command = new Command("import", "Registers the servers of an MCP client's configuration. Secrets in it become credentials.") { file, dry };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = shared.Client(parsed);
            var text = await File.ReadAllTextAsync(parsed.GetValue(file)!, cancellation).ConfigureAwait(false);
            var report = await client.SendAsync(HttpMethod.Post, parsed.GetValue(dry) ? "/api/mcp/import?dryRun=true" : "/api/mcp/import", text, "application/json", cancellation).ConfigureAwait(false);
            var servers = report["servers"]!.AsArray().Select(static s => s!.AsObject()).ToList();
            shared.Show(parsed, report, servers.Select(static s => new JsonObject { ["id"] = s["id"]!.DeepClone(), ["credentials"] = string.Join(' ', s["credentials"]!.AsArray()) }), "id", "credentials");
            foreach (var server in servers)
            {
                foreach (var note in server["notes"]!.AsArray())
                {
                    await shared.Errors.WriteLineAsync($"{server["id"]}: {note}").ConfigureAwait(false);
                }
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Tools(SharedOptions shared)
    {
        var (server, state) = (Server(), new Option<string?>("--state") { Description = "Only those that are approved, new, changed, withheld or gone." });
        var command = new Command("tools", "Tools of all servers, and how they stand.") { server, state };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = shared.Client(parsed);
            var items = await client.AllAsync(Address(parsed.GetValue(server), parsed.GetValue(state)), cancellation).ConfigureAwait(false);
            shared.Show(parsed, new JsonObject { ["items"] = items.DeepClone() }, items.Select(static t => t!.AsObject()).Select(static t => new JsonObject
            {
                ["id"] = t["id"]!.DeepClone(), ["state"] = t["state"]!.DeepClone(), ["remarks"] = string.Join(' ', t["remarks"]!.AsArray().Select(static r => r!["flag"]!.ToString())),
            }), "id", "state", "remarks");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Approve(SharedOptions shared)
    {
        var tools = new Argument<string[]>("tools") { Description = "Tools as server/tool.", Arity = ArgumentArity.ZeroOrMore };
        var server = Server();
        var suspicious = new Option<bool>("--suspicious") { Description = "With --server: also those with remarks." };
        var command = new Command("approve", "Approves tools as they are described now: those named, or all of a server that wait.") { tools, server, suspicious };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = shared.Client(parsed);
            var named = parsed.GetValue(tools) ?? [];
            if (named.Length == 0 == parsed.GetValue(server) is null)
            {
                throw new CliException("Name tools, or a server with --server.");
            }

            var chosen = new List<JsonObject>();
            foreach (var name in named)
            {
                chosen.Add(await client.GetAsync("/api/mcp/tools/" + name, cancellation).ConfigureAwait(false));
            }

            foreach (var state in named.Length > 0 ? [] : (string[])["new", "changed"])
            {
                chosen.AddRange((await client.AllAsync(Address(parsed.GetValue(server), state), cancellation).ConfigureAwait(false)).Select(static t => t!.AsObject())
                    .Where(t => parsed.GetValue(suspicious) || t["remarks"]!.AsArray().All(static r => r!["isSuspicious"]?.GetValue<bool>() != true)));
            }

            foreach (var part in chosen.Chunk(MostAtOnce))
            {
                var body = new JsonObject { ["tools"] = new JsonArray([.. part.Select(static t => new JsonObject { ["id"] = t["id"]!.DeepClone(), ["fingerprint"] = t["fingerprint"]!.DeepClone() })]) };
                await client.PostAsync("/api/mcp/tools/approve", body, cancellation).ConfigureAwait(false);
            }

            var result = new JsonObject { ["approved"] = chosen.Count };
            shared.Show(parsed, result, [result], "approved");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Option<string?> Server() => new("--server") { Description = "Only of this server." };

    private static string Address(string? server, string? state) =>
        $"/api/mcp/tools?limit={MostAtOnce}{(server is null ? "" : $"&server={Uri.EscapeDataString(server)}")}{(state is null ? "" : $"&state={Uri.EscapeDataString(state)}")}";
}
