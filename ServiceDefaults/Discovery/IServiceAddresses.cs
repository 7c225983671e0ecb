using System.Diagnostics.CodeAnalysis;

namespace Gateway.ServiceDefaults.Discovery;

/// <summary>Where the other services are.</summary>
public interface IServiceAddresses
{
    /// <summary>
    /// Finds the address of a service from the variables <c>services__{name}__http__0</c>, <c>services__{name}__https__0</c>,
    /// <c>{NAME}_HTTP</c> or <c>{NAME}_HTTPS</c>, in this order.
    /// </summary>
    /// <param name="name">Name of the service, for example <c>governance</c>; case is ignored.</param>
    /// <param name="address">An absolute http or https address.</param>
    /// <returns>False when no variable names the service, or its value is no address.</returns>
    bool TryResolve(string name, [NotNullWhen(true)] out Uri? address);
}
