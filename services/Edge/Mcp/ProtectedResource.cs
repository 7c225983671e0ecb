using System.Text.Json;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Errors;
using Gateway.Edge.Http;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Mcp;

/// <summary>
/// Tells MCP clients where to get tokens for <c>/mcp</c> (RFC 9728): the issuers whose JWTs the gateway takes. Where it takes none there is nothing to tell, and virtual keys are what is asked for.
/// </summary>
internal sealed class ProtectedResource(RuntimeHolder runtime)
{
    private const string Address = "/.well-known/oauth-protected-resource";

    /// <summary>Maps the document, for <c>/mcp</c> and what lies below.</summary>
    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Address, ServeAsync);
        app.MapGet(Address + "/mcp/{**rest}", ServeAsync);
    }

    /// <summary>Names the document in the challenge of an answer that will be a 401.</summary>
    public static void Challenge(HttpContext http, GatewayModel model)
    {
        if (!Issuers(model).Any())
        {
            return;
        }

        var place = $"{http.Request.Scheme}://{http.Request.Host}{Address}{http.Request.Path}";
        http.Response.OnStarting(() =>
        {
            if (http.Response.StatusCode == StatusCodes.Status401Unauthorized)
            {
                http.Response.Headers.WWWAuthenticate = $"Bearer resource_metadata=\"{place}\"";
            }

            return Task.CompletedTask;
        });
    }

    private async Task ServeAsync(HttpContext http)
    {
        if (runtime.Current is not { } model || !Issuers(model).Any())
        {
            await ErrorResponse.WriteAsync(http, new Failure(GatewayError.NotFound, Step.Http, "This gateway takes no tokens of other issuers; /mcp wants a virtual key as a bearer token."), null).ConfigureAwait(false);
            return;
        }

        http.Response.ContentType = "application/json";
        using var buffer = new MemoryStream(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            var below = http.Request.Path.Value![Address.Length..];
            writer.WriteStartObject();
            writer.WriteString("resource"u8, $"{http.Request.Scheme}://{http.Request.Host}{(below.Length > 0 ? below : "/mcp")}");
            writer.WriteStartArray("authorization_servers"u8);
            foreach (var issuer in Issuers(model))
            {
                writer.WriteStringValue(issuer.Issuer);
            }

            writer.WriteEndArray();
            writer.WriteStartArray("bearer_methods_supported"u8);
            writer.WriteStringValue("header"u8);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        await http.Response.Body.WriteAsync(buffer.ToArray(), http.RequestAborted).ConfigureAwait(false);
    }

    private static IEnumerable<JwtIssuerEntry> Issuers(GatewayModel model) => model.KeyModel.Snapshot.JwtIssuers.Where(static i => i.Enabled);
}
