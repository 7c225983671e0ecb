using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Gateway.Chaos.Running;

/// <summary>The admin API of a governance that may be down.</summary>
internal sealed class AdminClient : IDisposable
{
    private readonly HttpClient _http;

    public AdminClient(Uri governance, string adminKey)
    {
        _http = new HttpClient { BaseAddress = new Uri(governance, "/api/"), Timeout = TimeSpan.FromSeconds(30) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", adminKey);
    }

    /// <exception cref="InvalidOperationException">It was refused.</exception>
    public async Task<JsonNode> SendAsync(HttpMethod method, string path, object? body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await _http.SendAsync(request, cancellation).ConfigureAwait(false);
        var text = await response.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false);
        return response.IsSuccessStatusCode ? JsonNode.Parse(text.Length == 0 ? "{}" : text)! : throw new InvalidOperationException($"{method} /api/{path}: {(int)response.StatusCode} {text}");
    }

    public Task<JsonNode> PostAsync(string path, object body, CancellationToken cancellation) => SendAsync(HttpMethod.Post, path, body, cancellation);

    /// <summary>Null when governance does not answer.</summary>
    public async Task<JsonNode?> TryGetAsync(string path, CancellationToken cancellation)
    {
        try
        {
            return await SendAsync(HttpMethod.Get, path, null, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidOperationException || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }

    public void Dispose() => _http.Dispose();
}
