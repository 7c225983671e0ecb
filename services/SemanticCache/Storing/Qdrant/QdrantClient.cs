using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gateway.Contracts.Cache;
using Gateway.ServiceDefaults.Resilience;

namespace Gateway.SemanticCache.Storing.Qdrant;

/// <summary>
/// The part of Qdrant's REST API that the cache needs. What fails is a <see cref="StoreFault"/>; a server that fails is left alone for a while. Written against
/// recordings of 1.19.0; before 1.10 there is no <c>points/query</c>, and the older <c>points/search</c> is asked instead.
/// </summary>
internal sealed class QdrantClient(HttpClient http, string key, int timeoutMilliseconds, TimeProvider time)
{
    private const int MaxAnswerBytes = 64 * 1024 * 1024;

    private readonly Circuit _circuit = new(time);
    private bool _old;

    /// <summary>Connections are dropped before the server does it, which is after five idle seconds.</summary>
    public static SocketsHttpHandler Handler() => new()
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(3),
    };

    public async Task<QdrantCollection?> CollectionAsync(string name, CancellationToken cancellationToken)
    {
        var (status, answer) = await SendAsync(HttpMethod.Get, $"collections/{name}", null, QdrantJson.Default.QdrantAnswerQdrantCollection, cancellationToken);
        return status == HttpStatusCode.NotFound ? null : answer?.Result ?? throw Odd("a collection without a description");
    }

    /// <summary>Makes a collection; one that another instance has just made is as good.</summary>
    public async Task CreateAsync(string name, int dimensions, CancellationToken cancellationToken)
    {
        var body = new QdrantCreate
        {
            Vectors = new QdrantVectors { Size = dimensions, Distance = "Cosine" },
            HnswConfig = new QdrantHnsw { M = 0, PayloadM = 16 },
            QuantizationConfig = new QdrantQuantization { Scalar = new QdrantScalar { Type = "int8", Quantile = 0.99, AlwaysRam = true } },
        };
        await SendAsync(
            HttpMethod.Put, $"collections/{name}", Body(body, QdrantJson.Default.QdrantCreate), QdrantJson.Default.QdrantAnswerBoolean, cancellationToken, HttpStatusCode.Conflict);
    }

    public Task IndexAsync(string name, string field, string schema, bool tenant, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Put,
        $"collections/{name}/index?wait=true",
        Body(new QdrantIndex { FieldName = field, FieldSchema = new QdrantSchema { Type = schema, IsTenant = tenant ? true : null } }, QdrantJson.Default.QdrantIndex),
        QdrantJson.Default.QdrantAnswerQdrantUpdate,
        cancellationToken);

    public Task UpsertAsync(string name, QdrantPoint point, CancellationToken cancellationToken)
        => UpdateAsync(HttpMethod.Put, $"collections/{name}/points?wait=true", Body(new QdrantUpsert { Points = [point] }, QdrantJson.Default.QdrantUpsert), cancellationToken);

    public async Task<IReadOnlyList<QdrantPoint>> QueryAsync(string name, float[] vector, QdrantFilter filter, int limit, CancellationToken cancellationToken)
    {
        if (!Volatile.Read(ref _old))
        {
            var body = new QdrantQuery { Query = vector, Filter = filter, Limit = limit, WithPayload = true, WithVector = true };
            var (status, answer) = await SendAsync(
                HttpMethod.Post, $"collections/{name}/points/query", Body(body, QdrantJson.Default.QdrantQuery), QdrantJson.Default.QdrantAnswerQdrantPoints, cancellationToken);
            if (status != HttpStatusCode.NotFound)
            {
                return answer?.Result?.Points ?? throw Odd("a query without points");
            }

            // No such collection, or no such address: an older server says which when it is asked its way.
        }

        var older = new QdrantSearch { Vector = vector, Filter = filter, Limit = limit, WithPayload = true, WithVector = true };
        var (found, list) = await SendAsync(
            HttpMethod.Post, $"collections/{name}/points/search", Body(older, QdrantJson.Default.QdrantSearch), QdrantJson.Default.QdrantAnswerListQdrantPoint, cancellationToken);
        if (found == HttpStatusCode.NotFound)
        {
            return [];
        }

        Volatile.Write(ref _old, true);
        return list?.Result ?? throw Odd("a search without points");
    }

    public async Task<QdrantPoint?> GetAsync(string name, Guid id, CancellationToken cancellationToken)
    {
        var body = new QdrantRetrieve { Ids = [id.ToString("D")], WithPayload = true, WithVector = true };
        var (_, answer) = await SendAsync(
            HttpMethod.Post, $"collections/{name}/points", Body(body, QdrantJson.Default.QdrantRetrieve), QdrantJson.Default.QdrantAnswerListQdrantPoint, cancellationToken);
        return answer?.Result is [var point, ..] ? point : null;
    }

    public async Task<QdrantPoints> ScrollAsync(string name, QdrantFilter? filter, string? offset, int limit, bool payload, CancellationToken cancellationToken)
    {
        var body = new QdrantScroll { Filter = filter, Offset = offset, Limit = limit, WithPayload = payload, WithVector = payload };
        var (status, answer) = await SendAsync(
            HttpMethod.Post, $"collections/{name}/points/scroll", Body(body, QdrantJson.Default.QdrantScroll), QdrantJson.Default.QdrantAnswerQdrantPoints, cancellationToken);
        return status == HttpStatusCode.NotFound ? new QdrantPoints() : answer?.Result ?? throw Odd("a page without points");
    }

    public async Task<long> CountAsync(string name, QdrantFilter? filter, CancellationToken cancellationToken)
    {
        var body = new QdrantCount { Filter = filter, Exact = true };
        var (_, answer) = await SendAsync(
            HttpMethod.Post, $"collections/{name}/points/count", Body(body, QdrantJson.Default.QdrantCount), QdrantJson.Default.QdrantAnswerQdrantCounted, cancellationToken);
        return answer?.Result?.Count ?? 0;
    }

    /// <summary>Deletes by id. Never by an empty filter: that is every point.</summary>
    public Task DeleteAsync(string name, IReadOnlyList<string> ids, CancellationToken cancellationToken) => ids.Count == 0
        ? Task.CompletedTask
        : UpdateAsync(HttpMethod.Post, $"collections/{name}/points/delete?wait=true", Body(new QdrantDelete { Points = ids }, QdrantJson.Default.QdrantDelete), cancellationToken);

    private static ByteArrayContent Body<T>(T value, JsonTypeInfo<T> type)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(value, type));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    private static StoreFault Odd(string what, Exception? inner = null) => new(CacheReasons.StoreUnavailable, $"Qdrant answered {what}.", inner);

    private async Task UpdateAsync(HttpMethod method, string path, HttpContent body, CancellationToken cancellationToken)
    {
        var (status, answer) = await SendAsync(method, path, body, QdrantJson.Default.QdrantAnswerQdrantUpdate, cancellationToken);

        // A wait that timed out is 200 too; the change comes later, but a caller was promised that it is there.
        if (status == HttpStatusCode.OK && answer?.Result?.Status != "completed")
        {
            throw Odd("that a change is not done yet");
        }

        if (status == HttpStatusCode.NotFound && method == HttpMethod.Put)
        {
            throw Odd("that its collection is gone");
        }
    }

    private async Task<(HttpStatusCode Status, T? Answer)> SendAsync<T>(
        HttpMethod method, string path, HttpContent? body, JsonTypeInfo<T> type, CancellationToken cancellationToken, HttpStatusCode alsoGood = HttpStatusCode.OK)
        where T : class
    {
        if (!_circuit.TryEnter())
        {
            throw new StoreFault(CacheReasons.StoreUnavailable, "Qdrant does not answer and is left alone for a while.");
        }

        using var request = new HttpRequestMessage(method, path) { Content = body };
        if (key.Length > 0)
        {
            request.Headers.TryAddWithoutValidation("api-key", key);
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeoutMilliseconds);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            if (response.StatusCode is HttpStatusCode.NotFound || (response.StatusCode == alsoGood && alsoGood != HttpStatusCode.OK))
            {
                _circuit.Succeeded();
                return (response.StatusCode, null);
            }

            if (response.StatusCode != HttpStatusCode.OK)
            {
                throw await RefusalAsync(response, limit.Token);
            }

            if (response.Content.Headers.ContentLength > MaxAnswerBytes)
            {
                throw Odd("more than is taken");
            }

            var stream = await response.Content.ReadAsStreamAsync(limit.Token);
            var answer = await JsonSerializer.DeserializeAsync(stream, type, limit.Token);
            _circuit.Succeeded();
            return (response.StatusCode, answer);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or IOException or OperationCanceledException)
        {
            // A caller whose time was up says nothing about the server.
            cancellationToken.ThrowIfCancellationRequested();
            _circuit.Failed();
            throw new StoreFault(CacheReasons.StoreUnavailable, e is OperationCanceledException ? "Qdrant did not answer in time." : "Qdrant cannot be reached.", e);
        }
    }

    private async Task<StoreFault> RefusalAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;

        // A request that is wrong is wrong next time too, and says nothing about the server; all else is worth a pause. A search timeout is 500.
        if (status is 400 or 422)
        {
            _circuit.Succeeded();
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            return text.Contains("Vector dimension error", StringComparison.Ordinal)
                ? new StoreFault(CacheReasons.EmbeddingUnavailable, "Qdrant refused a vector of another dimension.")
                : Odd($"{status}");
        }

        _circuit.Failed();
        return status switch
        {
            401 or 403 => new StoreFault(CacheReasons.StoreUnavailable, $"Qdrant refused the key with {status}: it must be one that may write."),
            429 => new StoreFault(CacheReasons.StoreUnavailable, "Qdrant's rate limit was reached."),
            _ => Odd($"{status}"),
        };
    }
}
