using Gateway.Contracts.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Gateway.ServiceDefaults.Logging;

/// <summary>
/// Changes at run time how severe a message of the gateway's own must be to be logged. What frameworks say stays as it was started. In force for every logger at once, those that
/// are in use already included.
/// </summary>
public sealed class LogLevelSwitch
{
    private readonly Source source = new();
    private LogLevel? level;

    internal IConfigurationSource Configuration => source;

    /// <summary>The least severe messages that are logged; null: as the process was started.</summary>
    public LogLevel? Level => level;

    /// <summary>Sets the level. Costs nothing where it is that already.</summary>
    /// <param name="wanted">The least severe messages that are logged; null: as the process was started.</param>
    public void Set(LogLevel? wanted)
    {
        if (wanted == level)
        {
            return;
        }

        level = wanted;
        source.Provider.Use(wanted);
    }

    /// <summary>Sets the level that settings ask for.</summary>
    /// <param name="wanted">What they ask for.</param>
    public void Follow(GatewayLogLevel wanted) => Set(wanted switch
    {
        GatewayLogLevel.Debug => LogLevel.Debug,
        GatewayLogLevel.Information => LogLevel.Information,
        GatewayLogLevel.Warning => LogLevel.Warning,
        GatewayLogLevel.Error => LogLevel.Error,
        GatewayLogLevel.None => LogLevel.None,
        _ => null,
    });

    private sealed class Source : IConfigurationSource
    {
        public Provider Provider { get; } = new();

        public IConfigurationProvider Build(IConfigurationBuilder builder) => Provider;
    }

    // The logging framework follows the configuration: that is the one way to reach loggers that exist.
    private sealed class Provider : ConfigurationProvider
    {
        private const string Key = "Logging:LogLevel:Gateway";

        public void Use(LogLevel? level)
        {
            if (level is { } wanted)
            {
                Data[Key] = wanted.ToString();
            }
            else
            {
                Data.Remove(Key);
            }

            OnReload();
        }
    }
}
