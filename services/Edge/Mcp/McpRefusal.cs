using System.Buffers;
using System.Text.Json;
using Gateway.Edge.Errors;
using Gateway.Edge.Http;

namespace Gateway.Edge.Mcp;

/// <summary>Refusals of calls of tools, as errors of JSON-RPC: clients of MCP show those to their users, and take any other status for a fault of the connection.</summary>
internal static class McpRefusal
{
    /// <summary>For refusals by keys, limits and budgets, of the codes that JSON-RPC leaves to servers.</summary>
    private const int Refused = -32003;

    public static async Task WriteAsync(HttpContext http, Failure failure, ReadOnlyMemory<byte> id)
    {
        var row = failure.Row;
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("jsonrpc"u8, "2.0"u8);
            writer.WritePropertyName("id"u8);
            writer.WriteRawValue(id.IsEmpty ? "null"u8 : id.Span, skipInputValidation: true);
            writer.WriteStartObject("error"u8);
            writer.WriteNumber("code"u8, Refused);
            writer.WriteString("message"u8, failure.Message);
            writer.WriteStartObject("data"u8);
            writer.WriteString("code"u8, row.Code);
            writer.WriteNumber("status"u8, row.Status);
            writer.WriteString("fault"u8, ErrorResponse.Name(row.Fault));
            writer.WriteString("request_id"u8, http.TraceIdentifier);
            if (failure.RetryAfter is { } wait)
            {
                writer.WriteNumber("retry_after_seconds"u8, Math.Ceiling(wait.TotalSeconds));
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        var response = http.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "application/json";
        response.ContentLength = buffer.WrittenCount;
        response.Headers[GatewayHeaders.RequestId] = http.TraceIdentifier;
        response.Headers[GatewayHeaders.Fault] = ErrorResponse.Name(row.Fault);
        if (failure.RetryAfter is { } after)
        {
            response.Headers.RetryAfter = HeaderText.Seconds(after);
        }

        await response.Body.WriteAsync(buffer.WrittenMemory, http.RequestAborted).ConfigureAwait(false);
    }
}
