using System.Globalization;
using System.Text;
using Gateway.Edge.Configuration;
using Gateway.Edge.Hosting;
using Gateway.Edge.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Benchmarks;

/// <summary>The edge, alone on a file with as many keys, teams and routes as asked for, in this process.</summary>
internal sealed class Installation(WebApplication app) : IAsyncDisposable
{
    public IServiceProvider Services => app.Services;

    public GatewayModel Model => app.Services.GetRequiredService<RuntimeHolder>().Current!;

    public static string KeyValue(int i) => string.Create(CultureInfo.InvariantCulture, $"gw-bench-{i:00000}-000000000000000000000000000000000000000");

    public static async Task<Installation> StartAsync(string folder, int keys, int teams, int routes)
    {
        var file = Path.Combine(folder, "gateway.yaml");
        await File.WriteAllTextAsync(file, Yaml(keys, teams, routes));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Gateway:DataDirectory"] = folder, ["Logging:LogLevel:Default"] = "Error" });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var loaded = GatewayFile.Load(file);
        if (loaded.Errors.Count > 0)
        {
            throw new InvalidOperationException(string.Join('\n', loaded.Errors));
        }

        var app = EdgeApp.Build(builder, EdgeOptions.Read(file, loaded, builder.Configuration));
        await app.StartAsync();
        return new Installation(app);
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }

    // Each key under a budget and limits of its own and of its team: four accounts of money and four counters for each request.
    private static string Yaml(int keys, int teams, int routes)
    {
        var yaml = new StringBuilder("""
            version: 1
            autoProviders: false
            demo: false
            providers: { p: { baseUrl: "http://127.0.0.1:9/v1", apiKey: sk-none-000000000000 } }
            deployments: { d: { provider: p, model: m, price: { version: b, inputPerMillion: 1, outputPerMillion: 2 } } }
            budgets: { k: { limitUsd: 1000000000, window: month }, t: { windows: [ { limitUsd: 1000000000, unit: day }, { limitUsd: 1000000000, unit: month }, { limitUsd: 1000000000, unit: hour, rolling: true } ] } }

            """);
        yaml.Append("routes:\n");
        for (var i = 0; i < routes; i++)
        {
            yaml.Append(CultureInfo.InvariantCulture, $"  route-{i:000}: {{ targets: [ d ] }}\n");
        }

        yaml.Append("teams:\n");
        for (var i = 0; i < teams; i++)
        {
            yaml.Append(CultureInfo.InvariantCulture, $"  team-{i:0000}: {{ name: Team, budgets: [t], limits: {{ requestsPerMinute: 1000000000, tokensPerMinute: 1000000000000 }} }}\n");
        }

        yaml.Append("keys:\n");
        for (var i = 0; i < keys; i++)
        {
            yaml.Append(CultureInfo.InvariantCulture, $"  key-{i:00000}: {{ value: {KeyValue(i)}, team: team-{i % teams:0000}, budgets: [k], limits: {{ requestsPerMinute: 1000000000, tokensPerMinute: 1000000000000 }} }}\n");
        }

        return yaml.ToString();
    }
}
