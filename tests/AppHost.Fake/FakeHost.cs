namespace Gateway.AppHost.Fake;

/// <summary>The local process host on two services, of which the gateway waits for the other, and all three stores.</summary>
internal static class FakeHost
{
    public static async Task RunAsync(string[] args)
    {
        var builder = DistributedApplication.CreateBuilder(args);
        var token = builder.AddParameter("internal-token", new GenerateParameterDefault { MinLength = 43, Special = false }, secret: true, persist: true);
        var redis = builder.AddRedis("redis").WithDataVolume();
        var database = builder.AddPostgres("postgres").WithDataVolume().AddDatabase("gatewaydb");
        var qdrant = builder.AddQdrant("qdrant").WithDataVolume();
        var alpha = builder.AddProject<Fake>("alpha")
            .WithHttpEndpoint()
            .WithHttpHealthCheck("/health/ready")
            .WithEnvironment("Gateway__InternalToken", token)
            .WithReference(redis).WaitFor(redis)
            .WithReference(database).WaitFor(database)
            .WithReference(qdrant).WaitFor(qdrant);
        builder.AddProject<Fake>("front")
            .WithHttpEndpoint(port: 8080)
            .WithHttpHealthCheck("/health/ready")
            .WithExternalHttpEndpoints()
            .WithReference(alpha).WaitFor(alpha);
        await builder.Build().RunAsync();
    }

    private sealed class Fake : IProjectMetadata
    {
        public string ProjectPath => string.Empty;

        public string TargetPath => typeof(Fake).Assembly.Location;
    }
}
