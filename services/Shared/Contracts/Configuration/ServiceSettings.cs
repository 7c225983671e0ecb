namespace Gateway.Contracts.Configuration;

/// <summary>Answer to <c>GET /internal/service-settings</c>: what of the settings holds for services that are not given the configuration.</summary>
public sealed record ServiceSettings
{
    /// <summary>Least severe messages that are logged. Default <see cref="GatewayLogLevel.AsStarted"/>.</summary>
    public GatewayLogLevel LogLevel { get; set; } = GatewayLogLevel.AsStarted;
}
