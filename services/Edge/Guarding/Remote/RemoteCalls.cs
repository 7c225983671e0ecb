using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Upstream;
using Gateway.ServiceDefaults.Outbound;

namespace Gateway.Edge.Guarding.Remote;

/// <summary>Calls services that rules ask. As with providers, link-local and metadata addresses are refused, redirects are not followed, and the machine's proxy and cookies are not used.</summary>
internal sealed class RemoteCalls(ProviderTransports transports, TimeProvider time) : IDisposable
{
    private readonly HttpMessageInvoker _invoker = new(
        new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(90),
            PooledConnectionLifetime = TimeSpan.FromMinutes(15),
            MaxResponseHeadersLength = 64,
            ConnectCallback = new OutboundGuard(AllowedAddresses.Ordinary).ConnectAsync,
        },
        disposeHandler: true);

    /// <summary>The time.</summary>
    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>The credential of a rule; null where it names none.</summary>
    /// <exception cref="InvalidOperationException">It names one that is not there.</exception>
    public static CredentialEntry? CredentialOf(RemoteQuestion question) =>
        question.Rule.Entry.Endpoint?.CredentialId is not { } id ? null
        : question.Asker.Model.KeyModel.Snapshot.Credentials.FirstOrDefault(c => c.Id == id) ?? throw new InvalidOperationException("The credential is gone.");

    /// <summary>Posts JSON and reads JSON.</summary>
    /// <param name="question">For whom.</param>
    /// <param name="path">Below the rule's address.</param>
    /// <param name="body">The body.</param>
    /// <param name="prepare">Puts headers on; gets the body's bytes. Null: the credential is put on as its provider wants it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async ValueTask<JsonElement> PostAsync(RemoteQuestion question, string path, JsonNode body, Action<HttpRequestMessage, byte[]>? prepare, CancellationToken cancellationToken)
    {
        var bytes = Encoding.UTF8.GetBytes(body.ToJsonString());
        using var request = new HttpRequestMessage(HttpMethod.Post, question.Rule.Entry.Endpoint!.Url.TrimEnd('/') + path) { Content = new ByteArrayContent(bytes) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("accept", "application/json");
        if (prepare is not null)
        {
            prepare(request, bytes);
        }
        else if (CredentialOf(question) is { } credential && question.Asker.Model.Providers.TryGetValue(credential.ProviderId, out var provider))
        {
            await transports.Auth(provider.Entry, credential).ApplyAsync(request, bytes, cancellationToken).ConfigureAwait(false);
        }

        using var response = await _invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            throw new RemoteRefusedException((int)response.StatusCode);
        }

        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using var whole = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int read; (read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            whole.Write(buffer, 0, read);
            if (whole.Length > RemoteRules.MaxAnswerBytes)
            {
                throw new JsonException("The answer is too long.");
            }
        }

        return JsonElement.Parse(whole.GetBuffer().AsSpan(0, (int)whole.Length));
    }

    public void Dispose() => _invoker.Dispose();
}
