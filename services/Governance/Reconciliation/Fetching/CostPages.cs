using System.Buffers;
using System.Net;
using System.Text.Json;
using Gateway.Governance.Outbound;
using Gateway.Governance.Usage;

namespace Gateway.Governance.Reconciliation.Fetching;

/// <summary>The answers of a cost API as one document, or why there is none and how long to wait at least.</summary>
internal sealed record CostAnswer(byte[] Document, string? Problem = null, TimeSpan? RetryAfter = null)
{
    public static CostAnswer Failed(string problem, TimeSpan? retryAfter = null) => new([], problem, retryAfter);
}

/// <summary>Fetches all pages of costs and of usage. Nothing that an upstream answers is shown but its status and its own error's type.</summary>
internal sealed class CostPages(TimeProvider time) : IDisposable
{
    private const int MostPages = 200;
    private const int MostPageBytes = 16 * 1024 * 1024;
    private const int MostBytes = 64 * 1024 * 1024;
    private const int MostErrorType = 64;
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http = NewClient();

    /// <summary>Fetches the days from <paramref name="first"/> to before <paramref name="past"/>.</summary>
    public async Task<CostAnswer> FetchAsync(BillSourceEntry source, string key, long first, long past, CancellationToken cancellation)
    {
        var (costs, usage) = CostRequests.Addresses(source, first, past);
        var document = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(document);
        writer.WriteStartObject();
        foreach (var (name, address) in ((string, Uri)[])[("costs", costs), ("usage", usage)])
        {
            writer.WriteStartArray(name);
            if (await PagesAsync(source.Api, address, key, writer, document, cancellation).ConfigureAwait(false) is { } failed)
            {
                return failed;
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        await writer.FlushAsync(cancellation).ConfigureAwait(false);
        return new CostAnswer(document.WrittenSpan.ToArray());
    }

    public void Dispose() => _http.Dispose();

    private async Task<CostAnswer?> PagesAsync(CostApi api, Uri first, string key, Utf8JsonWriter writer, ArrayBufferWriter<byte> document, CancellationToken cancellation)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var address = first;
        for (var page = 0; page < MostPages; page++)
        {
            var (body, failed) = await CallAsync(api, address, key, cancellation).ConfigureAwait(false);
            if (failed is not null)
            {
                return failed;
            }

            if (Read(body, out var next) is not { } read)
            {
                return CostAnswer.Failed($"{first.AbsolutePath} answered with something that is no page of the cost API.");
            }

            using (read)
            {
                read.RootElement.WriteTo(writer);
            }

            await writer.FlushAsync(cancellation).ConfigureAwait(false);
            if (document.WrittenCount > MostBytes)
            {
                return CostAnswer.Failed($"{first.AbsolutePath} answered with more than {MostBytes / 1024 / 1024} MiB: fetch fewer days.");
            }

            if (next is null)
            {
                return null;
            }

            if (!seen.Add(next))
            {
                return CostAnswer.Failed($"{first.AbsolutePath} names a page as the next one that was there before.");
            }

            address = CostRequests.Page(first, next);
        }

        return CostAnswer.Failed($"{first.AbsolutePath} has more than {MostPages} pages: fetch fewer days.");
    }

    private async Task<(byte[] Body, CostAnswer? Failed)> CallAsync(CostApi api, Uri address, string key, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(CallLimit);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            CostRequests.Authorize(request, api, key);
            using var answer = await _http.SendAsync(request, limit.Token).ConfigureAwait(false);
            var body = await answer.Content.ReadAsByteArrayAsync(limit.Token).ConfigureAwait(false);
            return answer.IsSuccessStatusCode ? (body, null) : ([], CostAnswer.Failed(Said(address, answer.StatusCode, body), RetryAfter(answer)));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return ([], CostAnswer.Failed($"{address.Host} did not answer within {CallLimit.TotalSeconds:0} s."));
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or FormatException)
        {
            return ([], CostAnswer.Failed(fault is HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded }
                ? $"{address.AbsolutePath} answered with more than {MostPageBytes / 1024 / 1024} MiB in one page: fetch fewer days."
                : fault is FormatException ? "The admin key has characters that no header can carry."
                : $"{address.Host} cannot be reached or broke off."));
        }
    }

    private static JsonDocument? Read(byte[] body, out string? next)
    {
        next = null;
        JsonDocument? document = null;
        try
        {
            document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 32 });
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Array)
            {
                var more = root.TryGetProperty("has_more", out var has) && has.ValueKind == JsonValueKind.True;
                next = more && root.TryGetProperty("next_page", out var page) && page.ValueKind == JsonValueKind.String ? page.GetString() : null;

                // More, and no way to it: what was read would be taken for the whole.
                if (!more || next is { Length: > 0 and <= 4096 })
                {
                    return document;
                }
            }
        }
        catch (JsonException)
        {
            // Said by the caller, without the text.
        }

        document?.Dispose();
        return null;
    }

    private static string Said(Uri address, HttpStatusCode status, byte[] body)
    {
        var type = "";
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 8 });
            if (document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object
                && error.TryGetProperty("type", out var named) && named.ValueKind == JsonValueKind.String && named.GetString() is { Length: > 0 and <= MostErrorType } text)
            {
                type = $" ({UsageText.Clean(text)})";
            }
        }
        catch (JsonException)
        {
            // The status says enough.
        }

        return $"{address.AbsolutePath} answered {(int)status}{type}"
            + (status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? ": it needs an admin key of the organisation, not an API key." : ".");
    }

    private TimeSpan? RetryAfter(HttpResponseMessage answer) => answer.Headers.RetryAfter switch
    {
        { Delta: { } wait } => wait,
        { Date: { } at } => at - time.GetUtcNow(),
        _ => null,
    };

    private static HttpClient NewClient()
    {
        var client = OutboundClients.Client(Timeout.InfiniteTimeSpan);
        client.MaxResponseContentBufferSize = MostPageBytes;
        return client;
    }
}
