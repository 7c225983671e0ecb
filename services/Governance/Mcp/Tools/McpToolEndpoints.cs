using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Mcp;
using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Governance.Usage;
using Gateway.Mcp;

namespace Gateway.Governance.Mcp.Tools;

/// <summary>The inventory of tools in the admin API, and where hubs tell what servers have.</summary>
internal static class McpToolEndpoints
{
    private const int MostServers = 50;
    private const int MostTools = 5_000;
    private const int MostDefinition = 256 * 1024;
    private const int MostChoices = 1_000;

    public static void MapMcpTools(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/mcp/tools").WithTags("MCP hub");
        group.MapGet("/", ListAsync)
            .WithName("listMcpTools")
            .WithSummary("Tools of all servers as they were last seen, and how they stand.")
            .WithDescription($"`server` and `state` (approved, new, changed, withheld, gone) narrow it down. `limit` is 1 to {ResourceEndpoints.MostItems}, default {ResourceEndpoints.DefaultLimit}; `after` is the `next` of the page before.")
            .Produces<McpToolList>().Refuses(400)
            .Access(EntryKinds.McpTool, AccessAction.List);
        group.MapGet("/{**id:minlength(1)}", async (HttpContext context, ToolDecisions tools, string id) =>
                await tools.FindAsync(ResourceEndpoints.Decoded(id), context.RequestAborted).ConfigureAwait(false) is { } view
                    ? Results.Json(view, McpToolJson.Default.McpToolView)
                    : Problem.NotFound("tool", ResourceEndpoints.Decoded(id)).ToResult())
            .WithName("getMcpTool")
            .WithSummary("One tool by server/tool: its definition, what is remarkable about it, and what changed since it was approved.")
            .Produces<McpToolView>().Refuses(404)
            .Access(EntryKinds.McpTool, AccessAction.Read);
        MapDecision(group, "approve", approve: true, "Approves definitions of tools: each by the fingerprint that was looked at.");
        MapDecision(group, "withhold", approve: false, "Withholds tools, whatever their definition, until they are approved again.");
    }

    /// <summary>Where hubs tell what servers have.</summary>
    public static void MapMcpToolReports(this RouteGroupBuilder group) => group.MapPost("/mcp/tools", async (HttpContext context, ToolInventory inventory) =>
    {
        McpToolReport? report;
        try
        {
            report = await JsonSerializer.DeserializeAsync(context.Request.Body, ContractsJson.Default.McpToolReport, context.RequestAborted).ConfigureAwait(false);
        }
        catch (JsonException malformed)
        {
            return Problem.Malformed($"The body is no report of tools: at {malformed.Path ?? "$"}, line {malformed.LineNumber + 1}.").ToResult();
        }

        if (report is null || report.Servers.Count > MostServers || report.Servers.Any(static s => s is null || s.Tools.Count > MostTools || s.Tools.Any(static t => t is null)))
        {
            return Problem.Malformed($"The body is no report of tools: it has at most {MostServers} servers of {MostTools} tools.").ToResult();
        }

        foreach (var server in report.Servers)
        {
            if (server.Tools.FirstOrDefault(static t => !IsGood(t)) is { } wrong)
            {
                return Problem.Malformed(
                    $"The body is no report of tools: one of '{server.ServerId}' has no name of 1 to {McpIds.MostToolLength} characters, or its definition is no JSON object of at most {MostDefinition / 1024} KiB.").ToResult();
            }
        }

        return Results.Json(await inventory.TakeAsync(report, context.RequestAborted).ConfigureAwait(false), ContractsJson.Default.McpToolAck);
    });

    private static async Task<IResult> ListAsync(HttpContext context, ToolDecisions tools)
    {
        var reader = new QueryReader(context.Request.Query);
        var server = reader.Text("server");
        var stands = reader.Choice<McpToolState?>(
            "state",
            ("", null), ("approved", McpToolState.Approved), ("new", McpToolState.New), ("changed", McpToolState.Changed), ("withheld", McpToolState.Withheld), ("gone", McpToolState.Gone));
        var limit = (int?)reader.Number("limit", 1, ResourceEndpoints.MostItems) ?? ResourceEndpoints.DefaultLimit;
        var after = reader.Text("after");
        reader.Close();
        if (after is not null && McpIds.Split(after) is null)
        {
            reader.Errors.Add("after", "is no cursor of this list: pass the next of the page before.");
        }

        return reader.Errors.Any
            ? Problem.Invalid(reader.Errors.All).ToResult()
            : Results.Json(await tools.PageAsync(server, stands, after, limit, context.RequestAborted).ConfigureAwait(false), McpToolJson.Default.McpToolList);
    }

    private static void MapDecision(RouteGroupBuilder group, string name, bool approve, string summary) =>
        group.MapPost("/" + name, (HttpContext context, ToolDecisions tools) => DecideAsync(context, tools, approve))
            .WithName($"{name}McpTools")
            .WithSummary(summary)
            .Accepts<McpToolDecision>("application/json")
            .Produces<McpToolList>().Refuses(400, 404, 409, 413, 415)
            .Access(EntryKinds.McpTool, AccessAction.Change);

    private static async Task<IResult> DecideAsync(HttpContext context, ToolDecisions tools, bool approve)
    {
        var (body, refused) = await RequestBody.ReadAsync(context).ConfigureAwait(false);
        if (refused is not null)
        {
            return refused.ToResult();
        }

        var errors = new FieldErrors();
        var choices = ReadChoices(new ObjectReader(body, "", errors), approve);
        if (errors.Any)
        {
            return Problem.Invalid(errors.All).ToResult();
        }

        var (items, problem) = await tools.DecideAsync(choices, approve, context.RequestAborted).ConfigureAwait(false);
        return problem?.ToResult() ?? Results.Json(new McpToolList { Items = items }, McpToolJson.Default.McpToolList);
    }

    private static List<McpToolChoice> ReadChoices(ObjectReader reader, bool approve)
    {
        var choices = new List<McpToolChoice>();
        foreach (var item in reader.NestedMany("tools", 1, MostChoices))
        {
            choices.Add(new McpToolChoice
            {
                Id = item.Text("id", required: true, McpIds.MostLength + 1 + McpIds.MostToolLength, static t => McpIds.Split(t) is null ? "must be server/tool." : null) ?? "",
                Fingerprint = item.Text("fingerprint", required: approve, 64),
            });
            item.Close();
        }

        reader.Close();
        return choices;
    }

    private static bool IsGood(McpSeenTool tool)
    {
        if (!McpIds.IsGoodTool(tool.Name) || tool.Definition.Length > MostDefinition)
        {
            return false;
        }

        try
        {
            return JsonElement.Parse(tool.Definition).ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
