using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Gateway.Governance.Tests.Support;

/// <summary>Answers <c>/api/tags</c> as an Ollama with one model does.</summary>
internal sealed class FakeOllama : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeOllama(WebApplication app) => _app = app;

    public string Host => new Uri(_app.Urls.First()).Authority;

    public static async Task<FakeOllama> StartAsync(CancellationToken cancellation)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapGet("/api/tags", () => Microsoft.AspNetCore.Http.Results.Text("""{"models":[{"name":"llama3.2:1b","model":"llama3.2:1b"}]}""", "application/json"));
        await app.StartAsync(cancellation);
        return new FakeOllama(app);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
