using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Gateway.LlmSimulator.Tests;

/// <summary>A simulator and a plain HTTP client, over a real socket.</summary>
internal sealed class Client : IAsyncDisposable
{
    private readonly HttpClient _http = new();

    private Client(SimulatorHost host) => Host = host;

    public SimulatorHost Host { get; }

    public static async Task<Client> StartAsync(SimulatorOptions? options = null)
        => new(await SimulatorHost.StartAsync(options, TestContext.Current.CancellationToken));

    public static string Chat(string model, string extra = "") => "{\"model\":\"" + model + "\",\"messages\":[{\"role\":\"user\",\"content\":\"hello there\"}]" + extra + "}";

    public static string Streamed(string model, string extra = "") => Chat(model, ",\"stream\":true" + extra);

    public async Task<HttpResponseMessage> PostAsync(string path, string body, HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Host.RootUrl + path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "sk-secret");
        return await _http.SendAsync(request, completion, TestContext.Current.CancellationToken);
    }

    public async Task<JsonElement> JsonAsync(string path, string body)
    {
        using var response = await PostAsync(path, body);
        return Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public Task<JsonElement> ChatAsync(string model, string extra = "") => JsonAsync("/v1/chat/completions", Chat(model, extra));

    public async Task<JsonElement> GetAsync(string path) => Parse(await _http.GetStringAsync(new Uri(Host.RootUrl + path), TestContext.Current.CancellationToken));

    public async Task DeleteAsync(string path)
    {
        using var response = await _http.DeleteAsync(new Uri(Host.RootUrl + path), TestContext.Current.CancellationToken);
        _ = response.EnsureSuccessStatusCode();
    }

    /// <summary>The whole text of an answer.</summary>
    public async Task<string> TextAsync(string body, string path = "/v1/chat/completions")
    {
        using var response = await PostAsync(path, body);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    public static List<string> Data(string stream)
        => [.. stream.Split('\n').Select(l => l.TrimEnd('\r')).Where(l => l.StartsWith("data: ", StringComparison.Ordinal)).Select(l => l["data: ".Length..])];

    public static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    /// <summary>Sends a request on its own socket and returns every chunk that was received, until the end or the error.</summary>
    public async Task<(string Text, SocketError? Error)> RawAsync(string body, Func<string, bool>? enough = null)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var uri = new Uri(Host.RootUrl);
        await socket.ConnectAsync(uri.Host, uri.Port, TestContext.Current.CancellationToken);
        _ = await socket.SendAsync(Encoding.UTF8.GetBytes($"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}"), TestContext.Current.CancellationToken);
        var received = new MemoryStream();
        var buffer = new byte[65536];
        try
        {
            int n;
            while ((n = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken)) > 0)
            {
                received.Write(buffer, 0, n);
                if (enough?.Invoke(Encoding.UTF8.GetString(received.ToArray())) == true)
                {
                    break;
                }
            }

            return (Encoding.UTF8.GetString(received.ToArray()), null);
        }
        catch (SocketException e)
        {
            return (Encoding.UTF8.GetString(received.ToArray()), e.SocketErrorCode);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Host.DisposeAsync();
    }
}
