using Gateway.AppHost.Local.Hosting;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

/// <summary>Collects the resources of the application.</summary>
internal interface IDistributedApplicationBuilder
{
    /// <summary>Environment variables and, over them, the command line's settings.</summary>
    ConfigurationManager Configuration { get; }

    /// <summary>Run or publish.</summary>
    DistributedApplicationExecutionContext ExecutionContext { get; }

    /// <summary>Everything added so far, in order.</summary>
    IList<IResource> Resources { get; }

    /// <summary>Adds a resource.</summary>
    IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource;

    /// <summary>The application, ready to run.</summary>
    DistributedApplication Build();
}

/// <summary>Run or publish; without Aspire always run.</summary>
internal sealed class DistributedApplicationExecutionContext
{
    /// <summary>Always false here: publishing needs <c>UseAspire=true</c>.</summary>
#pragma warning disable CA1822 // An instance member, as in the API it stands in for.
    public bool IsPublishMode => false;
#pragma warning restore CA1822
}

/// <summary>The builder of the local process host.</summary>
internal sealed class LocalApplicationBuilder : IDistributedApplicationBuilder
{
    private readonly LocalOptions _options;
    private readonly List<IResource> _resources = [];

    /// <summary>Reads the settings; a mistake in them is reported when the application runs, not here.</summary>
    public LocalApplicationBuilder(LocalOptions options)
    {
        _options = options;
        Configuration = new ConfigurationManager();
        Configuration.AddEnvironmentVariables();
        Configuration["Gateway:DataDirectory"] = options.DataDirectory;
        Configuration["Gateway:Port"] = (options.Port ?? LocalOptions.DefaultPort).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <inheritdoc/>
    public ConfigurationManager Configuration { get; }

    /// <inheritdoc/>
    public DistributedApplicationExecutionContext ExecutionContext { get; } = new();

    /// <inheritdoc/>
    public IList<IResource> Resources => _resources;

    /// <inheritdoc/>
    public IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource
    {
        if (_resources.Any(existing => string.Equals(existing.Name, resource.Name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new InvalidOperationException($"Two resources are called '{resource.Name}'.");
        }

        _resources.Add(resource);
        return new LocalResourceBuilder<T>(this, resource);
    }

    /// <inheritdoc/>
    public DistributedApplication Build() => new(_options, _resources, Configuration);

    private sealed class LocalResourceBuilder<T>(IDistributedApplicationBuilder application, T resource) : IResourceBuilder<T>
        where T : IResource
    {
        public IDistributedApplicationBuilder ApplicationBuilder { get; } = application;

        public T Resource { get; } = resource;
    }
}
