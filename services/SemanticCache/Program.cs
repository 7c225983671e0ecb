using Gateway.Contracts;
using Gateway.SemanticCache.Api;
using Gateway.SemanticCache.Hosting;
using Gateway.ServiceDefaults;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddServiceDefaults(WireNames.SemanticCache);
builder.AddSemanticCache();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapSemanticCache();
await app.RunAsync().ConfigureAwait(false);
