using System.Net.Http.Headers;
using Microsoft.Extensions.Primitives;

namespace Gateway.Edge.Upstream;

/// <summary>Passes a provider's response headers on, except those that belong to its own connection or would act on the caller's client.</summary>
internal static class ResponseHeaderCopier
{
    /// <param name="from">The provider's answer.</param>
    /// <param name="to">The caller's.</param>
    /// <param name="limits">False: without what the provider says of rate limits.</param>
    public static void Copy(HttpResponseMessage from, HttpResponse to, bool limits = true)
    {
        Copy(from.Headers.NonValidated, to, limits);
        Copy(from.Content.Headers.NonValidated, to, limits: true);
    }

    /// <summary>Passes only on what means the same in every dialect: how long to wait, what is left of limits, and the provider's id of the request.</summary>
    public static void CopyNeutral(HttpResponseMessage from, HttpResponse to, bool limits = true)
    {
        foreach (var header in from.Headers.NonValidated)
        {
            var name = header.Key;
            if (Is(name, "Retry-After") || Is(name, "retry-after-ms") || Is(name, "x-request-id") || Is(name, "request-id")
                || (limits && IsLimit(name)))
            {
                to.Headers[name] = header.Value.ToString();
            }
        }
    }

    private static void Copy(HttpHeadersNonValidated headers, HttpResponse to, bool limits)
    {
        foreach (var header in headers)
        {
            if (!IsOwn(header.Key) && (limits || !IsLimit(header.Key)))
            {
                to.Headers[header.Key] = header.Value.Count == 1 ? new StringValues(header.Value.ToString()) : new StringValues([.. header.Value]);
            }
        }
    }

    private static bool IsLimit(string name) =>
        name.StartsWith("x-ratelimit-", StringComparison.OrdinalIgnoreCase) || name.StartsWith("anthropic-ratelimit-", StringComparison.OrdinalIgnoreCase);

    private static bool IsOwn(string name) => name.Length switch
    {
        2 => Is(name, "TE"),
        3 => Is(name, "Via"),
        4 => Is(name, "Date"),
        6 => Is(name, "Server"),
        7 => Is(name, "Trailer") || Is(name, "Upgrade") || Is(name, "Alt-Svc"),
        10 => Is(name, "Connection") || Is(name, "Keep-Alive") || Is(name, "Set-Cookie"),
        14 => Is(name, "Content-Length"),
        17 => Is(name, "Transfer-Encoding"),
        18 => Is(name, "Proxy-Authenticate"),
        25 => Is(name, "Strict-Transport-Security"),
        _ => name.StartsWith("x-gateway-", StringComparison.OrdinalIgnoreCase),
    };

    private static bool Is(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
