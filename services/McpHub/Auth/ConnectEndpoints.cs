namespace Gateway.McpHub.Auth;

/// <summary>Where users come back to after they signed in at a server's authorization server. Reached by browsers, without a key: the state is what proves who comes.</summary>
internal static class ConnectEndpoints
{
    /// <summary>Maps the address.</summary>
    public static void MapConnect(this WebApplication app) => app.MapGet(OAuthClient.CallbackPath, ServeAsync);

    private static async Task ServeAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var (status, text) = await TakeAsync(
            context, query["state"].ToString(), query["code"].ToString(), query.ContainsKey("iss") ? query["iss"].ToString() : null, query.ContainsKey("error"));
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        await context.Response.WriteAsync($"<!doctype html><title>Gateway</title><p>{text}</p>", context.RequestAborted);
    }

    private static async ValueTask<(int Status, string Text)> TakeAsync(HttpContext context, string state, string code, string? issuer, bool isError)
    {
        var services = context.RequestServices;
        if (state.Length == 0 || services.GetRequiredService<PendingSignIns>().Take(state) is not { } signIn)
        {
            return (StatusCodes.Status400BadRequest, "This sign-in is not known or took too long. Call the tool again for a new address.");
        }

        // Another authorization server must not be able to slip in an answer of its own (RFC 9207).
        if (issuer is null ? signIn.NeedsIssuer : issuer != signIn.Grant.Issuer)
        {
            return (StatusCodes.Status400BadRequest, "The answer came from another authorization server than was asked. Nothing was connected.");
        }

        if (isError || code.Length == 0)
        {
            return (StatusCodes.Status400BadRequest, "The authorization server did not agree. Nothing was connected.");
        }

        var client = services.GetRequiredService<OAuthClient>();
        var form = new Dictionary<string, string> { ["grant_type"] = "authorization_code", ["code"] = code, ["redirect_uri"] = client.Callback, ["code_verifier"] = signIn.Verifier };
        if (await client.RequestAsync(signIn.Grant, form, signIn.Http, context.RequestAborted) is not { } grant)
        {
            return (StatusCodes.Status502BadGateway, "The authorization server gave no token. Call the tool again to try once more.");
        }

        services.GetRequiredService<TokenStore>().Save(signIn.Name, grant);
        return (StatusCodes.Status200OK, "You are connected. You can close this page and call the tool again.");
    }
}
