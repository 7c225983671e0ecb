using Gateway.Contracts;
using Gateway.McpHub.MetaTools;
using Gateway.McpHub.Transport;
using Gateway.ServiceDefaults;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddServiceDefaults(WireNames.McpHub);
builder.AddMcpHub();
builder.AddMetaTools();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapMcpHub();
app.MapInternalTools();
await app.RunAsync().ConfigureAwait(false);
