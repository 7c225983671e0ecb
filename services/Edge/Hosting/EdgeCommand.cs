using System.CommandLine;

namespace Gateway.Edge.Hosting;

/// <summary>The command line of the edge.</summary>
internal static class EdgeCommand
{
    public static RootCommand Create(Func<string?, CancellationToken, Task<int>> run)
    {
        var config = new Option<string?>("--config")
        {
            Description = "Run alone on this YAML file, with no other service. Every key is in docs/configuration.md, an example in docs/gateway.example.yaml. Without it the edge needs governance (services__governance__http__0), as the AppHost sets it up.",
            HelpName = "FILE",
        };
        var command = new RootCommand("The data plane of the gateway: OpenAI-compatible API with virtual keys, limits, budgets, routing and failover. Gateway__Port sets the port (8080), Gateway__DataDirectory the folder for state (.gateway).")
        {
            config,
        };
        command.SetAction((result, cancellation) => run(result.GetValue(config), cancellation));
        return command;
    }
}
