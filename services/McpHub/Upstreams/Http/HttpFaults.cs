using Gateway.ServiceDefaults.Outbound;

namespace Gateway.McpHub.Upstreams.Http;

/// <summary>What exceptions of connections mean.</summary>
internal readonly struct HttpFaults(string server, int maxBytes)
{
    /// <summary>The fault.</summary>
    public UpstreamFault FaultOf(HttpRequestException e) => e.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => Faults.Unreachable(server, "its name is unknown"),
        HttpRequestError.SecureConnectionError => Faults.Unreachable(server, "its certificate or TLS does not hold"),
        HttpRequestError.ConfigurationLimitExceeded => Faults.TooLarge(server, maxBytes),
        _ when e.InnerException is ForbiddenAddressException => Faults.Unreachable(server, "its name resolves to a link-local or metadata address, which servers may not use"),
        HttpRequestError.ConnectionError => Faults.Unreachable(server, "it takes no connection"),
        _ => Faults.BrokenOff(server),
    };
}
