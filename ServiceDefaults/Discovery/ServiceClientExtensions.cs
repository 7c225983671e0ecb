using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Gateway.ServiceDefaults.Discovery;

/// <summary>Registers clients of other services.</summary>
public static class ServiceClientExtensions
{
    /// <summary>Makes <see cref="IServiceClients.Get"/> know a service. May be called more than once for the same one.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="serviceName">Name of the service in discovery, for example <c>governance</c>.</param>
    public static IServiceCollection AddServiceHttpClient(this IServiceCollection services, string serviceName)
    {
        ArgumentException.ThrowIfNullOrEmpty(serviceName);
        services.AddSingleton(new ServiceClientRegistration(serviceName));
        services.TryAddSingleton<IServiceClients, ServiceClients>();
        return services;
    }

    internal static void AddServiceAddresses(this IServiceCollection services)
        => services.TryAddSingleton<IServiceAddresses, ServiceAddresses>();
}
