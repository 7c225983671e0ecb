using System.Text;
using Gateway.Edge.Errors;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Telemetry;

namespace Gateway.Edge.Accounts;

/// <summary>Finds the session that a request says it belongs to: the header <c>x-gateway-session</c>, else <c>session.id</c> in W3C baggage.</summary>
internal static class RequestSession
{
    private const int MostBytes = 128;

    public static Failure? Read(RequestContext context)
    {
        var headers = context.Http.Request.Headers;
        if (headers.TryGetValue(GatewayHeaders.Session, out var header))
        {
            var id = header.ToString().Trim();
            if (!IsGood(id))
            {
                return new Failure(GatewayError.ValueInvalid, Step.Authorize, $"The header {GatewayHeaders.Session} has at most {MostBytes} bytes and no control characters.") { Param = GatewayHeaders.Session };
            }

            context.SessionId = id;
            if (headers.Baggage.Count > 0)
            {
                OutboundContext.Allow(context);
            }
        }
        else if (headers.Baggage is { Count: > 0 } baggage)
        {
            OutboundContext.Allow(context);
            context.SessionId = Baggage.Find(baggage.ToString(), Baggage.Session) is { Length: > 0 } id && IsGood(id) ? id : "";
        }

        return null;
    }

    private static bool IsGood(string id) => id.Length <= MostBytes && Encoding.UTF8.GetByteCount(id) <= MostBytes && !id.Any(char.IsControl);
}
