using Gateway.Governance.Access;
using Gateway.Governance.Access.Login;

namespace Gateway.Governance.Api;

/// <summary>Lets only callers who are known into <c>/api/</c>; the OpenAPI document is for everybody. What they may do there, <see cref="AccessEnforcement"/> decides.</summary>
internal sealed class AdminAccess(RequestDelegate next, AdminCallers callers, SessionStore sessions, OidcIssuer issuer, IAccessLog log)
{
    public const string Prefix = "/api";
    public const string OpenApiPath = "/api/openapi.json";
    private const string Scheme = "Bearer ";

    public async Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments(Prefix, StringComparison.OrdinalIgnoreCase) || context.Request.Path == OpenApiPath || IsLogin(context.Request.Path))
        {
            await next(context).ConfigureAwait(false);
            return;
        }

        if (CurrentActor.IsKnown(context))
        {
            // A page of the dashboard asks in this process for whom it has recognised itself.
            await next(context).ConfigureAwait(false);
            return;
        }

        var header = context.Request.Headers.Authorization.ToString();
        var key = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : "";
        if (await callers.FindAsync(key, context.RequestAborted).ConfigureAwait(false) is { } actor)
        {
            CurrentActor.Set(context, actor);
            await next(context).ConfigureAwait(false);
            return;
        }

        if (key.Length == 0 && context.Request.Cookies[SessionCookie.Name(issuer.Browser)] is { } cookie
            && await sessions.FindAsync(cookie, context.RequestAborted).ConfigureAwait(false) is { } person)
        {
            if (!SessionCookie.IsOwnOrigin(context.Request, issuer.Browser))
            {
                var foreign = AccessProblems.ForeignOrigin();
                log.Note(new AccessEvent(person, "call", "", "", Call(context), Denied: true, foreign.Code));
                await foreign.WriteAsync(context).ConfigureAwait(false);
                return;
            }

            CurrentActor.Set(context, person);
            await next(context).ConfigureAwait(false);
            return;
        }

        var refusal = Refusal(context, key);
        if (key.Length > 0)
        {
            // Somebody tried a key. Calls without any, as of a browser that opens the address, are no attempt.
            log.Note(new AccessEvent(Actor.Anonymous, "call", "", "", Call(context), Denied: true, refusal.Code));
        }

        await refusal.WriteAsync(context).ConfigureAwait(false);
    }

    private static string Call(HttpContext context) => $"{context.Request.Method} {context.Request.Path}";

    private static bool IsLogin(PathString path) => path == "/api/auth/login" || path == "/api/auth/callback";

    private static Problem Refusal(HttpContext context, string key)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return new Problem
        {
            Status = 401,
            Title = "A login is needed.",
            Code = key.Length == 0 ? "missing_admin_key" : "invalid_admin_key",
            Detail = key.Length == 0
                ? "Send the header Authorization: Bearer gwa-…; the first start wrote the key to the file admin.key in the data folder."
                : "The key is not known, is blocked or has expired. The first start wrote an admin key to the file admin.key in the data folder.",
        };
    }
}
