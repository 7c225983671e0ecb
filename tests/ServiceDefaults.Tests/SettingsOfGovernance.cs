using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Tests;

/// <summary>Governance as a service sees it that is given nothing but the settings for services. Compiled into the tests of those services.</summary>
internal sealed class SettingsOfGovernance : IAsyncDisposable
{
    private readonly HttpListener listener = new();
    private readonly Task answering;
    private volatile string level = "asStarted";

    public SettingsOfGovernance()
    {
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
        }

        listener.Prefixes.Add(Address + "/");
        listener.Start();
        answering = AnswerAsync();
    }

    public string Address { get; }

    /// <summary>The level of the settings, as it is written.</summary>
    public string Level { set => level = value; }

    /// <summary>Waits until a service says something.</summary>
    public static async Task SaysAsync(ServiceProcess service, string text)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (!service.Output.Contains(text, StringComparison.Ordinal))
        {
            await Task.Delay(20, limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        await answering;
        listener.Close();
    }

    private async Task AnswerAsync()
    {
        while (listener.IsListening)
        {
            try
            {
                var context = await listener.GetContextAsync();
                var isKnown = context.Request.RawUrl == "/internal/service-settings" && context.Request.Headers[ServiceProcess.TokenHeader] == ServiceProcess.Token;
                context.Response.StatusCode = isKnown ? 200 : 404;
                context.Response.ContentType = "application/json";
                context.Response.Close(Encoding.UTF8.GetBytes($$"""{"logLevel":"{{level}}"}"""), willBlock: false);
            }
            catch (Exception stopped) when (stopped is HttpListenerException or ObjectDisposedException)
            {
                // The test is over, or the service went away while it was told.
            }
        }
    }
}
