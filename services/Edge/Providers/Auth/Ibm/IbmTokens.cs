using Gateway.CloudAuth;

namespace Gateway.Edge.Providers.Auth.Ibm;

/// <summary>Access tokens of IBM Cloud for an API key.</summary>
internal sealed class IbmTokens(AuthContext context, string apiKey, Uri? tokenUrl)
{
    private static readonly Uri _public = new("https://iam.cloud.ibm.com/identity/token");

    public async Task<TokenResult<string>> FetchAsync(CancellationToken cancellationToken)
    {
        KeyValuePair<string, string>[] form = [new("grant_type", "urn:ibm:params:oauth:grant-type:apikey"), new("apikey", apiKey)];
        return OAuthTokens.Read("IBM's token endpoint", await context.Http.FormAsync(tokenUrl ?? _public, form, cancellationToken).ConfigureAwait(false), context.Time);
    }
}
