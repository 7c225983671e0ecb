using Gateway.Contracts;
using Gateway.Guardrails.Checks;
using Gateway.ServiceDefaults;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddServiceDefaults(WireNames.Guardrails);
builder.AddGuardrails();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapGuardrails();
await app.RunAsync().ConfigureAwait(false);
