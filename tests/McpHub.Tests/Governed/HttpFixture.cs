using System.Net;
using System.Text;

namespace Gateway.McpHub.Tests.Governed;

/// <summary>A small HTTP server of a test.</summary>
internal abstract class HttpFixture : IAsyncDisposable
{
    private readonly HttpListener listener = new();
    private readonly CancellationTokenSource stopping = new();
    private Task serving = Task.CompletedTask;

    public string Address { get; private set; } = "";

    protected CancellationToken Stopping => stopping.Token;

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Close();
        await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
    }

    protected void Listen()
    {
        for (var attempt = 0; ; attempt++)
        {
            Address = $"http://127.0.0.1:{Random.Shared.Next(20_000, 60_000)}";
            listener.Prefixes.Clear();
            listener.Prefixes.Add(Address + "/");
            try
            {
                listener.Start();
                break;
            }
            catch (HttpListenerException) when (attempt < 20)
            {
                // The port is somebody else's.
            }
        }

        serving = ServeAsync();
    }

    /// <summary>Status and body of an answer; a null body for none.</summary>
    protected abstract Task<(int Status, byte[]? Body)> AnswerAsync(HttpListenerRequest request, string body);

    private async Task ServeAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            _ = HandleAsync(await listener.GetContextAsync());
        }
    }

    private async Task HandleAsync(HttpListenerContext context)
    {
        try
        {
            using var response = context.Response;
            using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
            var (status, body) = await AnswerAsync(context.Request, await reader.ReadToEndAsync());
            response.StatusCode = status;
            if (body is not null)
            {
                response.ContentType = "application/json";
                await response.OutputStream.WriteAsync(body);
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or OperationCanceledException)
        {
            // Whoever asked has gone, or the test is over.
        }
    }
}
