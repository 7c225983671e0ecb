using System.Net.Http.Headers;
using System.Numerics.Tensors;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Contracts.Cache;
using Gateway.ServiceDefaults.Resilience;

namespace Gateway.SemanticCache.Embedding;

/// <summary>Any OpenAI-compatible embeddings endpoint, the gateway's own routes included.</summary>
internal sealed class EndpointSource(HttpClient http, string model, string key, int dimensions, int timeoutMilliseconds, int concurrency, TimeProvider time) : IEmbeddingSource, IDisposable
{
    // Far above any window: what an endpoint cuts off it does not tell, so long texts are not sent.
    private const int MaxLength = 8000;
    private const int MaxAnswerBytes = 1024 * 1024;

    private readonly Circuit _circuit = new(time);
    private readonly SemaphoreSlim _places = new(concurrency, concurrency);

    public string Id => $"{http.BaseAddress}{model}";

    public int Dimensions => dimensions;

    public bool IsBuiltIn => false;

    public string? Obstacle(string text) => null;

    public async ValueTask<EmbeddedText> EmbedAsync(string text, CancellationToken cancellationToken)
    {
        if (!await _places.WaitAsync(0, CancellationToken.None))
        {
            return new EmbeddedText(null, false, CacheReasons.Busy);
        }

        try
        {
            return _circuit.TryEnter() ? await AskAsync(text, cancellationToken) : new EmbeddedText(null, false, CacheReasons.EmbeddingUnavailable);
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose()
    {
        _places.Dispose();
        http.Dispose();
    }

    private async ValueTask<EmbeddedText> AskAsync(string text, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromMilliseconds(timeoutMilliseconds));
        var cut = text.Length > MaxLength;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "embeddings")
            {
                Content = JsonContent.Create(new EmbeddingQuestion(model, [cut ? text[..MaxLength] : text]), EmbeddingJson.Default.EmbeddingQuestion),
            };
            if (key.Length > 0)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            }

            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            response.EnsureSuccessStatusCode();
            if (response.Content.Headers.ContentLength > MaxAnswerBytes)
            {
                throw new HttpRequestException("The answer is too large.");
            }

            var answer = await response.Content.ReadFromJsonAsync(EmbeddingJson.Default.EmbeddingAnswer, limit.Token);
            _circuit.Succeeded();
            return answer?.Data is [{ Embedding: { } vector }] && vector.Length == dimensions && Unit(vector)
                ? new EmbeddedText(vector, cut)
                : new EmbeddedText(null, false, CacheReasons.EmbeddingUnavailable);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or OperationCanceledException)
        {
            // A caller that had no time to wait says nothing about the endpoint.
            if (!cancellationToken.IsCancellationRequested)
            {
                _circuit.Failed();
                return new EmbeddedText(null, false, CacheReasons.EmbeddingUnavailable);
            }

            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
    }

    private static bool Unit(float[] vector)
    {
        var norm = TensorPrimitives.Norm<float>(vector);
        if (!float.IsFinite(norm) || norm == 0)
        {
            return false;
        }

        TensorPrimitives.Divide(vector, norm, vector);
        return true;
    }
}

internal sealed record EmbeddingQuestion(string Model, string[] Input);

internal sealed record EmbeddingAnswer(EmbeddingDatum[]? Data);

internal sealed record EmbeddingDatum(float[]? Embedding);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(EmbeddingQuestion))]
[JsonSerializable(typeof(EmbeddingAnswer))]
internal sealed partial class EmbeddingJson : JsonSerializerContext;
