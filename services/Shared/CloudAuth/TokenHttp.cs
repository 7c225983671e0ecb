using System.Buffers;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Gateway.CloudAuth;

/// <summary>What a token endpoint answered.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">The body, at most <see cref="TokenHttp.MaxBytes"/>.</param>
internal readonly record struct TokenAnswer(int Status, byte[] Body)
{
    /// <summary>True for a status from 200 to 299.</summary>
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>The body as a JSON object, or null.</summary>
    public JsonElement? Object()
    {
        try
        {
            return JsonElement.Parse(Body) is { ValueKind: JsonValueKind.Object } element ? element : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>
/// Calls token endpoints, through the same guard as other calls: link-local and metadata addresses are reached only by <see cref="MetadataAsync"/>, which only
/// credentials use that are configured to be the machine's own.
/// </summary>
/// <param name="open">Sends to configured addresses; refuses link-local and metadata addresses.</param>
/// <param name="metadata">Sends to metadata services.</param>
internal sealed class TokenHttp(HttpMessageInvoker open, HttpMessageInvoker metadata) : IDisposable
{
    /// <summary>Largest answer of a token endpoint.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>Posts a form.</summary>
    public Task<TokenAnswer> FormAsync(Uri address, IEnumerable<KeyValuePair<string, string>> form, CancellationToken cancellationToken) =>
        SendAsync(open, new HttpRequestMessage(HttpMethod.Post, address) { Content = new FormUrlEncodedContent(form) }, cancellationToken);

    /// <summary>Sends a request and reads its answer.</summary>
    public Task<TokenAnswer> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => SendAsync(open, request, cancellationToken);

    /// <summary>Asks a cloud's metadata service.</summary>
    public Task<TokenAnswer> MetadataAsync(HttpRequestMessage request, CancellationToken cancellationToken) => SendAsync(metadata, request, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        open.Dispose();
        metadata.Dispose();
    }

    private static async Task<TokenAnswer> SendAsync(HttpMessageInvoker invoker, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("gateway", "0.1"));
        using var response = await invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var body = new ArrayBufferWriter<byte>(4096);
        while (body.WrittenCount <= MaxBytes)
        {
            var read = await stream.ReadAsync(body.GetMemory(4096), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return new TokenAnswer((int)response.StatusCode, body.WrittenSpan.ToArray());
            }

            body.Advance(read);
        }

        throw new IOException("the answer of the token endpoint is too large");
    }

    /// <summary>A problem of a token endpoint's answer in words: the OAuth error's code, never its description, which may quote what was sent.</summary>
    public static string Describe(string who, in TokenAnswer answer)
    {
        var error = answer.Object() is { } body && body.TryGetProperty("error", out var code) && code.ValueKind == JsonValueKind.String ? code.GetString()! : "";
        var known = error.Length is > 0 and <= 64 && error.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');
        return new StringBuilder(who).Append(answer.IsSuccess ? " gave an answer that is no token" : $" answered {answer.Status}").Append(known ? $" ({error})" : "").ToString();
    }
}
