using System.Globalization;
using System.Net.Http.Headers;
using Gateway.Contracts;
using Gateway.Contracts.Configuration;
using Gateway.Governance;
using Gateway.Governance.Entries;
using Gateway.Governance.Storage;
using Gateway.ServiceDefaults;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Gateway.LedgerBenchmark;

/// <summary>Governance on a port of its own in this process, composed as in its Program.cs.</summary>
internal sealed class Service : IAsyncDisposable
{
    private const string Token = "internal-token-of-the-benchmark";
    private readonly WebApplication _app;

    private Service(WebApplication app)
    {
        _app = app;
        var address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Admin = new HttpClient { BaseAddress = address };
        Internal = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(10) };
        Internal.DefaultRequestHeaders.Add(WireNames.InternalTokenHeader, Token);
    }

    public HttpClient Admin { get; }

    public HttpClient Internal { get; }

    public Database Database => Of<Database>();

    /// <summary>A part of the service.</summary>
    public T Of<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public static async Task<Service> StartAsync(string folder, string? postgres, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.Configuration.Sources.Clear();
        _ = builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            [WireNames.DataDirectoryKey] = folder,
            [WireNames.InternalTokenKey] = Token,
            [$"ConnectionStrings:{WireNames.PostgresConnection}"] = postgres,
            ["OLLAMA_HOST"] = "127.0.0.1:1",

            // The year's bodies must not be past their time.
            ["Gateway:RequestLog:DetailDays"] = "0",
            ["Gateway:RequestLog:BodyDays"] = "0",
        });
        _ = builder.AddServiceDefaults(WireNames.Governance);
        builder.AddGovernance();
        _ = builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.None);
        _ = builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        _ = app.MapDefaultEndpoints();
        app.MapGovernance();
        await app.StartAsync(cancellation).ConfigureAwait(false);
        var service = new Service(app);
        while (true)
        {
            using var answer = await service.Admin.GetAsync(new Uri("/api/status", UriKind.Relative), cancellation).ConfigureAwait(false);
            if ((int)answer.StatusCode == 401)
            {
                break;
            }

            await Task.Delay(50, cancellation).ConfigureAwait(false);
        }

        var key = await File.ReadAllTextAsync(Path.Combine(folder, WireNames.AdminKeyFile), cancellation).ConfigureAwait(false);
        service.Admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Trim());
        return service;
    }

    /// <summary>Budgets that are never used up, each with one monthly window.</summary>
    public async Task PutBudgetsAsync(int count, CancellationToken cancellation)
    {
        var writes = Enumerable.Range(0, count).Select(BudgetOf).Select(b => EntryWrite.Put(EntryKinds.Budget, b.Id, b, StoredJson.Default.BudgetEntry)).ToList();
        _ = await _app.Services.GetRequiredService<ConfigStore>().ChangeAsync(_ => ConfigChange.Of(writes), cancellation).ConfigureAwait(false);
    }

    /// <summary>The virtual keys whose usage the year has; those that are there stay.</summary>
    public async Task PutKeysAsync(int count, CancellationToken cancellation)
    {
        for (var i = 0; i < count; i++)
        {
            using var answer = await Admin.PostAsJsonAsync(new Uri("/api/keys", UriKind.Relative), new { id = string.Create(CultureInfo.InvariantCulture, $"key-{i}"), name = string.Create(CultureInfo.InvariantCulture, $"Key {i}") }, cancellation).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode && (int)answer.StatusCode != 409)
            {
                _ = answer.EnsureSuccessStatusCode();
            }
        }
    }

    public static string BudgetId(int number) => string.Create(CultureInfo.InvariantCulture, $"budget-{number}");

    public async ValueTask DisposeAsync()
    {
        Admin.Dispose();
        Internal.Dispose();
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    private static BudgetEntry BudgetOf(int number) => new() { Id = BudgetId(number), Name = BudgetId(number), LimitNanoUsd = 1_000_000_000_000_000, Window = BudgetWindow.Month };
}
