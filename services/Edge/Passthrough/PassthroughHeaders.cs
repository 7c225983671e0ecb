using System.Text;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Errors;

namespace Gateway.Edge.Passthrough;

/// <summary>
/// The caller's headers as the provider gets them: without those of the connection, without every credential, and without those that choose whose account is charged.
/// </summary>
internal static class PassthroughHeaders
{
    private static readonly HashSet<string> _kept = new(StringComparer.OrdinalIgnoreCase)
    {
        // Hop by hop.
        "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "HTTP2-Settings",
        // Of this connection.
        "Host", "Content-Length", "Expect", "Via", "Forwarded", "X-Real-IP", "Origin", "Referer",
        // Answers are read on their way back; compressed ones could not be.
        "Accept-Encoding",
        // Credentials.
        "Authorization", "Proxy-Authorization", "Cookie", "x-api-key", "api-key", "x-goog-api-key", "xi-api-key", "Ocp-Apim-Subscription-Key",
        // Whose account it is.
        "OpenAI-Organization", "OpenAI-Project", "x-goog-user-project",
        // What is read and what makes a provider work is told by the method.
        "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override",
        // Written by the gateway itself.
        "traceparent", "tracestate", "baggage",
    };

    private static readonly string[] _keptPrefixes = ["x-gateway-", "x-amz-", "x-forwarded-", "sec-"];

    /// <summary>Copies the headers.</summary>
    /// <returns>A failure when one cannot be sent.</returns>
    public static Failure? Copy(HttpRequest from, HttpRequestMessage to, ProviderEntry provider)
    {
        var named = from.Headers.Connection.SelectMany(static c => c?.Split(',', StringSplitOptions.TrimEntries) ?? []).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in from.Headers)
        {
            if (_kept.Contains(name) || named.Contains(name) || name.StartsWith(':') || string.Equals(name, provider.AuthHeader, StringComparison.OrdinalIgnoreCase)
                || Array.Exists(_keptPrefixes, p => name.StartsWith(p, StringComparison.OrdinalIgnoreCase)))
            {
                continue;
            }

            if (values.Any(static v => v is not null && !Ascii.IsValid(v)))
            {
                return new Failure(GatewayError.ValueInvalid, Step.Http, $"The header '{name}' has characters beyond ASCII, which cannot be sent to the provider.") { Param = name };
            }

            if (!to.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                to.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        return null;
    }
}
