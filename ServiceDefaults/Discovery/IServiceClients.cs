namespace Gateway.ServiceDefaults.Discovery;

/// <summary>HTTP clients for the other services, one long-lived client each.</summary>
public interface IServiceClients
{
    /// <summary>
    /// The client of a service. Its base address is <c>http://{name}/</c>; calls carry the internal token and the trace
    /// context; answers are limited to 100 seconds in all and connecting to 2 seconds. Never dispose it.
    /// </summary>
    /// <param name="name">A name given to <see cref="ServiceClientExtensions.AddServiceHttpClient"/>.</param>
    /// <exception cref="InvalidOperationException">The name was not registered; the message names the call to add.</exception>
    HttpClient Get(string name);
}
