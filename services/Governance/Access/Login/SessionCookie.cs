namespace Gateway.Governance.Access.Login;

/// <summary>The cookies of a login. With https their names keep other hosts and plain connections from setting them.</summary>
internal static class SessionCookie
{
    public static string Name(BrowserOptions options) => options.IsHttps ? "__Host-gateway-session" : "gateway-session";

    public static string AttemptName(BrowserOptions options) => options.IsHttps ? "__Host-gateway-login" : "gateway-login";

    // Lax and not Strict: the issuer sends the browser back by a link from another site.
    public static CookieOptions Options(BrowserOptions options, TimeSpan life)
        => new() { HttpOnly = true, Secure = options.IsHttps, SameSite = SameSiteMode.Lax, Path = "/", MaxAge = life == TimeSpan.Zero ? null : life, IsEssential = true };

    /// <summary>Whether a request that changes something comes from a page of this gateway: browsers say so, and no other page can make them.</summary>
    public static bool IsOwnOrigin(HttpRequest request, BrowserOptions options)
        => HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)
            || (request.Headers.Origin is [{ } origin] && string.Equals(origin, options.PublicUrl.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase));
}
