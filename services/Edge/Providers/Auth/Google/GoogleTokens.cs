using Gateway.CloudAuth;

namespace Gateway.Edge.Providers.Auth.Google;

/// <summary>Access tokens of Google Cloud: for a key document, or found as the official libraries find them.</summary>
internal sealed class GoogleTokens(AuthContext context, string? document, Uri? tokenUrl)
{
    private static readonly Uri _public = new("https://oauth2.googleapis.com/token");

    /// <summary>Fetches a token: with the document, or else with the machine's own identity.</summary>
    public async Task<TokenResult<string>> FetchAsync(CancellationToken cancellationToken)
    {
        if (document is not null)
        {
            return await WithDocumentAsync(document, cancellationToken).ConfigureAwait(false);
        }

        if (context.Variable("GOOGLE_APPLICATION_CREDENTIALS") is { } file)
        {
            return await AuthContext.ReadFileAsync(file, cancellationToken).ConfigureAwait(false) is { } text
                ? await WithDocumentAsync(text, cancellationToken).ConfigureAwait(false)
                : TokenResult<string>.Refused("the file that GOOGLE_APPLICATION_CREDENTIALS names cannot be read");
        }

        return await AuthContext.ReadFileAsync(WellKnownFile(), cancellationToken).ConfigureAwait(false) is { } saved
            ? await WithDocumentAsync(saved, cancellationToken).ConfigureAwait(false)
            : await OfMachineAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<TokenResult<string>> WithDocumentAsync(string text, CancellationToken cancellationToken)
    {
        if (GoogleKey.Read(text, out var problem) is not { } key)
        {
            return TokenResult<string>.Refused(problem);
        }

        // The audience is what the key document says, even where calls go through another address.
        var audience = key.TokenUri ?? _public;
        List<KeyValuePair<string, string>> form;
        if (key.Type == "service_account")
        {
            if (GoogleJwt.Create(key, audience.OriginalString, context.Time.GetUtcNow()) is not { } assertion)
            {
                return TokenResult<string>.Refused("the private key of the service account cannot be read");
            }

            form = [new("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), new("assertion", assertion)];
        }
        else
        {
            form =
            [
                new("grant_type", "refresh_token"), new("client_id", key.ClientId), new("client_secret", key.ClientSecret), new("refresh_token", key.RefreshToken),
            ];
        }

        var answer = await context.Http.FormAsync(tokenUrl ?? audience, form, cancellationToken).ConfigureAwait(false);
        return OAuthTokens.Read("Google's token endpoint", answer, context.Time);
    }

    private async Task<TokenResult<string>> OfMachineAsync(CancellationToken cancellationToken)
    {
        var host = context.Variable("GCE_METADATA_HOST") ?? "metadata.google.internal";
        var request = new HttpRequestMessage(HttpMethod.Get, $"http://{host}/computeMetadata/v1/instance/service-accounts/default/token");
        request.Headers.TryAddWithoutValidation("Metadata-Flavor", "Google");
        try
        {
            return OAuthTokens.Read("Google's metadata service", await context.Http.MetadataAsync(request, cancellationToken).ConfigureAwait(false), context.Time);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return TokenResult<string>.Unavailable("there is no Google credential: no key document, no GOOGLE_APPLICATION_CREDENTIALS, no saved login, no metadata service");
        }
    }

    private string WellKnownFile()
    {
        var folder = context.Variable("CLOUDSDK_CONFIG")
            ?? Path.Combine(context.Variable("HOME") ?? context.Variable("APPDATA") ?? ".", context.Variable("HOME") is null ? "gcloud" : ".config/gcloud");
        return Path.Combine(folder, "application_default_credentials.json");
    }
}
