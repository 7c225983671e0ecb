using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gateway.Contracts.Configuration;
using Gateway.ControlPlane;
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

    public static async Task<Installation> StartAsync(string folder, int keys, int teams, int routes, Func<GatewaySnapshot, GatewaySnapshot>? change = null)
    {
        Directory.CreateDirectory(folder);
        change ??= static s => s;
        var file = Path.Combine(folder, "gateway.yaml");
        await File.WriteAllTextAsync(file, "version: 1\nautoProviders: false\ndemo: false\n");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Gateway:DataDirectory"] = folder, ["Logging:LogLevel:Default"] = "Error" });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = EdgeApp.Build(builder, EdgeOptions.Read(file, GatewayFile.Load(file), builder.Configuration));
        await app.StartAsync();
        var problems = app.Services.GetRequiredService<ISnapshotSink>().Apply(change(Snapshot(keys, teams, routes)));
        return problems.Count == 0 ? new Installation(app) : throw new InvalidOperationException(string.Join('\n', problems));
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }

    // Each key under a budget and limits of its own and of its team: four accounts of money and four counters for each request.
    private static GatewaySnapshot Snapshot(int keys, int teams, int routes)
    {
        const long Plenty = 1_000_000_000_000_000;
        var limits = new RateLimitEntry { RequestsPerMinute = 1_000_000_000, TokensPerMinute = 1_000_000_000_000 };
        BudgetWindowEntry Window(BudgetWindow unit, bool rolling = false) => new() { LimitNanoUsd = Plenty, Unit = unit, Rolling = rolling };
        return new GatewaySnapshot
        {
            Version = long.MaxValue / 2,
            Providers = [new ProviderEntry { Id = "p", BaseUrl = "http://127.0.0.1:9/v1" }],
            Deployments = [new DeploymentEntry { Id = "d", ProviderId = "p", Model = "m", Price = new PriceEntry { Version = "b", InputPerMillion = 1_000_000_000, OutputPerMillion = 2_000_000_000 } }],
            Routes = [.. Enumerable.Range(0, routes).Select(static i => new RouteEntry { Name = Name("route", i), Targets = [new RouteTarget { DeploymentId = "d" }] })],
            Budgets =
            [
                new BudgetEntry { Id = "k", Name = "k", LimitNanoUsd = Plenty, Window = BudgetWindow.Month },
                new BudgetEntry { Id = "t", Name = "t", Windows = [Window(BudgetWindow.Day), Window(BudgetWindow.Month), Window(BudgetWindow.Hour, rolling: true)] },
            ],
            Teams = [.. Enumerable.Range(0, teams).Select(i => new TeamEntry { Id = Name("team", i), Name = "Team", BudgetIds = ["t"], Limits = limits })],
            Keys =
            [
                .. Enumerable.Range(0, keys).Select(i => new VirtualKeyEntry
                {
                    Id = Name("key", i),
                    Name = "Key",
                    Sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(KeyValue(i)))),
                    TeamId = Name("team", i % teams),
                    BudgetIds = ["k"],
                    Limits = limits,
                }),
            ],
        };
    }

    private static string Name(string kind, int i) => string.Create(CultureInfo.InvariantCulture, $"{kind}-{i:00000}");
}
