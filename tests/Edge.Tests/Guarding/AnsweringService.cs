using System.Globalization;
using System.Text;
using Gateway.Edge.Guarding.Remote;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gateway.Edge.Tests.Guarding;

/// <summary>A service that says always the same.</summary>
internal sealed class AnsweringService(WebApplication app, List<ServiceCall> calls) : IAsyncDisposable
{
    public string Address => app.Urls.First();

    public IReadOnlyList<ServiceCall> Calls
    {
        get
        {
            lock (calls)
            {
                return [.. calls];
            }
        }
    }

    public static async Task<AnsweringService> StartAsync(string answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var calls = new List<ServiceCall>();
        app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync(context.RequestAborted);
            lock (calls)
            {
                calls.Add(new ServiceCall(context.Request.Path, body, context.Request.Headers.ToDictionary(static h => h.Key.ToLowerInvariant(), static h => h.Value.ToString())));
            }

            if (answer == "never")
            {
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }

            context.Response.StatusCode = answer is "500" or "429" ? int.Parse(answer, CultureInfo.InvariantCulture) : 200;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(answer, context.RequestAborted);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new AnsweringService(app, calls);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}

/// <summary>A call of a service.</summary>
internal sealed record ServiceCall(string Path, string Body, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The secret, when the call is signed with it.</summary>
    public string Signing(string secret) =>
        Headers[WebhookAdapter.SignatureHeader] == WebhookAdapter.Signature(secret, Headers[WebhookAdapter.TimeHeader], Encoding.UTF8.GetBytes(Body)) && long.Parse(Headers[WebhookAdapter.TimeHeader], CultureInfo.InvariantCulture) > 0 ? secret : "";
}
