using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gateway.ServiceDefaults.Problems;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Gateway.McpHub.Transport;

/// <summary>Reads one JSON-RPC message, or answers what is wrong with it.</summary>
internal static class MessageReader
{
    private static readonly JsonTypeInfo<JsonRpcMessage> MessageType =
        (JsonTypeInfo<JsonRpcMessage>)McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(JsonRpcMessage));

    /// <returns>Null when the request has been answered.</returns>
    public static async Task<JsonRpcMessage?> ReadMessageOrRefuseAsync(this HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
        {
            await context.RefuseAsync(
                StatusCodes.Status415UnsupportedMediaType, JsonRpcRefusal.Transport, "The body is not declared as JSON: send content-type application/json.");
            return null;
        }

        if (context.AnnouncesTooLargeBody())
        {
            await context.RefuseAsync(StatusCodes.Status413PayloadTooLarge, JsonRpcRefusal.Transport, $"Request body too large: {McpEndpoints.MaxBodyBytes} bytes are allowed.");
            return null;
        }

        JsonDocument document;
        try
        {
            document = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        }
        catch (JsonException e)
        {
            await context.RefuseAsync(StatusCodes.Status400BadRequest, JsonRpcRefusal.ParseError, $"Parse error: {e.Message}");
            return null;
        }
        catch (BadHttpRequestException e)
        {
            await context.RefuseAsync(e.StatusCode, JsonRpcRefusal.Transport, e.Message);
            return null;
        }

        using (document)
        {
            return await InterpretAsync(context, document.RootElement);
        }
    }

    private static async Task<JsonRpcMessage?> InterpretAsync(HttpContext context, JsonElement root)
    {
        if (root.ValueKind == JsonValueKind.Array)
        {
            await context.RefuseAsync(
                StatusCodes.Status400BadRequest, JsonRpcRefusal.InvalidRequest, "Invalid request: batches are not part of MCP any more; send one message per request.");
            return null;
        }

        try
        {
            if (root.ValueKind == JsonValueKind.Object && root.Deserialize(MessageType) is { } message)
            {
                return message;
            }
        }
        catch (JsonException)
        {
            // Answered below: the serializer's words are about its own types.
        }

        await context.RefuseAsync(
            StatusCodes.Status400BadRequest, JsonRpcRefusal.InvalidRequest, "Invalid request: not a JSON-RPC 2.0 request, notification or response.", IdOf(root));
        return null;
    }

    private static RequestId IdOf(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("id", out var id))
        {
            return default;
        }

        return id.ValueKind switch
        {
            JsonValueKind.String => new RequestId(id.GetString()!),
            JsonValueKind.Number when id.TryGetInt64(out var number) => new RequestId(number),
            _ => default,
        };
    }
}
