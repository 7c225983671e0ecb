using System.Text.Json.Nodes;
using System.Threading.Channels;
using Gateway.Contracts;
using Gateway.McpHub.Sessions;
using Gateway.ServiceDefaults.Drain;
using Gateway.ServiceDefaults.InternalAuth;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using ModelContextProtocol.Protocol;

namespace Gateway.McpHub.Transport;

/// <summary>MCP's streamable HTTP at <c>/mcp</c>, for the revisions that have sessions. Only the edge may call it.</summary>
internal static class McpEndpoints
{
    private const string SessionHeader = "Mcp-Session-Id";
    private const string VersionHeader = "MCP-Protocol-Version";
    private const string Json = "application/json";
    private const string EventStream = "text/event-stream";
    private const int UnsupportedVersion = -32022;
    public const long MaxBodyBytes = 4 * 1024 * 1024;

    private static readonly string[] Versions = ["2025-03-26", "2025-06-18", "2025-11-25"];

    public static void AddMcpHub(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(server => server.Limits.MaxRequestBodySize = MaxBodyBytes);
        builder.Services.AddSingleton(HubOptions.From(builder.Configuration));
        builder.Services.AddSingleton<HubSessions>();
        builder.Services.AddHostedService(s => s.GetRequiredService<HubSessions>());
    }

    public static void MapMcpHub(this WebApplication app)
    {
        var hub = app.MapGroup("/mcp").RequireInternalToken();
        hub.MapPost("", PostAsync);
        hub.MapGet("", GetAsync);
        hub.MapDelete("", DeleteAsync);
    }

    private static async Task PostAsync(HttpContext context)
    {
        if (!Accepts(context, Json) || !Accepts(context, EventStream))
        {
            await context.RefuseAsync(
                StatusCodes.Status406NotAcceptable, JsonRpcRefusal.Transport, $"Not acceptable: accept both {Json} and {EventStream}.");
            return;
        }

        if (await context.ReadMessageOrRefuseAsync() is not { } message)
        {
            return;
        }

        var id = message is JsonRpcRequest request ? request.Id : default;
        if (!await IsVersionServedAsync(context, id) || await FindOrCreateAsync(context, message, id) is not { } session)
        {
            return;
        }

        using var used = session.Use();
        var drain = context.RequestServices.GetRequiredService<IDrain>();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, drain.Deadline);
        BeginEvents(context);
        try
        {
            if (!await session.Transport.HandlePostRequestAsync(message, context.Response.Body, ended.Token))
            {
                context.Response.Headers.ContentType = default;
                context.Response.StatusCode = StatusCodes.Status202Accepted;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or ChannelClosedException)
        {
            await EndEarlyAsync(context, id);
        }
    }

    // The caller went away, the hub stops, or another request ended the session meanwhile.
    private static Task EndEarlyAsync(HttpContext context, RequestId id)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return Task.CompletedTask;
        }

        return context.RequestAborted.IsCancellationRequested
            ? Task.CompletedTask
            : context.RefuseAsync(StatusCodes.Status404NotFound, JsonRpcRefusal.SessionNotFound, "The session ended while the request was under way.", id);
    }

    private static async Task GetAsync(HttpContext context)
    {
        if (!Accepts(context, EventStream))
        {
            await context.RefuseAsync(StatusCodes.Status406NotAcceptable, JsonRpcRefusal.Transport, $"Not acceptable: accept {EventStream}.");
            return;
        }

        if (!await IsVersionServedAsync(context, default) || await FindAsync(context, default) is not { } session)
        {
            return;
        }

        if (!session.TryStartGet())
        {
            await context.RefuseAsync(
                StatusCodes.Status409Conflict, JsonRpcRefusal.Transport, "This session's stream was opened before and cannot be resumed: begin a new session.");
            return;
        }

        // Ends as soon as the hub stops: it only waits, and a client opens another elsewhere.
        var drain = context.RequestServices.GetRequiredService<IDrain>();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, drain.Started);
        using var used = session.Use();
        BeginEvents(context);
        try
        {
            await session.Transport.HandleGetRequestAsync(context.Response.Body, ended.Token);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // How such a stream always ends.
        }
    }

    private static async Task DeleteAsync(HttpContext context)
    {
        if (!await IsVersionServedAsync(context, default) || await FindAsync(context, default) is not { } session)
        {
            return;
        }

        await context.RequestServices.GetRequiredService<HubSessions>().EndAsync(session);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task<HubSession?> FindOrCreateAsync(HttpContext context, JsonRpcMessage message, RequestId id)
    {
        if (message is not JsonRpcRequest { Method: RequestMethods.Initialize } || context.Request.Headers.ContainsKey(SessionHeader))
        {
            return await FindAsync(context, id);
        }

        var session = await context.RequestServices.GetRequiredService<HubSessions>().CreateAsync(Owner(context));
        context.Response.Headers[SessionHeader] = session.Id;
        return session;
    }

    private static async Task<HubSession?> FindAsync(HttpContext context, RequestId id)
    {
        var sessionId = context.Request.Headers[SessionHeader].ToString();
        if (sessionId.Length == 0)
        {
            await context.RefuseAsync(
                StatusCodes.Status400BadRequest, JsonRpcRefusal.Transport, $"Header {SessionHeader} is missing: begin with initialize and send the id its answer carries.", id);
            return null;
        }

        if (context.RequestServices.GetRequiredService<HubSessions>().TryGet(sessionId, Owner(context), out var session))
        {
            context.Response.Headers[SessionHeader] = session.Id;
            return session;
        }

        await context.RefuseAsync(
            StatusCodes.Status404NotFound, JsonRpcRefusal.SessionNotFound, "Session not found: it ended or never was. Begin a new one with initialize.", id);
        return null;
    }

    // Later revisions have no sessions; a client that knows both falls back to one of those named here.
    private static async Task<bool> IsVersionServedAsync(HttpContext context, RequestId id)
    {
        var version = context.Request.Headers[VersionHeader].ToString();
        if (version.Length == 0 || Versions.Contains(version, StringComparer.Ordinal))
        {
            return true;
        }

        var data = new JsonObject { ["supported"] = new JsonArray([.. Versions.Select(v => (JsonNode)v)]), ["requested"] = version };
        await context.RefuseAsync(
            StatusCodes.Status400BadRequest, UnsupportedVersion, $"{VersionHeader} '{version}' is not served; served are {string.Join(", ", Versions)}.", id, data);
        return false;
    }

    private static string Owner(HttpContext context) => context.Request.Headers[WireNames.CallerHeader].ToString();

    private static bool Accepts(HttpContext context, string type)
        => context.Request.GetTypedHeaders().Accept.Any(a => !IsRefused(a) && a.MatchesMediaType(type));

    private static bool IsRefused(MediaTypeHeaderValue accepted) => accepted.Quality == 0;

    private static void BeginEvents(HttpContext context)
    {
        context.Response.Headers.ContentType = EventStream;
        context.Response.Headers.CacheControl = "no-cache, no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
    }
}
