using Gateway.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;

namespace Gateway.ServiceDefaults.Tests;

/// <summary>A service as the real ones are, on a real socket of its own.</summary>
internal sealed class TestService : IAsyncDisposable
{
    private TestService(WebApplication app) => App = app;

    public WebApplication App { get; }

    /// <summary>Makes no spans of its own.</summary>
    public HttpClient Client { get; } = new(new SocketsHttpHandler { UseProxy = false, ActivityHeadersPropagator = null });

    public static async Task<TestService> StartAsync(
        Dictionary<string, string?>? settings = null, Action<WebApplicationBuilder>? build = null, Action<WebApplication>? map = null)
    {
        var builder = Builder(settings);
        build?.Invoke(builder);
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapDefaultEndpoints();
        map?.Invoke(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        var service = new TestService(app);
        service.Client.BaseAddress = new Uri(app.Urls.Single());
        return service;
    }

    public static WebApplicationBuilder Builder(Dictionary<string, string?>? settings = null, string environment = "Production")
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Configuration.AddInMemoryCollection([new("Logging:Console:LogLevel:Default", "None"), .. settings ?? []]);
        builder.AddServiceDefaults(WireNames.Edge);
        return builder;
    }

    public Task<string> GetAsync(string path) => Client.GetStringAsync(path, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await App.StopAsync(now.Token);
        await App.DisposeAsync();
    }
}
