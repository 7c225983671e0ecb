using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Cli;

/// <summary>Calls the admin API. Refusals become messages that name every field and line.</summary>
internal sealed class AdminClient : IDisposable
{
    private static readonly TimeSpan ProgressAfter = TimeSpan.FromSeconds(2);
    private readonly HttpClient _client;
    private readonly TextWriter _errors;

    public AdminClient(Uri address, string key, string? reason, TextWriter errors)
    {
        _errors = errors;
        _client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(10) };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (reason is not null)
        {
            _client.DefaultRequestHeaders.TryAddWithoutValidation("X-Audit-Reason", reason);
        }
    }

    public Task<JsonObject> GetAsync(string path, CancellationToken cancellation) => SendAsync(HttpMethod.Get, path, null, null, cancellation);

    public Task<JsonObject> PostAsync(string path, JsonObject? body, CancellationToken cancellation)
        => SendAsync(HttpMethod.Post, path, body?.ToJsonString(), "application/json", cancellation);

    public async Task<JsonObject> SendAsync(HttpMethod method, string path, string? body, string? type, CancellationToken cancellation, string? ifMatch = null)
    {
        var bytes = await BytesAsync(method, path, body, type, cancellation, ifMatch).ConfigureAwait(false);
        return bytes.Length == 0 ? [] : JsonNode.Parse(bytes)!.AsObject();
    }

    /// <summary>Follows the pages of a list.</summary>
    public async Task<JsonArray> AllAsync(string path, CancellationToken cancellation)
    {
        var all = new JsonArray();
        for (string? after = null; ;)
        {
            var page = await GetAsync(after is null ? path : $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}after={Uri.EscapeDataString(after)}", cancellation).ConfigureAwait(false);
            foreach (var item in page["items"]!.AsArray().ToList())
            {
                all.Add(item!.DeepClone());
            }

            if ((after = page["next"]?.GetValue<string>()) is null)
            {
                return all;
            }
        }
    }

    public async Task<byte[]> BytesAsync(HttpMethod method, string path, string? body, string? type, CancellationToken cancellation, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, type!);
        }

        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        if (method == HttpMethod.Post)
        {
            request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        }

        try
        {
            var sending = ReadAsync(request, cancellation);
            if (await Task.WhenAny(sending, Task.Delay(ProgressAfter, TimeProvider.System, cancellation)).ConfigureAwait(false) != sending)
            {
                await _errors.WriteLineAsync($"Waiting for {_client.BaseAddress} …").ConfigureAwait(false);
            }

            return await sending.ConfigureAwait(false);
        }
        catch (HttpRequestException fault)
        {
            throw new CliException($"The gateway at {_client.BaseAddress} does not answer: {fault.Message}", ExitCodes.Unreachable);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<byte[]> ReadAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        using var answer = await _client.SendAsync(request, cancellation).ConfigureAwait(false);
        var bytes = await answer.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
        return answer.IsSuccessStatusCode ? bytes : throw new CliException(Refusal((int)answer.StatusCode, bytes), answer.StatusCode is System.Net.HttpStatusCode.ServiceUnavailable ? ExitCodes.Unreachable : ExitCodes.Refused);
    }

    private static string Refusal(int status, byte[] body)
    {
        JsonObject? problem = null;
        try
        {
            problem = JsonNode.Parse(body) as JsonObject;
        }
        catch (JsonException)
        {
            // Not from the gateway; its status says enough.
        }

        var text = new StringBuilder($"{status} {SharedOptions.Text(problem, "title")} {SharedOptions.Text(problem, "detail")}".TrimEnd());
        foreach (var error in problem?["errors"] as JsonArray ?? [])
        {
            text.Append('\n').Append("  ");
            if (error?["line"] is { } line)
            {
                text.Append("line ").Append(line.ToJsonString()).Append(": ");
            }

            text.Append(SharedOptions.Text(error, "field")).Append(' ').Append(SharedOptions.Text(error, "message"));
        }

        return text.ToString();
    }
}
