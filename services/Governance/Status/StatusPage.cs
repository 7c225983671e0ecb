using System.Security.Cryptography;
using System.Text;

namespace Gateway.Governance.Status;

/// <summary>The page at <c>/</c>: that the gateway is up, and how to make the first call. It tells nothing that needs a login.</summary>
internal static class StatusPage
{
    private const string Style =
        "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:3rem auto;padding:0 1rem;color:#1d2430;background:#fff}"
        + "h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}pre{background:#f2f4f7;padding:1rem;border-radius:.4rem;overflow-x:auto}a{color:#0b57d0}"
        + "@media (prefers-color-scheme:dark){body{color:#e6e9ee;background:#14181f}pre{background:#222833}a{color:#8ab4f8}}";

    private const string Html =
        $$"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Gateway</title>
        <style>{{Style}}</style>
        </head>
        <body>
        <main>
        <h1>The gateway is up</h1>
        <p>It answers OpenAI-compatible calls under <code>/v1</code> on this address.</p>
        <p><a href="/dashboard">Open the dashboard</a></p>
        <h2>The first call</h2>
        <p>The local model <code>demo</code> needs no account. In development the file <code>dev.key</code> in the data folder (<code>.gateway</code> unless set otherwise) holds a virtual key:</p>
        <pre>curl http://localhost:8080/v1/chat/completions \
          -H "Authorization: Bearer $(cat .gateway/dev.key)" \
          -H "Content-Type: application/json" \
          -d '{"model":"demo","messages":[{"role":"user","content":"Hello"}]}'</pre>
        <h2>Administration</h2>
        <p>The admin API is under <code>/api/</code>; its description is <a href="/api/openapi.json">/api/openapi.json</a>. The first start wrote the admin key to the file <code>admin.key</code> in the data folder:</p>
        <pre>curl http://localhost:8080/api/keys \
          -H "Authorization: Bearer $(cat .gateway/admin.key)" \
          -H "Content-Type: application/json" \
          -d '{"name":"my first key"}'</pre>
        </main>
        </body>
        </html>
        """;

    private static readonly byte[] Page = Encoding.UTF8.GetBytes(Html);

    private static readonly string Policy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void MapStatusPage(this IEndpointRouteBuilder app) => app.MapGet("/", (HttpContext context) =>
    {
        context.Response.Headers.ContentSecurityPolicy = Policy;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        return Results.Bytes(Page, "text/html; charset=utf-8");
    }).ExcludeFromDescription();
}
