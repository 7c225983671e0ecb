using Gateway.McpHub.Callers;
using Gateway.McpHub.Protocol;
using Gateway.ServiceDefaults.InternalAuth;
using Microsoft.Net.Http.Headers;

namespace Gateway.McpHub.Transport;

/// <summary>MCP at <c>/mcp</c>, <c>/mcp/{server}</c> and <c>/mcp/{bundle}</c>, in all its transports and revisions. Only the edge may call it.</summary>
internal static class McpEndpoints
{
    private const string SessionHeader = "Mcp-Session-Id";
    private const string VersionHeader = "MCP-Protocol-Version";
    private const string Json = "application/json";
    private const string EventStream = "text/event-stream";

    /// <summary>Maps the addresses.</summary>
    public static void MapMcp(this WebApplication app)
    {
        var hub = app.MapGroup("/mcp").RequireInternalToken();
        foreach (var pattern in new[] { "", "/{target}" })
        {
            hub.MapPost(pattern, PostAsync);
            hub.MapGet(pattern, GetAsync);
            hub.MapDelete(pattern, DeleteAsync);
        }
    }

    private static async Task PostAsync(HttpContext context)
    {
        var isOld = context.Request.Query.ContainsKey(OldHttpHandler.SessionQuery);
        if (!isOld && (!Accepts(context, Json) || !Accepts(context, EventStream)))
        {
            await context.RefuseAsync(StatusCodes.Status406NotAcceptable, RpcError.Transport, $"Not acceptable: accept both {Json} and {EventStream}.");
            return;
        }

        if (await BeginAsync(context) is not { } scope || await Inbound.BodyAsync(context) is not { } body)
        {
            return;
        }

        var message = RpcMessage.Read(body);
        if (message.Kind == RpcKind.Bad)
        {
            var isBatch = body.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'[', ..] && message.Problem == RpcError.InvalidRequest;
            await context.RefuseAsync(
                StatusCodes.Status400BadRequest, message.Problem, isBatch ? "Batches are not part of MCP any more; send one message per request." : message.Reason, message.Id);
            return;
        }

        var caller = Inbound.Caller(context);
        if (isOld)
        {
            await Of<OldHttpHandler>(context).PostAsync(context, caller, scope, message);
        }
        else if (StatelessChecks.IsStateless(context, message))
        {
            await Of<StatelessHandler>(context).PostAsync(context, caller, scope, message);
        }
        else
        {
            await Of<SessionHandler>(context).PostAsync(context, caller, scope, message);
        }
    }

    private static async Task GetAsync(HttpContext context)
    {
        if (!Accepts(context, EventStream))
        {
            await context.RefuseAsync(StatusCodes.Status406NotAcceptable, RpcError.Transport, $"Not acceptable: accept {EventStream}.");
            return;
        }

        if (await BeginAsync(context) is not { } scope || await RefusedVersionAsync(context))
        {
            return;
        }

        var caller = Inbound.Caller(context);
        await (context.Request.Headers.ContainsKey(SessionHeader) || context.Request.Headers.ContainsKey(VersionHeader)
            ? Of<SessionHandler>(context).GetAsync(context, caller, scope)
            : Of<OldHttpHandler>(context).GetAsync(context, caller, scope));
    }

    private static async Task DeleteAsync(HttpContext context)
    {
        if (await BeginAsync(context) is { } scope && !await RefusedVersionAsync(context))
        {
            await Of<SessionHandler>(context).DeleteAsync(context, Inbound.Caller(context), scope);
        }
    }

    private static async ValueTask<HubScope?> BeginAsync(HttpContext context)
    {
        if (!Inbound.IsOriginAllowed(context))
        {
            await context.RefuseAsync(StatusCodes.Status403Forbidden, RpcError.Transport, $"Web pages of this origin may not call the gateway ({Inbound.OriginsKey}).");
            return null;
        }

        if (Inbound.Scope(context) is { } scope)
        {
            return scope;
        }

        await context.RefuseAsync(StatusCodes.Status404NotFound, RpcError.Transport, "There is no MCP server or bundle at this address.");
        return null;
    }

    // Since 2026-07-28 there is neither a GET nor a DELETE.
    private static async ValueTask<bool> RefusedVersionAsync(HttpContext context)
    {
        var version = context.Request.Headers[VersionHeader].ToString();
        if (version.Length == 0 || Revisions.WithSessions.Contains(version, StringComparer.Ordinal))
        {
            return false;
        }

        context.Response.Headers.Allow = "POST";
        await context.RefuseAsync(StatusCodes.Status405MethodNotAllowed, RpcError.Transport, $"Revision {Revisions.V2026} has only POST.");
        return true;
    }

    private static bool Accepts(HttpContext context, string type)
    {
        var accept = context.Request.Headers.Accept;
        if (accept.Count == 1 && accept[0] == "application/json, text/event-stream")
        {
            return true;
        }

        return context.Request.GetTypedHeaders().Accept.Any(a => !IsRefused(a) && a.MatchesMediaType(type));
    }

    private static bool IsRefused(MediaTypeHeaderValue accepted) => accepted.Quality == 0;

    private static T Of<T>(HttpContext context)
        where T : notnull
        => context.RequestServices.GetRequiredService<T>();
}
