using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Gateway.McpHub.Transport;

/// <summary>Answers that come from the transport, before any MCP server has seen the request.</summary>
internal static class JsonRpcRefusal
{
    public const int ParseError = -32700;
    public const int InvalidRequest = -32600;

    /// <summary>For refusals of HTTP itself, which JSON-RPC has no code for.</summary>
    public const int Transport = -32000;

    /// <summary>Not in the standard; what the clients in use know.</summary>
    public const int SessionNotFound = -32001;

    private static readonly JsonTypeInfo<JsonRpcError> ErrorType = (JsonTypeInfo<JsonRpcError>)McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(JsonRpcError));

    public static Task RefuseAsync(this HttpContext context, int status, int code, string message, RequestId id = default, JsonNode? data = null)
    {
        context.Response.StatusCode = status;
        var error = new JsonRpcError { Id = id, Error = new JsonRpcErrorDetail { Code = code, Message = message, Data = data } };
        return context.Response.WriteAsJsonAsync(error, ErrorType, cancellationToken: context.RequestAborted);
    }
}
