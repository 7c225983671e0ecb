using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Tools;

/// <summary>Status and headers of a loop's answer: those of one of its turns.</summary>
internal static class AnswerHead
{
    private static readonly HashSet<string> _connection = new(StringComparer.OrdinalIgnoreCase) { "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive" };

    /// <summary>Takes a turn's status and headers for the caller's.</summary>
    public static void Copy(HttpResponse turn, RequestContext context)
    {
        var response = context.Http.Response;
        var offered = response.Headers[GatewayHeaders.McpOffered];
        response.StatusCode = turn.StatusCode;
        context.Status = turn.StatusCode;
        foreach (var (name, value) in turn.Headers)
        {
            if (!_connection.Contains(name))
            {
                response.Headers[name] = value;
            }
        }

        response.Headers[GatewayHeaders.McpOffered] = offered;
        response.Headers[GatewayHeaders.RequestId] = context.Http.TraceIdentifier;
    }
}
