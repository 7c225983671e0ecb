using Gateway.Contracts;
using Gateway.McpHub.Transport;
using Gateway.ServiceDefaults;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddServiceDefaults(WireNames.McpHub);
builder.AddMcpHub();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapMcpHub();
await app.RunAsync().ConfigureAwait(false);
