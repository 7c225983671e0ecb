using System.Text;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Mcp;
using Gateway.McpHub.Callers;
using Gateway.McpHub.Catalogue;
using Gateway.McpHub.Configuration;
using Gateway.McpHub.Gate;
using Gateway.McpHub.Protocol;
using Gateway.McpHub.Upstreams;
using Gateway.ServiceDefaults.InternalAuth;

namespace Gateway.McpHub.MetaTools;

/// <summary>What the edge asks the hub for when chat requests use tools: which there are for a caller, and a call of one.</summary>
internal static class InternalEndpoints
{
    private const int MostPatterns = 100;

    /// <summary>Maps <c>/internal/tools</c> and <c>/internal/call</c>.</summary>
    public static void MapInternalTools(this WebApplication app)
    {
        var group = app.MapGroup("/internal").RequireInternalToken();
        group.MapPost("/tools", ToolsAsync);
        group.MapPost("/call", CallAsync);
    }

    private static async Task ToolsAsync(HttpContext http)
    {
        if (await ReadAsync(http, ContractsJson.Default.HubToolsQuery) is not { } query || query.Patterns.Count > MostPatterns)
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        var services = http.RequestServices;
        var caller = CallerOf(query.Caller);
        var bundles = services.GetService<IHubServers>()?.Current.Bundles;
        var selected = await SelectAsync(services.GetRequiredService<IToolCatalogue>(), caller, query.Patterns, id => bundles?.ContainsKey(id) == true, http.RequestAborted);
        var own = services.GetRequiredService<GatewayTools>();
        var search = query.Patterns.Any(static p => p == MetaToolDefinitions.Server || p.StartsWith(MetaToolDefinitions.Server + "/", StringComparison.Ordinal));
        var isSearch = search || selected.Count > query.Most;
        var tools = isSearch ? own.Listed.ToDictionary(static t => t.Name, StringComparer.Ordinal) : selected;
        var answer = new HubToolsAnswer
        {
            Tools = [.. tools.Values.OrderBy(static t => t.Name, StringComparer.Ordinal).Select(InfoOf)], Selected = selected.Count, IsSearch = isSearch,
        };
        await http.Response.WriteAsJsonAsync(answer, ContractsJson.Default.HubToolsAnswer, cancellationToken: http.RequestAborted);
    }

    private static async Task CallAsync(HttpContext http)
    {
        if (await ReadAsync(http, ContractsJson.Default.HubCallQuery) is not { } query)
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        var services = http.RequestServices;
        var caller = CallerOf(query.Caller) with { HoldNanos = query.HoldNanoUsd };
        var parameters = ToolCallParameters.Of(query.Name, Encoding.UTF8.GetBytes(query.Arguments.GetRawText()));
        var own = services.GetRequiredService<GatewayTools>();
        var reply = own.Has(caller, HubScope.All, query.Name)
            ? await own.CallAsync(caller, HubScope.All, query.Name, parameters, NoPeer.Instance, http.RequestAborted)
            : await services.GetRequiredService<IToolCalls>().CallAsync(caller, HubScope.All, query.Name, parameters, NoPeer.Instance, http.RequestAborted);
        await http.Response.WriteAsJsonAsync(AnswerOf(reply), ContractsJson.Default.HubCallAnswer, cancellationToken: http.RequestAborted);
    }

    /// <summary>The tools that the patterns select among those that the caller may use, by their names.</summary>
    private static async ValueTask<IReadOnlyDictionary<string, ListedTool>> SelectAsync(IToolCatalogue catalogue, HubCaller caller, IReadOnlyList<string> patterns, Func<string, bool> isBundle, CancellationToken cancellation)
    {
        var selected = new Dictionary<string, ListedTool>(StringComparer.Ordinal);
        var all = await catalogue.ListAsync(caller, HubScope.All, cancellation);
        foreach (var pattern in patterns)
        {
            var slash = pattern.IndexOf('/', StringComparison.Ordinal);
            var (server, tool) = slash < 0 ? (pattern, "*") : (pattern[..slash], pattern[(slash + 1)..]);
            var found = all.Where(t => Fits(server, t.Tool.Server) && Fits(tool, t.Tool.Name)).ToList();
            if (found.Count == 0 && slash < 0 && isBundle(pattern))
            {
                found = [.. await catalogue.ListAsync(caller, HubScope.Bundle(pattern), cancellation)];
            }

            foreach (var t in found)
            {
                selected.TryAdd(t.Tool.PublicName, t with { Name = t.Tool.PublicName });
            }
        }

        return selected;
    }

    private static HubToolInfo InfoOf(ListedTool tool)
    {
        var known = KnownTool.Of(tool.Tool);
        return new HubToolInfo { Name = tool.Name, Server = tool.Tool.Server, Tool = tool.Tool.Name, Description = known.Description ?? "", Parameters = known.Input };
    }

    private static HubCallAnswer AnswerOf(UpstreamReply reply)
    {
        if (reply.Fault is { } fault)
        {
            return new HubCallAnswer { Outcome = fault.IsUnprocessed ? McpCallOutcome.Failed : McpCallOutcome.TimedOut, Reason = fault.Sentence };
        }

        JsonElement json;
        try
        {
            json = JsonElement.Parse(reply.Json.Span, new JsonDocumentOptions { MaxDepth = JsonBytes.MaxDepth });
        }
        catch (JsonException)
        {
            return new HubCallAnswer { Outcome = McpCallOutcome.TimedOut, Reason = "The tool's server answered with something that is not JSON." };
        }

        if (reply.IsError || json.ValueKind != JsonValueKind.Object)
        {
            var message = json.ValueKind == JsonValueKind.Object && json.TryGetProperty("message", out var said) && said.ValueKind == JsonValueKind.String ? said.GetString()! : "The call was refused.";
            return new HubCallAnswer { Outcome = McpCallOutcome.Refused, Reason = message };
        }

        if (HubSays.Of(json) is { } why)
        {
            _ = ResultValue.Read(json, out var sentence);
            return new HubCallAnswer { Outcome = why.ApprovalId is null ? McpCallOutcome.Refused : McpCallOutcome.Unapproved, Reason = sentence ?? "", ApprovalId = why.ApprovalId ?? "" };
        }

        var failed = json.TryGetProperty("isError", out var flag) && flag.ValueKind == JsonValueKind.True;
        return new HubCallAnswer { Outcome = failed ? McpCallOutcome.ToolError : McpCallOutcome.Done, Result = json, NestedNanoUsd = Nested(json) };
    }

    private static long Nested(JsonElement result) =>
        result.TryGetProperty("_meta", out var meta) && meta.ValueKind == JsonValueKind.Object && meta.TryGetProperty(WireNames.McpCostMember, out var cost) && cost.TryGetInt64(out var nanos) ? Math.Max(0, nanos) : 0;

    private static HubCaller CallerOf(HubCallerFacts facts) => new()
    {
        KeyId = facts.KeyId, Team = Given(facts.TeamId), Customer = Given(facts.CustomerId), EndUser = Given(facts.EndUser), Session = Given(facts.SessionId), Origin = CallOrigin.Agent,
    };

    private static string? Given(string text) => text.Length == 0 ? null : text;

    private static bool Fits(string pattern, string name)
    {
        var star = pattern.IndexOf('*', StringComparison.Ordinal);
        return star < 0 ? pattern == name
            : name.Length >= pattern.Length - 1 && name.AsSpan().StartsWith(pattern.AsSpan(0, star), StringComparison.Ordinal) && name.AsSpan().EndsWith(pattern.AsSpan(star + 1), StringComparison.Ordinal);
    }

    private static async ValueTask<T?> ReadAsync<T>(HttpContext http, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return await http.Request.ReadFromJsonAsync(type, http.RequestAborted);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
