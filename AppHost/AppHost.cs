using System.Globalization;

// The whole topology. With UseAspire=true this compiles against the Aspire hosting packages (containers, the Aspire
// dashboard, publishing); otherwise against the same API in Local/, which runs everything as processes of this machine.
var builder = DistributedApplication.CreateBuilder(args);

var target = builder.Configuration["Gateway:Target"];
if (target == "compose")
{
    builder.AddDockerComposeEnvironment("compose");
}
else if (target == "azure")
{
    builder.AddAzureContainerAppEnvironment("azure");
}
else if (target is not null)
{
    throw new InvalidOperationException($"Gateway:Target is '{target}'. It says where to publish to: 'compose' or 'azure'; leave it out to run here.");
}

// A container may write only below the home folder of its user; Container Apps choose the public port themselves.
var dataDirectory = builder.ExecutionContext.IsPublishMode ? "/home/app/.gateway" : Path.GetFullPath(builder.Configuration["Gateway:DataDirectory"] ?? ".gateway");
int? publicPort = target == "azure" ? null : int.Parse(builder.Configuration["Gateway:Port"] ?? "8080", CultureInfo.InvariantCulture);
var internalToken = builder.AddParameter("internal-token", new GenerateParameterDefault { MinLength = 43, Special = false }, secret: true, persist: true);

var redis = builder.AddRedis("redis").WithDataVolume();
var database = builder.AddPostgres("postgres").WithDataVolume().AddDatabase("gatewaydb");
var qdrant = builder.AddQdrant("qdrant").WithDataVolume();

var governance = AddService<Projects.Governance>("governance")
    .WithReference(database).WaitFor(database)
    .WithReference(redis).WaitFor(redis);

var semanticCache = AddService<Projects.SemanticCache>("semanticcache")
    .WithReference(redis).WaitFor(redis)
    .WithReference(qdrant).WaitFor(qdrant)
    .WithReference(governance);

// What people see and do of the cache goes through governance.
governance.WithReference(semanticCache);

var guardrails = AddService<Projects.Guardrails>("guardrails")
    .WithReference(redis).WaitFor(redis)
    .WithReference(governance);

var mcpHub = AddService<Projects.McpHub>("mcphub")
    .WithReference(redis).WaitFor(redis)
    .WithReference(governance)
    .WithReference(guardrails);

// Both ways: the hub follows governance, and administrators try tools through the hub. Neither waits for the other.
governance.WithReference(mcpHub);

var edge = AddService<Projects.Edge>("edge", publicPort)
    .WithExternalHttpEndpoints()
    // Read before the runtime starts, so it cannot be set inside: socket continuations run on the thread that saw the event.
    .WithEnvironment("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1")
    .WithReference(redis).WaitFor(redis)
    .WithReference(governance).WaitFor(governance)
    .WithReference(semanticCache)
    .WithReference(guardrails)
    .WithReference(mcpHub);

// Rules of guardrails over calls of tools that ask other services are asked from an edge, where their credentials and routes are.
mcpHub.WithReference(edge);

await builder.Build().RunAsync();

IResourceBuilder<ProjectResource> AddService<TProject>(string name, int? port = null)
    where TProject : IProjectMetadata, new() =>
    builder.AddProject<TProject>(name)
        .WithHttpEndpoint(port: port)
        .WithHttpHealthCheck("/health/ready")
        .WithEnvironment("Gateway__DataDirectory", dataDirectory)
        .WithEnvironment("Gateway__InternalToken", internalToken);
