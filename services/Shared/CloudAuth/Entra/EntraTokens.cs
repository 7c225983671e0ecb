using System.Text;
using Gateway.Contracts.Configuration;

namespace Gateway.CloudAuth.Entra;

/// <summary>Access tokens of Microsoft Entra for one of Azure's services: with a client secret, a workload identity, or a managed identity.</summary>
/// <param name="context">What fetching needs of the world.</param>
/// <param name="identity">The application or the chosen managed identity; null for the environment's.</param>
/// <param name="secret">The client secret; empty for the identity of the workload or the machine.</param>
/// <param name="authority">Address of Microsoft Entra; null for the environment's, or the public one.</param>
/// <param name="resource">The service that the token is for, without a slash at its end.</param>
internal sealed class EntraTokens(AuthContext context, EntraIdentity? identity, string secret, Uri? authority, string resource = EntraTokens.CognitiveServices)
{
    /// <summary>Azure's AI services.</summary>
    public const string CognitiveServices = "https://cognitiveservices.azure.com";

    /// <summary>Azure Key Vault of the public cloud.</summary>
    public const string KeyVault = "https://vault.azure.net";

    /// <summary>Fetches a token: with the client secret when there is one, else with the identity of the workload or the machine.</summary>
    public Task<TokenResult<string>> FetchAsync(CancellationToken cancellationToken)
    {
        if (secret.Length > 0)
        {
            return WithSecretAsync(identity?.TenantId ?? "", identity?.ClientId ?? "", secret, cancellationToken);
        }

        var client = identity?.ClientId is { Length: > 0 } chosen ? chosen : context.Variable("AZURE_CLIENT_ID");
        var tenant = identity?.TenantId is { Length: > 0 } named ? named : context.Variable("AZURE_TENANT_ID");
        if (client is not null && tenant is not null)
        {
            if (context.Variable("AZURE_CLIENT_SECRET") is { } ofEnvironment)
            {
                return WithSecretAsync(tenant, client, ofEnvironment, cancellationToken);
            }

            if (context.Variable("AZURE_FEDERATED_TOKEN_FILE") is { } file)
            {
                return WithAssertionAsync(tenant, client, file, cancellationToken);
            }
        }

        return OfMachineAsync(client, cancellationToken);
    }

    private Task<TokenResult<string>> WithSecretAsync(string tenant, string client, string clientSecret, CancellationToken cancellationToken) => ExchangeAsync(
        tenant,
        [new("grant_type", "client_credentials"), new("client_id", client), new("client_secret", clientSecret), new("scope", resource + "/.default")],
        cancellationToken);

    private async Task<TokenResult<string>> WithAssertionAsync(string tenant, string client, string file, CancellationToken cancellationToken) =>
        await AuthContext.ReadFileAsync(file, cancellationToken).ConfigureAwait(false) is { } assertion
            ? await ExchangeAsync(
                tenant,
                [
                    new("grant_type", "client_credentials"),
                    new("client_id", client),
                    new("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
                    new("client_assertion", assertion.Trim()),
                    new("scope", resource + "/.default"),
                ],
                cancellationToken).ConfigureAwait(false)
            : TokenResult<string>.Refused("the file that AZURE_FEDERATED_TOKEN_FILE names cannot be read");

    private async Task<TokenResult<string>> ExchangeAsync(string tenant, KeyValuePair<string, string>[] form, CancellationToken cancellationToken)
    {
        var root = (authority?.AbsoluteUri ?? context.Variable("AZURE_AUTHORITY_HOST") ?? "https://login.microsoftonline.com").TrimEnd('/');
        if (!Uri.TryCreate($"{root}/{Uri.EscapeDataString(tenant)}/oauth2/v2.0/token", UriKind.Absolute, out var address))
        {
            return TokenResult<string>.Refused("the address of Microsoft Entra is no absolute address");
        }

        return OAuthTokens.Read("Microsoft Entra", await context.Http.FormAsync(address, form, cancellationToken).ConfigureAwait(false), context.Time);
    }

    private async Task<TokenResult<string>> OfMachineAsync(string? client, CancellationToken cancellationToken)
    {
        var query = new StringBuilder("&resource=").Append(Uri.EscapeDataString(resource));
        if (client is not null)
        {
            query.Append("&client_id=").Append(Uri.EscapeDataString(client));
        }

        HttpRequestMessage request;
        if (context.Variable("IDENTITY_ENDPOINT") is { } endpoint && context.Variable("IDENTITY_HEADER") is { } header)
        {
            request = new HttpRequestMessage(HttpMethod.Get, endpoint + "?api-version=2019-08-01" + query);
            request.Headers.TryAddWithoutValidation("X-IDENTITY-HEADER", header);
        }
        else
        {
            var host = (context.Variable("AZURE_POD_IDENTITY_AUTHORITY_HOST") ?? "http://169.254.169.254").TrimEnd('/');
            request = new HttpRequestMessage(HttpMethod.Get, host + "/metadata/identity/oauth2/token?api-version=2018-02-01" + query);
            request.Headers.TryAddWithoutValidation("Metadata", "true");
        }

        try
        {
            return OAuthTokens.Read("Azure's identity service", await context.Http.MetadataAsync(request, cancellationToken).ConfigureAwait(false), context.Time);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return TokenResult<string>.Unavailable("there is no Azure identity: no client secret, no workload identity in the environment, no managed identity service");
        }
    }
}
