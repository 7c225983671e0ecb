using Gateway.McpHub.Protocol;

namespace Gateway.McpHub.Transport;

/// <summary>Answers that come from the transport, before anybody has looked at what was asked.</summary>
internal static class Refusals
{
    /// <summary>Answers with an error.</summary>
    public static async Task RefuseAsync(this HttpContext context, int status, int code, string message, ReadOnlyMemory<byte> id = default, ReadOnlyMemory<byte> data = default)
    {
        var body = RpcWriter.Error(id.Span, RpcError.Object(code, message, data.Span));
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
    }
}
