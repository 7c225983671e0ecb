using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Gateway.Tokens;

namespace Gateway.Governance.Access.Login;

/// <summary>The configured issuer: its keys, its addresses, and what its tokens are worth here.</summary>
internal sealed class OidcIssuer : IDisposable
{
    private const int MostBytes = 256 * 1024;

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
    });

    private readonly TimeProvider _time;
    private readonly IssuerKeys? _keys;

    public OidcIssuer(IConfiguration configuration, TimeProvider time)
    {
        _time = time;
        Options = OidcOptions.From(configuration);
        Browser = Options?.Browser ?? BrowserOptions.From(configuration);
        _keys = Options is null ? null : new IssuerKeys(Options.Issuer, null, _http, time);
    }

    /// <summary>Null when no issuer is configured.</summary>
    public OidcOptions? Options { get; }

    /// <summary>How browsers are dealt with, whether there is an issuer or not.</summary>
    public BrowserOptions Browser { get; }

    /// <summary>Where to send a browser so that the issuer ends its session too; null when it has no such address.</summary>
    public async Task<string?> EndSessionAsync(CancellationToken cancellation)
    {
        if (Options is not { } options || (await MetadataAsync(cancellation).ConfigureAwait(false))?.EndSession is not { } end)
        {
            return null;
        }

        var query = QueryString.Create(new Dictionary<string, string?> { ["client_id"] = options.ClientId, ["post_logout_redirect_uri"] = options.PublicUrl.ToString() });
        return end + (end.Query.Length > 0 ? "&" : "?") + query.Value![1..];
    }

    /// <summary>What the issuer says of itself; null when it does not answer.</summary>
    public async Task<IssuerMetadata?> MetadataAsync(CancellationToken cancellation)
    {
        await _keys!.RefreshAsync(cancellation).ConfigureAwait(false);
        return _keys.Metadata;
    }

    /// <summary>Checks a token for an audience; asks the issuer for new keys where that may help.</summary>
    public async Task<(Jwt? Jwt, JwtProblem Problem)> CheckAsync(string token, string audience, CancellationToken cancellation)
    {
        if (!Jwt.TryRead(token, out var jwt))
        {
            return (null, JwtProblem.Malformed);
        }

        var rules = new JwtRules { Issuer = Options!.Issuer, Audiences = [audience] };
        if (jwt.Issuer != Options.Issuer)
        {
            return (null, JwtProblem.Issuer);
        }

        await _keys!.RefreshAsync(cancellation).ConfigureAwait(false);
        var problem = rules.Check(jwt, _keys.Current, _time.GetUtcNow());
        if (problem == JwtProblem.UnknownKey && _keys.Ask())
        {
            await _keys.RefreshAsync(cancellation).ConfigureAwait(false);
            problem = rules.Check(jwt, _keys.Current, _time.GetUtcNow());
        }

        return (problem == JwtProblem.None ? jwt : null, problem);
    }

    /// <summary>The ID token for a code; null when the issuer refuses it.</summary>
    public async Task<string?> RedeemAsync(IssuerMetadata metadata, string code, string verifier, CancellationToken cancellation)
    {
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = Options!.RedirectUri,
            ["client_id"] = Options.ClientId,
            ["code_verifier"] = verifier,
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, metadata.Token);
        if (Options.ClientSecret is { } secret)
        {
            if (metadata.SecretInForm)
            {
                form["client_secret"] = secret;
            }
            else
            {
                request.Headers.Authorization = new AuthenticationHeaderValue(
                    "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(Options.ClientId)}:{Uri.EscapeDataString(secret)}")));
            }
        }

        request.Content = new FormUrlEncodedContent(form);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(15));
        try
        {
            using var response = await _http.SendAsync(request, limit.Token).ConfigureAwait(false);
            var buffer = new byte[MostBytes];
            var stream = await response.Content.ReadAsStreamAsync(limit.Token).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                var length = await stream.ReadAtLeastAsync(buffer, MostBytes, throwOnEndOfStream: false, limit.Token).ConfigureAwait(false);
                if (!response.IsSuccessStatusCode || length == MostBytes)
                {
                    return null;
                }

                using var document = JsonDocument.Parse(buffer.AsMemory(0, length));
                return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("id_token", out var token) && token.ValueKind == JsonValueKind.String
                    ? token.GetString() : null;
            }
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or JsonException || (fault is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }

    public void Dispose()
    {
        _keys?.Dispose();
        _http.Dispose();
    }
}
