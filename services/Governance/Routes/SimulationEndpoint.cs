using Gateway.Governance.Audit;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Governance.Providers;

namespace Gateway.Governance.Routes;

/// <summary><c>POST /api/routes/simulate</c>.</summary>
internal static class SimulationEndpoint
{
    private const int MostPairs = 100;
    private const int ValueLength = 2_000;

    public static void MapSimulation(this RouteGroupBuilder group) => group.MapPost("/simulate", async (HttpContext context, ConfigStore store, OverlayService overlay, RouteSimulator simulator) =>
        {
            var (body, refused) = await RequestBody.ReadAsync(context).ConfigureAwait(false);
            if (refused is not null)
            {
                return refused.ToResult();
            }

            var errors = new FieldErrors();
            var config = new EffectiveConfig(await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false), overlay.Current);
            var input = Read(new ObjectReader(body, "", errors));
            VirtualKeyEntry? key = null;
            if (input.KeyId is { } id)
            {
                key = config.Stored.Keys.TryGetValue(id, out var stored) ? stored.Value.Entry : null;
                if (key is null)
                {
                    errors.Add("keyId", $"names no key: there is no '{id}'.");
                }
            }

            return errors.Any ? Problem.Invalid(errors.All).ToResult() : Results.Json(simulator.Run(config, input, key), SimulationJson.Default.Simulation);
        })
        .NotAudited()
        .WithName("simulateRoute")
        .WithSummary("Says where a request would go and why, with the health that edges have reported. Nothing is called.")
        .Accepts<SimulationInput>("application/json")
        .Produces<Simulation>().Refuses(400, 413, 415)
        .Access("route", AccessAction.Run);

    private static SimulationInput Read(ObjectReader reader)
    {
        var input = new SimulationInput
        {
            Model = reader.Text("model", required: true, Formats.ModelLength) ?? "",
            KeyId = reader.Text("keyId", required: false, Formats.IdLength),
            Headers = reader.TextMap("headers", MostPairs, ValueLength, static (_, _) => null),
            Metadata = reader.TextMap("metadata", MostPairs, ValueLength, static (_, _) => null),
            User = reader.Text("user", required: false, ValueLength),
            Operation = reader.Text("operation", required: false, 64) ?? "chat",
            Stream = reader.Boolean("stream", false),
            Tokens = reader.Integer("tokens", 0, 1_000_000_000L) ?? 0,
            MaxTokens = reader.Integer("maxTokens", 0, 1_000_000_000L) ?? 0,
            BudgetUsed = reader.Integer("budgetUsed", 0, 100L) ?? 0,
            Time = reader.Instant("time"),
        };
        reader.Close();
        return input;
    }
}
