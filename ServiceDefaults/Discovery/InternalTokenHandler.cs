using System.Diagnostics;
using Gateway.Contracts;
using Gateway.ServiceDefaults.InternalAuth;

namespace Gateway.ServiceDefaults.Discovery;

/// <summary>Adds the internal token to calls to one service, and to nothing else that the client may be asked for.</summary>
internal sealed class InternalTokenHandler(string service, InternalToken token) : DelegatingHandler
{
    private const string Untraced = "00-00000000000000000000000000000001-0000000000000001-00";

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (string.Equals(request.RequestUri?.Host, service, StringComparison.OrdinalIgnoreCase))
        {
            request.Headers.Remove(WireNames.InternalTokenHeader);
            request.Headers.TryAddWithoutValidation(WireNames.InternalTokenHeader, token.Value);
            if (Activity.Current is null)
            {
                // What is not traced here begins no trace of its own there.
                request.Headers.TryAddWithoutValidation("traceparent", Untraced);
            }
        }

        return base.SendAsync(request, cancellationToken);
    }
}
