using Gateway.Contracts;
using Gateway.McpHub.Transport;
using Gateway.ServiceDefaults;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddServiceDefaults(WireNames.McpHub);
Gateway.McpHub.ControlPlane.HubGovernance.AddHubGovernance(builder);
builder.AddMcpHub();

var app = builder.Build();
app.MapDefaultEndpoints();
Gateway.McpHub.ControlPlane.HubGovernance.MapHubGovernance(app);
app.MapMcpHub();
await app.RunAsync().ConfigureAwait(false);
