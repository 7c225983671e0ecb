using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Gateway.Edge.Tests.Caching;

/// <summary>A cache service that takes every question and answers none.</summary>
internal sealed class StuckService : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private StuckService(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    /// <summary>Ends when the first question is there.</summary>
    public Task Asked => _asked.Task;

    public static async Task<StuckService> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var service = new StuckService(app);
        app.Run(async http =>
        {
            service._asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return service;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
