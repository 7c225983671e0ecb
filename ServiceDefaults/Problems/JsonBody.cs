using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Gateway.ServiceDefaults.Problems;

/// <summary>Reads JSON bodies; what is wrong with one is told the caller in one shape.</summary>
public static class JsonBody
{
    /// <summary>
    /// Reads the body, or ends the request: 415 for another content type, 413 when it is too large, 400 with code
    /// <c>invalid_json</c> and the place when it does not fit.
    /// </summary>
    /// <typeparam name="T">What the body holds.</typeparam>
    /// <param name="context">The request.</param>
    /// <param name="type">Its source-generated type information.</param>
    /// <returns>Null when the request has been answered.</returns>
    public static async Task<T?> ReadJsonOrProblemAsync<T>(this HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(context);
        if (!context.Request.HasJsonContentType())
        {
            await context.WriteProblemAsync(
                StatusCodes.Status415UnsupportedMediaType, "unsupported_content_type", "The body is not declared as JSON.", "Send it with content-type application/json.").ConfigureAwait(false);
            return null;
        }

        if (context.AnnouncesTooLargeBody())
        {
            await context.WriteProblemAsync(
                StatusCodes.Status413PayloadTooLarge, "invalid_body", "The body is too large.", "Send a smaller one.").ConfigureAwait(false);
            return null;
        }

        try
        {
            var body = await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted).ConfigureAwait(false);
            if (body is not null)
            {
                return body;
            }

            await context.WriteProblemAsync(
                StatusCodes.Status400BadRequest, "invalid_json", "The body is null.", "Send a JSON object.").ConfigureAwait(false);
        }
        catch (JsonException e)
        {
            await context.WriteProblemAsync(
                StatusCodes.Status400BadRequest, "invalid_json", "The body is not the JSON that this address takes.", e.Message).ConfigureAwait(false);
        }
        catch (BadHttpRequestException e)
        {
            await context.WriteProblemAsync(e.StatusCode, "invalid_body", "The body could not be read.", e.Message).ConfigureAwait(false);
        }

        return null;
    }
}
