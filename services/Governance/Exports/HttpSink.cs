using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Gateway.Governance.Outbound;

namespace Gateway.Governance.Exports;

/// <summary>Posts records: to a webhook as one signed JSON array, or to a collector as OTLP log records.</summary>
internal sealed class HttpSink(ExportSinkOptions options, TimeProvider time) : IExportSink, IDisposable
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);
    private readonly HttpClient _http = OutboundClients.Client(_limit);

    private Uri Address => options.Type == ExportType.Otlp ? new Uri(options.Url!.AbsoluteUri.TrimEnd('/') + "/v1/logs") : options.Url!;

    public async Task<ExportOutcome> SendAsync(IReadOnlyList<ExportRow> rows, CancellationToken cancellation)
    {
        var body = options.Type == ExportType.Otlp ? OtlpLogs.Write(rows) : Array(rows);
        using var request = new HttpRequestMessage(HttpMethod.Post, Address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        // The same for a batch that is sent again.
        request.Headers.Add("x-gateway-delivery", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(' ', rows.Select(static r => r.Id)))))[..32]);
        foreach (var (name, value) in options.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (options.Secret is { } secret)
        {
            var at = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
            byte[] signed = [.. Encoding.UTF8.GetBytes(at + "."), .. body];
            request.Headers.Add("x-gateway-signature", $"t={at},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed))}");
        }

        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            var status = (int)response.StatusCode;
            return response.IsSuccessStatusCode ? default
                // What is wrong with the way there may be put right; what is wrong with the records stays wrong.
                : new ExportOutcome($"It answered {status}.", status is >= 400 and < 500 and not (401 or 403 or 404 or 407 or 408 or 425 or 429), Wait(response));
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException || (fault is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return new ExportOutcome(fault is OperationCanceledException ? $"It did not answer within {_limit.TotalSeconds:0} s." : fault.Message);
        }
    }

    public void Dispose() => _http.Dispose();

    private TimeSpan? Wait(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - time.GetUtcNow(),
        _ => null,
    };

    private static byte[] Array(IReadOnlyList<ExportRow> rows) => Encoding.UTF8.GetBytes($"[{string.Join(',', rows.Select(static r => r.Body))}]");
}
