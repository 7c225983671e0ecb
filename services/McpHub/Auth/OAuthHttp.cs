using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gateway.McpHub.Protocol;
using Gateway.McpHub.Upstreams.Http;

namespace Gateway.McpHub.Auth;

/// <summary>Requests to authorization servers: only over https, or on this machine; no redirects; small answers.</summary>
internal sealed class OAuthHttp(HttpMessageInvoker http)
{
    private const int MaxBytes = 256 * 1024;

    /// <summary>Whether an address may be used.</summary>
    public static bool IsSafe(string? address)
        => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.UserInfo.Length == 0
            && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback));

    /// <summary>A document; null when there is none.</summary>
    public async ValueTask<T?> GetAsync<T>(string address, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class
        => IsSafe(address) ? (await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, address), type, cancellation).ConfigureAwait(false)).Body : null;

    /// <summary>Sends JSON.</summary>
    public async ValueTask<T?> PostAsync<TSent, T>(string address, TSent body, JsonTypeInfo<TSent> sent, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class
    {
        if (!IsSafe(address))
        {
            return null;
        }

        var (status, answer) = await SendAsync(
            () => new HttpRequestMessage(HttpMethod.Post, address)
            {
                Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, sent)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
            },
            type,
            cancellation).ConfigureAwait(false);
        return (int)status is >= 200 and < 300 ? answer : null;
    }

    /// <summary>Sends a form; the answer also where it tells of an error.</summary>
    public async ValueTask<T?> PostAsync<T>(string address, Dictionary<string, string> form, string? basic, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class
        => !IsSafe(address) ? null : (await SendAsync(
            () =>
            {
                var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new FormUrlEncodedContent(form) };
                if (basic is not null)
                {
                    request.Headers.Authorization = new AuthenticationHeaderValue("Basic", basic);
                }

                return request;
            },
            type,
            cancellation).ConfigureAwait(false)).Body;

    private async ValueTask<(HttpStatusCode Status, T? Body)> SendAsync<T>(Func<HttpRequestMessage> make, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class
    {
        try
        {
            using var request = make();
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            using var response = await http.SendAsync(request, cancellation).ConfigureAwait(false);
            if (response.Content.Headers.ContentType?.MediaType is not { } media || !media.EndsWith("json", StringComparison.OrdinalIgnoreCase) || response.StatusCode == HttpStatusCode.NotFound)
            {
                return (response.StatusCode, null);
            }

            var body = await BoundedBody.ReadAsync(response.Content, MaxBytes, cancellation).ConfigureAwait(false);
            return (response.StatusCode, JsonSerializer.Deserialize(body, type));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException or MessageTooLargeException)
        {
            return (HttpStatusCode.BadGateway, null);
        }
    }
}
