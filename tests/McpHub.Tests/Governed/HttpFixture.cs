using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.McpHub.Tests.Governed;

/// <summary>A small HTTP server of a test.</summary>
internal abstract class HttpFixture : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private WebApplication? app;

    public string Address { get; private set; } = "";

    protected CancellationToken Stopping => stopping.Token;

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
            var (status, body) = await AnswerAsync(context.Request, await reader.ReadToEndAsync(context.RequestAborted));
            context.Response.StatusCode = status;
            if (body is not null)
            {
                context.Response.ContentType = "application/json";
                await context.Response.Body.WriteAsync(body, context.RequestAborted);
            }
        });
        await app.StartAsync();
        Address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        if (app is not null)
        {
            using var now = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            await app.StopAsync(now.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await app.DisposeAsync();
        }

        stopping.Dispose();
    }

    /// <summary>Status and body of an answer; a null body for none.</summary>
    protected abstract Task<(int Status, byte[]? Body)> AnswerAsync(HttpRequest request, string body);
}
