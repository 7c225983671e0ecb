using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Gateway.EndToEnd.Local;

/// <summary>
/// Steady chat requests, plain and streamed in turn. Every request has a model name of its own and is sent once only, so that each can be found
/// in the ledger and in the provider's bill.
/// </summary>
internal sealed class Load : IAsyncDisposable
{
    private const int Workers = 8;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<string, bool> _requests = new(StringComparer.Ordinal);
    private readonly string _url;
    private readonly string _key;
    private readonly Task _running;
    private int _sent;
    private int _complete;
    private int _broken;

    public Load(string gateway, string key)
    {
        (_url, _key) = (gateway + "/v1/chat/completions", key);
        _running = Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => WorkAsync()));
    }

    /// <summary>Model names sent, and whether the whole answer arrived.</summary>
    public IReadOnlyDictionary<string, bool> Requests => _requests;

    /// <summary>Answers that arrived whole.</summary>
    public int Complete => Volatile.Read(ref _complete);

    /// <summary>Requests that failed in whatever way.</summary>
    public int Broken => Volatile.Read(ref _broken);

    /// <summary>Lets those under way end and sends no more.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _http.Dispose();
        _stopping.Dispose();
    }

    private async Task WorkAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            var number = Interlocked.Increment(ref _sent);
            var stream = number % 2 == 0;
            var tokens = 2 + (number % 7);
            // Latency and pace keep some requests under way at any moment, streams in their middle among them.
            var model = string.Create(CultureInfo.InvariantCulture, $"sim-load-{number}?tokens={tokens}&latency=10&rate=200");
            var complete = await SendAsync(model, stream);
            _requests[model] = complete;
            if (complete)
            {
                Interlocked.Increment(ref _complete);
            }
            else
            {
                Interlocked.Increment(ref _broken);
                await Task.Delay(20);
            }
        }
    }

    private async Task<bool> SendAsync(string model, bool stream)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _url);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _key);
        request.Content = new StringContent(
            $$"""{"model":"{{model}}","stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"Hello {{model}}"}]}""", Encoding.UTF8, "application/json");
        try
        {
            using var response = await _http.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            return response.IsSuccessStatusCode && (stream ? text.EndsWith("data: [DONE]\n\n", StringComparison.Ordinal) : IsWhole(text));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return false;
        }
    }

    private static bool IsWhole(string text)
    {
        using var answer = JsonDocument.Parse(text);
        return answer.RootElement.TryGetProperty("usage", out _);
    }
}
