namespace Aspire.Hosting;

/// <summary>The resources AppHost.cs adds: the part of the Aspire API of the same names that it uses.</summary>
internal static class DistributedApplicationBuilderExtensions
{
    /// <summary>Adds a service of this solution.</summary>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name)
        where TProject : IProjectMetadata, new() =>
        builder.AddResource(new ProjectResource(name, new TProject()));

    /// <summary>Adds a value that is generated once and kept in the data folder.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, GenerateParameterDefault value, bool secret = false, bool persist = false)
    {
        _ = secret && persist; // Every parameter here is both: kept in a file that only the owner reads.
        return builder.AddResource(new ParameterResource(name, value));
    }

    /// <summary>Adds Redis.</summary>
    public static IResourceBuilder<RedisResource> AddRedis(this IDistributedApplicationBuilder builder, string name) =>
        builder.AddResource(new RedisResource(name));

    /// <summary>Adds a Postgres server.</summary>
    public static IResourceBuilder<PostgresServerResource> AddPostgres(this IDistributedApplicationBuilder builder, string name) =>
        builder.AddResource(new PostgresServerResource(name));

    /// <summary>Adds a database to a server.</summary>
    public static IResourceBuilder<PostgresDatabaseResource> AddDatabase(this IResourceBuilder<PostgresServerResource> builder, string name, string? databaseName = null)
    {
        var database = new PostgresDatabaseResource(name, databaseName ?? name, builder.Resource);
        builder.Resource.Databases.Add(database);
        return builder.ApplicationBuilder.AddResource(database);
    }

    /// <summary>Adds Qdrant.</summary>
    public static IResourceBuilder<QdrantServerResource> AddQdrant(this IDistributedApplicationBuilder builder, string name) =>
        builder.AddResource(new QdrantServerResource(name));

    /// <summary>Data outlives a run; here it always does, below the data folder.</summary>
    public static IResourceBuilder<T> WithDataVolume<T>(this IResourceBuilder<T> builder)
        where T : StoreResource => builder;

    /// <summary>Publishing needs Aspire; the local host says so when it runs.</summary>
    public static IResourceBuilder<PublishEnvironmentResource> AddDockerComposeEnvironment(this IDistributedApplicationBuilder builder, string name) =>
        builder.AddResource(new PublishEnvironmentResource(name));

    /// <summary>Publishing needs Aspire; the local host says so when it runs.</summary>
    public static IResourceBuilder<PublishEnvironmentResource> AddAzureContainerAppEnvironment(this IDistributedApplicationBuilder builder, string name) =>
        builder.AddResource(new PublishEnvironmentResource(name));
}
