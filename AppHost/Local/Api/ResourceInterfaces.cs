namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>One part of the application.</summary>
    internal interface IResource
    {
        /// <summary>Name in discovery, logs and connection strings.</summary>
        string Name { get; }
    }

    /// <summary>A resource that takes environment variables.</summary>
    internal interface IResourceWithEnvironment : IResource;

    /// <summary>A resource that listens.</summary>
    internal interface IResourceWithEndpoints : IResource;

    /// <summary>A resource whose start can wait for others.</summary>
    internal interface IResourceWithWaitSupport : IResource;

    /// <summary>A store, reached by a connection string.</summary>
    internal interface IResourceWithConnectionString : IResource;

    /// <summary>A resource being configured.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    internal interface IResourceBuilder<out T>
        where T : IResource
    {
        /// <summary>The application it belongs to.</summary>
        IDistributedApplicationBuilder ApplicationBuilder { get; }

        /// <summary>The resource.</summary>
        T Resource { get; }
    }
}

namespace Aspire.Hosting
{
    /// <summary>A resource that others find by name.</summary>
    internal interface IResourceWithServiceDiscovery : IResourceWithEndpoints;

    /// <summary>Where a project lies and what its build made.</summary>
    internal interface IProjectMetadata
    {
        /// <summary>Absolute path of the project file.</summary>
        string ProjectPath { get; }

        /// <summary>Absolute path of the built assembly.</summary>
        string TargetPath { get; }
    }
}
