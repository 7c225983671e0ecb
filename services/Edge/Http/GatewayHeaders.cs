namespace Gateway.Edge.Http;

/// <summary>Response headers of the gateway itself.</summary>
internal static class GatewayHeaders
{
    public const string RequestId = "x-gateway-request-id";
    public const string Fault = "x-gateway-fault";
    public const string Provider = "x-gateway-provider";
    public const string Attempts = "x-gateway-attempts";

    /// <summary>What the answering provider's dialect could not express of the request, separated by commas.</summary>
    public const string Dropped = "x-gateway-dropped";
}
