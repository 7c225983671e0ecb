using Gateway.Contracts;
using Gateway.McpHub.ControlPlane;
using Gateway.McpHub.MetaTools;
using Gateway.McpHub.Transport;
using Gateway.ServiceDefaults;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddServiceDefaults(WireNames.McpHub);
builder.AddHubGovernance();
builder.AddMcpHub();
builder.AddMetaTools();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapMcpHub();
app.MapInternalTools();
app.MapHubGovernance();
await app.RunAsync().ConfigureAwait(false);
