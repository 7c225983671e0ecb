using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Providers.Auth;

/// <summary>What a token endpoint answered.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">The body, at most <see cref="TokenHttp.MaxBytes"/>.</param>
internal readonly record struct TokenAnswer(int Status, byte[] Body)
{
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
/// Calls token endpoints, through the same guard as calls of providers: link-local and metadata addresses are reached only by <see cref="MetadataAsync"/>, which only
/// credentials use that are configured to be the machine's own.
/// </summary>
internal sealed class TokenHttp : IDisposable
{
    /// <summary>Largest answer of a token endpoint.</summary>
    public const int MaxBytes = 256 * 1024;

    private readonly HttpMessageInvoker _public;
    private readonly HttpMessageInvoker _metadata;

    public TokenHttp()
        : this(Invoker(allowLinkLocal: false), Invoker(allowLinkLocal: true))
    {
    }

    /// <summary>For tests: answers come from elsewhere.</summary>
    internal TokenHttp(HttpMessageInvoker open, HttpMessageInvoker metadata) => (_public, _metadata) = (open, metadata);

    public Task<TokenAnswer> FormAsync(Uri address, IEnumerable<KeyValuePair<string, string>> form, CancellationToken cancellationToken) =>
        SendAsync(_public, new HttpRequestMessage(HttpMethod.Post, address) { Content = new FormUrlEncodedContent(form) }, cancellationToken);

    public Task<TokenAnswer> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => SendAsync(_public, request, cancellationToken);

    /// <summary>Asks a cloud's metadata service.</summary>
    public Task<TokenAnswer> MetadataAsync(HttpRequestMessage request, CancellationToken cancellationToken) => SendAsync(_metadata, request, cancellationToken);

    public void Dispose()
    {
        _public.Dispose();
        _metadata.Dispose();
    }

    private static HttpMessageInvoker Invoker(bool allowLinkLocal) => new(
        new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.All,
            ActivityHeadersPropagator = null,
            ConnectTimeout = TimeSpan.FromSeconds(allowLinkLocal ? 2 : 5),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            MaxResponseHeadersLength = 64,
            ConnectCallback = new GuardedConnector(allowLinkLocal).ConnectAsync,
        },
        disposeHandler: true);

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
