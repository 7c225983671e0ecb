using System.Globalization;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Chat;
using Gateway.Edge.Errors;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Pipeline.Steps;

namespace Gateway.Edge.Tools;

/// <summary>
/// Gives a chat request the tools of the MCP hub that it, its key or its route asks for. Where the hub does not answer the request goes on without them, and a header says so. Calls of the model are
/// returned to the caller, or <see cref="AgentLoop"/> runs them.
/// </summary>
internal sealed class ToolsStep(HubClient hub)
{
    /// <summary>Adds the tools.</summary>
    /// <returns>Null, or why the request cannot be served.</returns>
    public ValueTask<Failure?> OfferAsync(RequestContext context) =>
        context.Operation.Operation is not (Operation.Chat or Operation.Completion) || !ToolWish.MayConcern(context) || context.Bill is not null ? default : AddAsync(context);

    private async ValueTask<Failure?> AddAsync(RequestContext context)
    {
        var (wish, problem) = ToolWish.Read(context);
        if (wish is null)
        {
            return problem;
        }

        if (context.Operation.Dialect == DialectId.OpenAICompletions)
        {
            return context.Http.Request.Headers.ContainsKey(GatewayHeaders.McpTools)
                ? new Failure(GatewayError.ValueInvalid, Step.Authorize, "Text completions cannot call tools; use chat completions.") { Param = GatewayHeaders.McpTools } : null;
        }

        var (body, unreadable) = ToolBody.Read(context);
        if (body is null)
        {
            return unreadable;
        }

        if (body.ForbidsTools)
        {
            return null;
        }

        var offered = await hub.ListAsync(context, wish.Patterns).ConfigureAwait(false);
        var response = context.Http.Response;
        response.Headers[GatewayHeaders.McpOffered] = offered is null ? "unavailable" : string.Create(CultureInfo.InvariantCulture, $"{offered.Selected}{(offered.IsSearch ? " search" : "")}");
        if (offered is null or { Tools.Count: 0 })
        {
            return null;
        }

        if (wish.Runs && (body.Obstacle(context) is { } obstacle))
        {
            return new Failure(GatewayError.ValueInvalid, Step.Authorize, obstacle.Message) { Param = obstacle.Param };
        }

        var tools = body.AddTools(offered.Tools);
        if (wish.Runs)
        {
            context.Agent = new AgentRun(wish, body, tools);
            return null;
        }

        context.ReplaceBody(body.Write());
        return EnvelopeStep.Scan(context);
    }
}
