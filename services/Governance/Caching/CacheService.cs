using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gateway.Contracts;
using Gateway.Governance.Api;
using Gateway.ServiceDefaults.Discovery;

namespace Gateway.Governance.Caching;

/// <summary>Asks the semantic cache service. What it does not do becomes a problem for the caller, never a fault.</summary>
internal sealed class CacheService(IServiceClients clients, IConfiguration configuration)
{
    private static readonly TimeSpan _most = TimeSpan.FromSeconds(10);

    /// <summary>True where the service's address is known.</summary>
    public bool IsThere { get; } =
        configuration.GetSection($"services:{WireNames.SemanticCache}").Exists() || configuration["SEMANTICCACHE_HTTP"] is not null || configuration["SEMANTICCACHE_HTTPS"] is not null;

    /// <summary>Reads something.</summary>
    public Task<(T? Answer, Problem? Refused)> GetAsync<T>(string address, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class
        => SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(address, UriKind.Relative)), type, cancellation);

    /// <summary>Asks with a body.</summary>
    public Task<(TAnswer? Answer, Problem? Refused)> PostAsync<TBody, TAnswer>(string address, TBody body, JsonTypeInfo<TBody> from, JsonTypeInfo<TAnswer> to, CancellationToken cancellation)
        where TAnswer : class
        => SendAsync(new HttpRequestMessage(HttpMethod.Post, new Uri(address, UriKind.Relative)) { Content = JsonContent.Create(body, from) }, to, cancellation);

    private async Task<(T? Answer, Problem? Refused)> SendAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class
    {
        using var sent = request;
        if (!IsThere)
        {
            return (null, new Problem
            {
                Status = 404, Title = "There is no semantic cache.", Code = "no_cache_service",
                Detail = "This installation runs without the cache service. Start it, and set services__semanticcache__http__0 of governance and edges to its address.",
            });
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        end.CancelAfter(_most);
        try
        {
            using var response = await clients.Get(WireNames.SemanticCache).SendAsync(sent, end.Token).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
            {
                return (await response.Content.ReadFromJsonAsync(type, end.Token).ConfigureAwait(false), null);
            }

            var said = await DetailAsync(response, end.Token).ConfigureAwait(false);
            return (null, response.StatusCode switch
            {
                HttpStatusCode.NotFound => new Problem { Status = 404, Title = "There is no such entry.", Code = "not_found", Detail = "The cache has no such entry: it may have expired or made room for another." },
                HttpStatusCode.BadRequest => new Problem { Status = 400, Title = "The cache cannot do this as asked.", Code = "invalid_cache_request", Detail = said },
                _ => Unavailable(said),
            });
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or IOException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return (null, Unavailable(null));
        }
    }

    private static Problem Unavailable(string? said) => new()
    {
        Status = 503, Title = "The cache service does not answer.", Code = "cache_unavailable", Detail = said ?? "Requests go on without it. Look at its log, and try again.",
    };

    private static async Task<string?> DetailAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
            using var problem = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false), cancellationToken: cancellation).ConfigureAwait(false);
            return problem.RootElement.ValueKind == JsonValueKind.Object && problem.RootElement.TryGetProperty("detail", out var detail) ? detail.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
