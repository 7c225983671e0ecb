using System.Collections.Concurrent;
using System.Threading.Channels;
using Gateway.Contracts;
using Gateway.Contracts.Cache;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Gateway.Edge.Tests.Caching;

/// <summary>A cache service that finds nothing, and says so when the test lets it.</summary>
internal sealed class LateService : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<(TaskCompletionSource Go, TaskCompletionSource Gone)> _asked = Channel.CreateUnbounded<(TaskCompletionSource, TaskCompletionSource)>();
    private readonly ConcurrentDictionary<string, bool> _connections = new();

    private int _stores;

    private LateService(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    /// <summary>Connections that look-ups came on.</summary>
    public int Connections => _connections.Count;

    /// <summary>Look-ups that wait for an answer.</summary>
    public int Asked => _asked.Reader.Count;

    /// <summary>Answers that it was told.</summary>
    public int Stores => Volatile.Read(ref _stores);

    public static async Task<LateService> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var service = new LateService(app);
        app.Run(service.ServeAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return service;
    }

    /// <summary>Answers the next look-up.</summary>
    public async Task AnswerAsync()
    {
        var (go, gone) = await _asked.Reader.ReadAsync(TestContext.Current.CancellationToken);
        go.SetResult();
        await gone.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ServeAsync(HttpContext http)
    {
        if (http.Request.Path != "/v1/lookup")
        {
            Interlocked.Increment(ref _stores);
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        _connections[http.Connection.Id] = true;
        var (go, gone) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await _asked.Writer.WriteAsync((go, gone));
        await go.Task;
        await http.Response.WriteAsJsonAsync(new CacheLookupResponse { Outcome = CacheOutcome.Miss }, ContractsJson.Default.CacheLookupResponse);
        await http.Response.CompleteAsync();
        gone.SetResult();
    }
}
