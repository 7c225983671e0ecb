using System.Text.Json;
using Gateway.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Governance.Api;

/// <summary>Reads the JSON object of an admin request.</summary>
internal static class RequestBody
{
    private const long MostBytes = 1024 * 1024;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    public static async Task<(JsonElement Body, Problem? Refused)> ReadAsync(HttpContext context, long mostBytes = MostBytes)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = mostBytes;
        }

        if (context.AnnouncesTooLargeBody())
        {
            return (default, new Problem { Status = 413, Title = "The body is too large.", Code = "body_too_large", Detail = $"At most {mostBytes} bytes are read." });
        }

        try
        {
            using var document = await JsonDocument.ParseAsync(context.Request.Body, Strict, context.RequestAborted).ConfigureAwait(false);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? (document.RootElement.Clone(), null)
                : (default, Problem.Malformed("The body must be a JSON object."));
        }
        catch (JsonException malformed)
        {
            return (default, Problem.Malformed($"The body is not valid JSON, line {malformed.LineNumber + 1}, byte {malformed.BytePositionInLine}, or names a member twice."));
        }
    }
}
