using System.Text;
using Gateway.Edge.Errors;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Accounts;

/// <summary>Finds the session that a request says it belongs to: the header <c>x-gateway-session</c>, else <c>session.id</c> in W3C baggage.</summary>
internal static class RequestSession
{
    private const int MostBytes = 128;
    private const string Member = "session.id";

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
        }
        else if (headers.Baggage is { Count: > 0 } baggage)
        {
            context.SessionId = Find(baggage.ToString());
        }

        return null;
    }

    // Baggage is made for others too: what is wrong with it is not this gateway's to refuse.
    private static string Find(string baggage)
    {
        foreach (var range in baggage.AsSpan().Split(','))
        {
            var member = baggage.AsSpan()[range];
            var properties = member.IndexOf(';');
            member = properties < 0 ? member : member[..properties];
            var equals = member.IndexOf('=');
            if (equals > 0 && member[..equals].Trim().SequenceEqual(Member))
            {
                var id = Uri.UnescapeDataString(member[(equals + 1)..].Trim().ToString());
                return IsGood(id) ? id : "";
            }
        }

        return "";
    }

    private static bool IsGood(string id) => id.Length <= MostBytes && Encoding.UTF8.GetByteCount(id) <= MostBytes && !id.Any(char.IsControl);
}
