using System.Data.Common;
using System.Text.Json.Nodes;
using Gateway.Governance.Api;

namespace Gateway.Governance.Audit;

/// <summary>Marks an operation that is kept in the audit log although it changes no entry, for example an export.</summary>
/// <param name="Action">What it is called there.</param>
internal sealed record AuditedAs(string Action);

/// <summary>Marks an operation that asks only, although it is a POST.</summary>
internal sealed record NotAudited;

/// <summary>
/// Sees to it that nothing done through the admin API stays without a row: an operation that wrote none by itself gets one here. It comes after the fact; what a change of
/// entries writes is in the change's own transaction.
/// </summary>
internal sealed partial class AuditTrail(RequestDelegate next, AuditLog log, ILogger<AuditTrail> logger)
{
    private static readonly object Written = new();

    /// <summary>Notes that the current request has its rows.</summary>
    public static void Mark(HttpContext context) => context.Items[Written] = true;

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context).ConfigureAwait(false);
        }
        catch when (context.Response.HasStarted && IsNamed(context))
        {
            // Broken off, by the caller perhaps: what he had got by then he has got.
            await RecordAsync(context).ConfigureAwait(false);
            throw;
        }

        await RecordAsync(context).ConfigureAwait(false);
    }

    private static bool IsNamed(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<AuditedAs>() is not null;

    private async Task RecordAsync(HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments(AdminAccess.Prefix, StringComparison.OrdinalIgnoreCase)
            || context.Response.StatusCode >= 300
            || context.GetEndpoint() is not { } endpoint
            || endpoint.Metadata.GetMetadata<NotAudited>() is not null)
        {
            return;
        }

        var named = endpoint.Metadata.GetMetadata<AuditedAs>();
        var isRead = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        if (named is null && (isRead || context.Items.ContainsKey(Written)))
        {
            return;
        }

        var happened = new AuditEvent(named?.Action ?? "call")
        {
            Detail = new JsonObject
            {
                ["method"] = context.Request.Method,
                ["path"] = AuditOrigin.Clean(context.Request.Path.Value ?? "", 300),
                ["query"] = AuditOrigin.Clean(context.Request.QueryString.Value ?? "", 500),
                ["status"] = context.Response.StatusCode,
            },
        };
        try
        {
            // The caller may be gone by now; what he did stays done.
            await log.RecordAsync(happened, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is DbException or TimeoutException)
        {
            LogLost(logger, happened.Action, context.Request.Method, context.Request.Path, fault);
        }
    }

    [LoggerMessage(LogLevel.Error, "The audit row of '{Action}' ({Method} {Path}) could not be written.")]
    private static partial void LogLost(ILogger logger, string action, string method, string path, Exception fault);
}

/// <summary>Says of operations how they are audited.</summary>
internal static class AuditTrailExtensions
{
    /// <summary>Keeps every successful call in the audit log under a name.</summary>
    public static TBuilder AuditedAs<TBuilder>(this TBuilder operation, string action)
        where TBuilder : IEndpointConventionBuilder
        => operation.WithMetadata(new AuditedAs(action));

    /// <summary>Says that the operation changes nothing.</summary>
    public static TBuilder NotAudited<TBuilder>(this TBuilder operation)
        where TBuilder : IEndpointConventionBuilder
        => operation.WithMetadata(new NotAudited());
}
