using System.Collections.Frozen;
using System.Net;
using Gateway.ServiceDefaults.InternalAuth;

namespace Gateway.ServiceDefaults.Discovery;

/// <summary>A service that was registered by <see cref="ServiceClientExtensions.AddServiceHttpClient"/>.</summary>
internal sealed record ServiceClientRegistration(string Name);

internal sealed class ServiceClients : IServiceClients, IDisposable
{
    private readonly FrozenDictionary<string, HttpClient> clients;

    public ServiceClients(IEnumerable<ServiceClientRegistration> registrations, IServiceAddresses addresses, InternalToken token)
        => clients = registrations
            .Select(r => r.Name)
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .ToFrozenDictionary(n => n, n => Create(n, addresses, token), StringComparer.OrdinalIgnoreCase);

    public HttpClient Get(string name)
        => clients.TryGetValue(name, out var client)
            ? client
            : throw new InvalidOperationException($"No client for service '{name}': call services.AddServiceHttpClient(\"{name}\") at start.");

    public void Dispose()
    {
        foreach (var client in clients.Values)
        {
            client.Dispose();
        }
    }

    private static HttpClient Create(string name, IServiceAddresses addresses, InternalToken token)
    {
        // No redirects: the token must never follow one to another host.
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = TimeSpan.FromSeconds(2),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            UseCookies = false,
            UseProxy = false,
        };
        var handler = new InternalTokenHandler(name, token) { InnerHandler = new ServiceAddressHandler(addresses) { InnerHandler = sockets } };
        return new HttpClient(handler, disposeHandler: true) { BaseAddress = new Uri($"http://{name}/") };
    }
}
