using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Gateway.ServiceDefaults.Discovery;

/// <summary>Reads addresses from configuration and remembers them until it changes.</summary>
internal sealed partial class ServiceAddresses : IServiceAddresses, IDisposable
{
    private readonly IConfiguration configuration;
    private readonly ILogger<ServiceAddresses> log;
    private readonly ConcurrentDictionary<string, Uri?> known = new(StringComparer.OrdinalIgnoreCase);
    private readonly IDisposable reload;

    public ServiceAddresses(IConfiguration configuration, ILogger<ServiceAddresses> log)
    {
        this.configuration = configuration;
        this.log = log;
        reload = ChangeToken.OnChange(configuration.GetReloadToken, known.Clear);
    }

    public bool TryResolve(string name, [NotNullWhen(true)] out Uri? address)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        address = known.GetOrAdd(name, static (n, self) => self.Read(n), this);
        return address is not null;
    }

    public void Dispose() => reload.Dispose();

    private Uri? Read(string name)
    {
        var variable = name.ToUpperInvariant().Replace('-', '_');
        ReadOnlySpan<string> keys = [$"services:{name}:http:0", $"services:{name}:https:0", $"{variable}_HTTP", $"{variable}_HTTPS"];
        foreach (var key in keys)
        {
            var text = configuration[key];
            if (string.IsNullOrWhiteSpace(text))
            {
                continue;
            }

            if (Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps))
            {
                return address;
            }

            NotAnAddress(key, name);
        }

        return null;
    }

    [LoggerMessage(1, LogLevel.Error, "Configuration {Key} is not an absolute http or https address: service {Service} is looked up without it")]
    private partial void NotAnAddress(string key, string service);
}
