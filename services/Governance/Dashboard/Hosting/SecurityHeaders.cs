using Microsoft.AspNetCore.Http;

namespace Gateway.Dashboard.Hosting;

/// <summary>What browsers are told not to do with a page.</summary>
internal static class SecurityHeaders
{
    // No inline script or style, no other host, no frame. Modules that write HTML of the server into the page do it by the one policy named here.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        + "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types dashboard";

    public static void Add(HttpResponse response)
    {
        var headers = response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=(), usb=()";
        headers.CacheControl = "no-store";
    }
}

/// <summary>Keeps an address out of the OpenAPI document.</summary>
internal sealed class ExcludedFromDescription : Microsoft.AspNetCore.Routing.IExcludeFromDescriptionMetadata
{
    public bool ExcludeFromDescription => true;
}
