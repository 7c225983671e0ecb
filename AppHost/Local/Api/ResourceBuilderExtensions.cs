namespace Aspire.Hosting;

/// <summary>Endpoints, references and waiting: the part of the Aspire API of the same names that AppHost.cs uses.</summary>
internal static class ResourceBuilderExtensions
{
    /// <summary>Listens on <paramref name="port"/>, or on any free one.</summary>
    public static IResourceBuilder<ProjectResource> WithHttpEndpoint(this IResourceBuilder<ProjectResource> builder, int? port = null)
    {
        builder.Resource.Port = port ?? builder.Resource.Port;
        return builder;
    }

    /// <summary>Healthy once a GET of <paramref name="path"/> answers 200.</summary>
    public static IResourceBuilder<ProjectResource> WithHttpHealthCheck(this IResourceBuilder<ProjectResource> builder, string? path = null)
    {
        builder.Resource.HealthPath = path ?? "/";
        return builder;
    }

    /// <summary>This is the address users call.</summary>
    public static IResourceBuilder<ProjectResource> WithExternalHttpEndpoints(this IResourceBuilder<ProjectResource> builder)
    {
        builder.Resource.IsExternal = true;
        return builder;
    }

    /// <summary>Sets a variable.</summary>
    public static IResourceBuilder<ProjectResource> WithEnvironment(this IResourceBuilder<ProjectResource> builder, string name, string? value)
    {
        builder.Resource.Environment[name] = new EnvironmentValue(value, null);
        return builder;
    }

    /// <summary>Sets a variable to a parameter's value.</summary>
    public static IResourceBuilder<ProjectResource> WithEnvironment(this IResourceBuilder<ProjectResource> builder, string name, IResourceBuilder<ParameterResource> parameter)
    {
        builder.Resource.Environment[name] = new EnvironmentValue(null, parameter.Resource);
        return builder;
    }

    /// <summary>Passes a store's connection string on, where there is one.</summary>
    public static IResourceBuilder<ProjectResource> WithReference(this IResourceBuilder<ProjectResource> builder, IResourceBuilder<IResourceWithConnectionString> source)
    {
        builder.Resource.References.Add(source.Resource);
        return builder;
    }

    /// <summary>Passes a service's address on.</summary>
    public static IResourceBuilder<ProjectResource> WithReference(this IResourceBuilder<ProjectResource> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
    {
        builder.Resource.References.Add(source.Resource);
        return builder;
    }

    /// <summary>Starts after <paramref name="dependency"/> is healthy. A store that is embedded is not waited for.</summary>
    public static IResourceBuilder<ProjectResource> WaitFor(this IResourceBuilder<ProjectResource> builder, IResourceBuilder<IResource> dependency)
    {
        builder.Resource.WaitsFor.Add(dependency.Resource);
        return builder;
    }
}
