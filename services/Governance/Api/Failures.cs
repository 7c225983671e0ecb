using System.Data.Common;
using Gateway.Governance.Bootstrap;

namespace Gateway.Governance.Api;

/// <summary>Turns whatever goes wrong into problem details, and keeps callers out until the store is ready.</summary>
internal sealed partial class Failures(RequestDelegate next, StoreGate gate, ILogger<Failures> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var isApi = context.Request.Path.StartsWithSegments(AdminAccess.Prefix, StringComparison.OrdinalIgnoreCase)
            || context.Request.Path.StartsWithSegments("/internal", StringComparison.OrdinalIgnoreCase);
        if (!isApi)
        {
            await next(context).ConfigureAwait(false);
            return;
        }

        if (!gate.IsOpen)
        {
            await UnavailableAsync(context, "The service is starting: its store is not ready yet.").ConfigureAwait(false);
            return;
        }

        try
        {
            await next(context).ConfigureAwait(false);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null, ContentType: null })
            {
                await Plain(context).WriteAsync(context).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller is gone: there is nobody to tell.
        }
        catch (BadHttpRequestException bad) when (!context.Response.HasStarted)
        {
            var problem = bad.StatusCode == 413
                ? new Problem { Status = 413, Title = "The body is too large.", Code = "body_too_large", Detail = bad.Message }
                : Problem.Malformed(bad.Message);
            await (problem with { Status = bad.StatusCode }).WriteAsync(context).ConfigureAwait(false);
        }
        catch (Exception fault) when (!context.Response.HasStarted && fault is DbException or TimeoutException or OperationCanceledException)
        {
            LogStore(logger, context.Request.Method, context.Request.Path, fault);
            await UnavailableAsync(context, "The store did not answer; nothing is known to be changed. Try again.").ConfigureAwait(false);
        }
        catch (Exception fault) when (!context.Response.HasStarted)
        {
            LogFault(logger, context.Request.Method, context.Request.Path, fault);
            await new Problem { Status = 500, Title = "The gateway has a fault.", Code = "internal_error", Detail = "The fault is in the service's log." }
                .WriteAsync(context).ConfigureAwait(false);
        }
    }

    private static Problem Plain(HttpContext context) => context.Response.StatusCode switch
    {
        404 => new Problem { Status = 404, Title = "There is nothing here.", Code = "unknown_address", Detail = $"No operation has this address. {AdminAccess.OpenApiPath} lists them all." },
        405 => new Problem { Status = 405, Title = "This method is not allowed here.", Code = "method_not_allowed", Detail = $"Allowed: {context.Response.Headers.Allow}." },
        415 => new Problem { Status = 415, Title = "The content type is not taken.", Code = "unsupported_media_type", Detail = "Send Content-Type: application/json." },
        var status => new Problem { Status = status, Title = "The request was refused.", Code = "refused" },
    };

    private static Task UnavailableAsync(HttpContext context, string detail)
    {
        context.Response.Headers.RetryAfter = "1";
        return Problem.Unavailable(detail).WriteAsync(context);
    }

    [LoggerMessage(LogLevel.Warning, "{Method} {Path}: the store failed.")]
    private static partial void LogStore(ILogger logger, string method, string path, Exception fault);

    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed.")]
    private static partial void LogFault(ILogger logger, string method, string path, Exception fault);
}
