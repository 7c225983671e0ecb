using Gateway.Governance.Access;
using Gateway.Governance.Bootstrap;
using Gateway.Governance.Keys;

namespace Gateway.Governance.Api;

/// <summary>Lets only holders of an admin key into <c>/api/</c>; the OpenAPI document is for everybody.</summary>
internal sealed class AdminAccess(RequestDelegate next, AdminKeys keys)
{
    public const string Prefix = "/api";
    public const string OpenApiPath = "/api/openapi.json";
    private const string Scheme = "Bearer ";

    public async Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments(Prefix, StringComparison.OrdinalIgnoreCase) || context.Request.Path == OpenApiPath)
        {
            await next(context).ConfigureAwait(false);
            return;
        }

        var header = context.Request.Headers.Authorization.ToString();
        var key = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : "";
        if (await keys.FindAsync(key, context.RequestAborted).ConfigureAwait(false) is { } actor)
        {
            CurrentActor.Set(context, actor);
            await next(context).ConfigureAwait(false);
            return;
        }

        await Refusal(context, key).WriteAsync(context).ConfigureAwait(false);
    }

    private static Problem Refusal(HttpContext context, string key)
    {
        if (KeyMaterial.IsVirtual(key))
        {
            return new Problem
            {
                Status = 403,
                Title = "This key may not do that.",
                Code = "admin_key_required",
                Detail = "A virtual key opens the model API, not the admin API. Send an admin key (gwa-…).",
            };
        }

        context.Response.Headers.WWWAuthenticate = "Bearer";
        return new Problem
        {
            Status = 401,
            Title = "An admin key is needed.",
            Code = key.Length == 0 ? "missing_admin_key" : "invalid_admin_key",
            Detail = key.Length == 0
                ? "Send the header Authorization: Bearer gwa-…; the first start wrote the key to the file admin.key in the data folder."
                : "The admin key is not known. The first start wrote the key to the file admin.key in the data folder.",
        };
    }
}
