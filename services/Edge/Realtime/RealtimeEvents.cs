using System.Buffers;
using System.Net.WebSockets;
using System.Text;
using Gateway.Edge.Errors;
using Gateway.Edge.Http;

namespace Gateway.Edge.Realtime;

/// <summary>Events and close codes that the gateway itself sends.</summary>
internal static class RealtimeEvents
{
    /// <summary>A failure as an <c>error</c> event.</summary>
    public static ReadOnlyMemory<byte> Error(Failure failure, string requestId)
    {
        var error = ErrorResponse.Build(failure, null, requestId).WrittenSpan;
        var buffer = new ArrayBufferWriter<byte>(error.Length + 128);
        buffer.Write("{\"type\":\"error\",\"event_id\":\"event_gateway_"u8);
        buffer.Write(Encoding.UTF8.GetBytes(requestId.Replace(':', '_')));
        buffer.Write("\","u8);
        // The same object as in an answer, which begins with its only member.
        buffer.Write(error[1..]);
        return buffer.WrittenMemory;
    }

    /// <summary>A close code as it may be sent on: those that only say that none came stay with whoever noticed.</summary>
    public static WebSocketCloseStatus Sendable(WebSocketCloseStatus? received) => (int?)received switch
    {
        null or 1005 => WebSocketCloseStatus.NormalClosure,
        (>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999) => received.Value,
        _ => WebSocketCloseStatus.InternalServerError,
    };
}
