using System.Net.Http.Headers;
using System.Security.Authentication;
using Gateway.CloudAuth;
using Gateway.Edge.Errors;
using Gateway.ServiceDefaults.Outbound;

namespace Gateway.Edge.Upstream;

/// <summary>Why a call of a provider did not lead to an answer, as a value.</summary>
/// <param name="Error">What callers are told when no other deployment answers.</param>
/// <param name="Reason">Short reason for the attempt list.</param>
/// <param name="Engaged">True when the provider had the request and may have worked on it.</param>
internal readonly record struct UpstreamFault(GatewayError Error, string Reason, bool Engaged)
{
    /// <summary>True when the deployment's credential is at fault: it will not work until it is changed.</summary>
    public bool CredentialFault { get; init; }

    /// <summary>What callers are told when no other deployment answers, in place of the words for <see cref="Error"/>: the request itself is at fault. Null otherwise.</summary>
    public Failure? Refusal { get; init; }

    public static UpstreamFault From(Exception e, CallDeadline deadline) => e switch
    {
        OperationCanceledException when deadline.Token.IsCancellationRequested =>
            deadline.Phase == CallPhase.FirstByte
                ? new(GatewayError.UpstreamTimeout, "no response in time", true)
                : new(GatewayError.UpstreamStalled, "the answer stalled", true),
        OperationCanceledException => new(GatewayError.UpstreamTimeout, "connect timeout", false),
        ProviderAuthException auth => new(GatewayError.UpstreamAuth, auth.Message, false) { CredentialFault = auth.CredentialFault },
        ResponseTooLargeException => new(GatewayError.UpstreamTooLarge, "answer too large", true),
        HttpRequestException { InnerException: ForbiddenAddressException } => new(GatewayError.UpstreamForbidden, "address not allowed", false),
        ForbiddenAddressException => new(GatewayError.UpstreamForbidden, "address not allowed", false),
        HttpRequestException { InnerException: AuthenticationException } => new(GatewayError.UpstreamUnreachable, "TLS handshake failed", false),
        HttpRequestException { InnerException: OperationCanceledException or TimeoutException } => new(GatewayError.UpstreamTimeout, "connect timeout", false),
        HttpRequestException http => From(http.HttpRequestError),
        HttpIOException io => From(io.HttpRequestError),
        _ => new(GatewayError.UpstreamCut, "connection lost", true),
    };

    private static UpstreamFault From(HttpRequestError error) => error switch
    {
        HttpRequestError.NameResolutionError => new(GatewayError.UpstreamUnreachable, "name not resolved", false),
        HttpRequestError.ConnectionError => new(GatewayError.UpstreamUnreachable, "connection refused or failed", false),
        HttpRequestError.SecureConnectionError => new(GatewayError.UpstreamUnreachable, "TLS handshake failed", false),
        HttpRequestError.ResponseEnded => new(GatewayError.UpstreamCut, "the answer was cut", true),
        HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError or HttpRequestError.VersionNegotiationError =>
            new(GatewayError.UpstreamInvalid, "not valid HTTP", true),
        HttpRequestError.ConfigurationLimitExceeded => new(GatewayError.UpstreamInvalid, "response headers too large", true),
        _ => new(GatewayError.UpstreamCut, "connection lost", true),
    };

    /// <summary>The media type of a response, or an empty string.</summary>
    public static string MediaType(HttpContentHeaders headers) =>
        headers.NonValidated.TryGetValues("Content-Type", out var values) ? values.ToString() : "";
}
