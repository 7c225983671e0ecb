using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Catalogue.Tests;

public sealed class OllamaProbeTests
{
    [Theory]
    [InlineData(null, "http://127.0.0.1:11434/")]
    [InlineData("", "http://127.0.0.1:11434/")]
    [InlineData("0.0.0.0", "http://127.0.0.1:11434/")]
    [InlineData("gpu-box", "http://gpu-box:11434/")]
    [InlineData("gpu-box:80", "http://gpu-box/")]
    [InlineData("127.0.0.1:9999", "http://127.0.0.1:9999/")]
    [InlineData(":9999", "http://127.0.0.1:9999/")]
    [InlineData("https://ollama.example", "https://ollama.example/")]
    [InlineData("http://gpu-box:1234/", "http://gpu-box:1234/")]
    [InlineData("not a host", "http://127.0.0.1:11434/")]
    public void OLLAMA_HOST_is_read_as_Ollama_reads_it(string? value, string expected)
        => Assert.Equal(expected, OllamaProbe.BaseUri(_ => value).AbsoluteUri);

    [Fact]
    public async Task Models_become_deployments_and_routes()
    {
        await using var server = new OneAnswerServer("""{"models":[{"name":"llama3.2:latest","size":1},{"name":"qwen3:8b"},{"name":"big:671b-cloud"}]}""");

        var found = await OllamaProbe.TryDetectAsync(Client, server.Address, TestContext.Current.CancellationToken);

        Assert.NotNull(found);
        Assert.Equal(server.Address.AbsoluteUri + "v1", Assert.Single(found.Providers).BaseUrl);
        Assert.Equal(["ollama/llama3.2:latest", "ollama/qwen3:8b", "ollama/big:671b-cloud", "ollama/*"], found.Deployments.Select(d => d.Id));
        Assert.Equal(["llama3.2:latest", "qwen3:8b", "big:671b-cloud", "ollama/*", "llama3.2"], found.Routes.Select(r => r.Name));
        Assert.Equal("local", found.Deployments[0].Price!.Version);
        Assert.Null(found.Deployments[2].Price);
        Assert.StartsWith("GET /api/tags ", server.Request, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{\"models\":3}")]
    [InlineData("{\"models\":[")]
    public async Task Something_else_on_the_port_is_not_Ollama(string body)
    {
        await using var server = new OneAnswerServer(body);

        Assert.Null(await OllamaProbe.TryDetectAsync(Client, server.Address, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Nobody_there_is_null()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        Assert.Null(await OllamaProbe.TryDetectAsync(Client, new Uri($"http://127.0.0.1:{port}"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_server_that_never_answers_is_given_up_on()
    {
        await using var server = new OneAnswerServer(body: null);

        Assert.Null(await OllamaProbe.TryDetectAsync(Client, server.Address, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Cancellation_by_the_caller_is_not_swallowed()
    {
        await using var server = new OneAnswerServer(body: null);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => OllamaProbe.TryDetectAsync(Client, server.Address, cancelled.Token));
    }

    private static readonly HttpClient Client = new(new SocketsHttpHandler { UseProxy = false });

    /// <summary>Answers one connection with a body, or accepts it and says nothing.</summary>
    private sealed class OneAnswerServer : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _loop;

        public OneAnswerServer(string? body)
        {
            _listener.Start();
            Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
            _loop = ServeAsync(body);
        }

        public Uri Address { get; }

        public string Request { get; private set; } = "";

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _listener.Stop();
            await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _stop.Dispose();
            _listener.Dispose();
        }

        private async Task ServeAsync(string? body)
        {
            using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
            await using var stream = client.GetStream();
            var buffer = new byte[4096];
            var read = await stream.ReadAsync(buffer, _stop.Token);
            Request = Encoding.ASCII.GetString(buffer, 0, read);
            if (body is null)
            {
                await Task.Delay(System.Threading.Timeout.Infinite, _stop.Token);
            }

            await stream.WriteAsync(
                Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body!)}\r\nConnection: close\r\n\r\n{body}"),
                _stop.Token);
        }
    }
}
