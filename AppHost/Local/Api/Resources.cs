namespace Aspire.Hosting.ApplicationModel;

/// <summary>A service of this solution, run as a child process.</summary>
internal sealed class ProjectResource(string name, IProjectMetadata project)
    : IResourceWithEnvironment, IResourceWithServiceDiscovery, IResourceWithWaitSupport
{
    /// <inheritdoc/>
    public string Name { get; } = name;

    /// <summary>What to run.</summary>
    public IProjectMetadata Project { get; } = project;

    /// <summary>The port asked for; null for any free one.</summary>
    public int? Port { get; set; }

    /// <summary>Whether users reach it; such a resource is the gateway's address and stops first.</summary>
    public bool IsExternal { get; set; }

    /// <summary>Path that answers 200 once the service is ready; null when running is enough.</summary>
    public string? HealthPath { get; set; }

    /// <summary>Variables set by the topology, later ones win.</summary>
    public Dictionary<string, EnvironmentValue> Environment { get; } = new(StringComparer.Ordinal);

    /// <summary>Resources whose address it gets.</summary>
    public List<IResource> References { get; } = [];

    /// <summary>Resources that must be healthy before it starts.</summary>
    public List<IResource> WaitsFor { get; } = [];
}

/// <summary>A variable's value: a literal, or a parameter resolved at start.</summary>
/// <param name="Literal">The value itself.</param>
/// <param name="Parameter">Where the value comes from when it is not a literal.</param>
internal readonly record struct EnvironmentValue(string? Literal, ParameterResource? Parameter);

/// <summary>A store of its own kind; embedded in the services when nothing provides it.</summary>
internal abstract class StoreResource(string name) : IResourceWithConnectionString
{
    /// <inheritdoc/>
    public string Name { get; } = name;
}

/// <summary>Redis; embedded default: memory of each process.</summary>
internal sealed class RedisResource(string name) : StoreResource(name);

/// <summary>A Postgres server; embedded default of its databases: SQLite.</summary>
internal sealed class PostgresServerResource(string name) : StoreResource(name)
{
    /// <summary>Databases to create on first start.</summary>
    public List<PostgresDatabaseResource> Databases { get; } = [];
}

/// <summary>A database of a <see cref="PostgresServerResource"/>.</summary>
internal sealed class PostgresDatabaseResource(string name, string databaseName, PostgresServerResource parent) : IResourceWithConnectionString
{
    /// <inheritdoc/>
    public string Name { get; } = name;

    /// <summary>Name on the server.</summary>
    public string DatabaseName { get; } = databaseName;

    /// <summary>The server.</summary>
    public PostgresServerResource Parent { get; } = parent;
}

/// <summary>Qdrant; embedded default: vectors in the cache service.</summary>
internal sealed class QdrantServerResource(string name) : StoreResource(name);

/// <summary>A value from configuration, or generated once and kept in the data folder.</summary>
internal sealed class ParameterResource(string name, GenerateParameterDefault generator) : IResource
{
    /// <inheritdoc/>
    public string Name { get; } = name;

    /// <summary>Makes the value where configuration has none.</summary>
    public GenerateParameterDefault Generator { get; } = generator;
}

/// <summary>Where to publish to; publishing itself needs Aspire.</summary>
internal sealed class PublishEnvironmentResource(string name) : IResource
{
    /// <inheritdoc/>
    public string Name { get; } = name;
}

/// <summary>How to generate a parameter's value: letters, digits and, unless switched off, marks.</summary>
internal sealed class GenerateParameterDefault
{
    private const string Alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Characters in the value. Default 22 (131 bits).</summary>
    public int MinLength { get; set; } = 22;

    /// <summary>Whether marks may occur. Default true.</summary>
    public bool Special { get; set; } = true;

    /// <summary>A new random value.</summary>
    public string GetDefaultValue() =>
        System.Security.Cryptography.RandomNumberGenerator.GetString(Special ? Alphanumeric + "-_.!" : Alphanumeric, MinLength);
}
