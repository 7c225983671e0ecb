using Gateway.Contracts;
using Gateway.Governance;
using Gateway.ServiceDefaults;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddServiceDefaults(WireNames.Governance);
builder.AddGovernance();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapGovernance();
await app.RunAsync().ConfigureAwait(false);
