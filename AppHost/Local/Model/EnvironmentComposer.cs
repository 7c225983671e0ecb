using System.Globalization;

namespace Gateway.AppHost.Local.Model;

/// <summary>What is known of the running application when a service's environment is put together.</summary>
internal sealed record Topology
{
    /// <summary>Address of each service by its name.</summary>
    public required IReadOnlyDictionary<string, Uri> Addresses { get; init; }

    /// <summary>Connection strings by store or database resource; a store that is embedded has none.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> ConnectionStrings { get; init; }

    /// <summary>Development, Production or another.</summary>
    public required string EnvironmentName { get; init; }

    /// <summary>Values of the parameters by name.</summary>
    public required IReadOnlyDictionary<string, string> Parameters { get; init; }
}

/// <summary>Puts together what a service gets beyond the inherited environment: the variables Aspire would inject, and our own.</summary>
internal static class EnvironmentComposer
{
    // They are about the AppHost, and would mislead a service or, as unknown settings, stop it.
    private static readonly string[] _ownVariables =
    [
        "HTTP_PORTS", "HTTPS_PORTS", "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_HTTPS_PORTS", "URLS", "DOTNET_URLS", "DOTNET_LAUNCH_PROFILE",
        "Gateway__Port", "Gateway__Verbose", "Gateway__Target",
    ];

    private static readonly (string Name, string Value)[] _defaults =
    [
        // One line an entry, so that the host can tell how severe each line is.
        ("Logging__Console__FormatterName", "simple"),
        ("Logging__Console__FormatterOptions__SingleLine", "true"),
    ];

    /// <summary>The changes to the inherited environment; null removes a variable.</summary>
    /// <param name="service">The service.</param>
    /// <param name="topology">Where everything is.</param>
    /// <param name="inherited">Value of an inherited variable, or null.</param>
    public static Dictionary<string, string?> Compose(ProjectResource service, Topology topology, Func<string, string?> inherited)
    {
        var address = topology.Addresses[service.Name];
        var variables = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var name in _ownVariables)
        {
            variables[name] = null;
        }

        variables["ASPNETCORE_ENVIRONMENT"] = topology.EnvironmentName;
        variables["DOTNET_ENVIRONMENT"] = topology.EnvironmentName;
        variables["ASPNETCORE_URLS"] = address.GetLeftPart(UriPartial.Authority);
        variables["OTEL_SERVICE_NAME"] = service.Name;
        foreach (var (name, value) in _defaults)
        {
            variables[name] = inherited(name) ?? value;
        }

        foreach (var reference in service.References)
        {
            if (topology.ConnectionStrings.TryGetValue(reference.Name, out var connections))
            {
                foreach (var (name, value) in connections)
                {
                    variables["ConnectionStrings__" + name] = value;
                }
            }
            else if (topology.Addresses.TryGetValue(reference.Name, out var uri))
            {
                var url = uri.GetLeftPart(UriPartial.Authority);
                variables[$"services__{reference.Name}__http__0"] = url;
                variables[reference.Name.ToUpperInvariant().Replace('-', '_') + "_HTTP"] = url;
            }
        }

        foreach (var (name, value) in service.Environment)
        {
            variables[name] = value.Parameter is { } parameter ? topology.Parameters[parameter.Name] : value.Literal;
        }

        if (service.IsExternal)
        {
            variables["Gateway__Port"] = address.Port.ToString(CultureInfo.InvariantCulture);
        }

        return variables;
    }
}
