using System.Collections.Concurrent;
using Gateway.CloudAuth;
using Gateway.CloudAuth.Aws;
using Gateway.CloudAuth.Entra;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Providers.Auth.Aws;
using Gateway.Edge.Providers.Auth.Google;
using Gateway.Edge.Providers.Auth.Ibm;

namespace Gateway.Edge.Providers.Auth;

/// <summary>
/// Makes what puts a credential on requests, and keeps what fetches tokens over changes of configuration: editing a route must not send every deployment to its
/// token endpoint again.
/// </summary>
internal sealed class UpstreamAuths(AuthContext context)
{
    private readonly ConcurrentDictionary<Source, IUpstreamAuth> _kept = new();

    /// <summary>How a provider's requests get a credential.</summary>
    /// <param name="entry">The provider, its defaults filled in.</param>
    /// <param name="credential">The credential; null for none, which in the clouds that have one is the machine's own identity.</param>
    public IUpstreamAuth Get(ProviderEntry entry, CredentialEntry? credential)
    {
        var type = credential?.Type ?? (entry.Kind is ProviderKind.Bedrock or ProviderKind.VertexAI ? CredentialType.Ambient : null as CredentialType?);
        return type switch
        {
            null => NoAuth.Instance,
            CredentialType.ApiKey when entry.Kind != ProviderKind.WatsonX => Key(entry, credential!.Secret),
            CredentialType.Ambient when entry.Kind == ProviderKind.Bedrock && context.Variable("AWS_BEARER_TOKEN_BEDROCK") is { } bearer => HeaderAuth.Bearer(bearer),
            _ => _kept.GetOrAdd(new Source(entry.Kind, type.Value, entry.Region ?? "", entry.TokenUrl ?? "", credential), Create),
        };
    }

    /// <summary>What is wrong with a credential for a provider, in words for an operator; null when it can be used.</summary>
    public static string? Problem(ProviderEntry entry, CredentialEntry credential)
    {
        var fits = credential.Type switch
        {
            CredentialType.ApiKey => true,
            CredentialType.ServiceAccount => entry.Kind is ProviderKind.VertexAI,
            CredentialType.Aws => entry.Kind is ProviderKind.Bedrock,
            CredentialType.Entra => entry.Kind is ProviderKind.AzureOpenAI,
            CredentialType.Ambient => entry.Kind is ProviderKind.VertexAI or ProviderKind.Bedrock or ProviderKind.AzureOpenAI,
            _ => false,
        };
        return fits ? null : $"a credential of the type {credential.Type} cannot be used with a provider of the kind {entry.Kind}.";
    }

    private static IUpstreamAuth Key(ProviderEntry entry, string secret)
    {
        var own = entry.Kind switch
        {
            ProviderKind.AzureOpenAI => "api-key",
            ProviderKind.Anthropic => "x-api-key",
            ProviderKind.Gemini or ProviderKind.VertexAI => "x-goog-api-key",
            ProviderKind.ElevenLabs => "xi-api-key",
            _ => "Authorization",
        };
        var header = IsAuthorization(entry.AuthHeader) ? own : entry.AuthHeader;
        var auth = IsAuthorization(header) ? new HeaderAuth(header, (entry.Kind == ProviderKind.Deepgram ? "Token " : "Bearer ") + secret) : new HeaderAuth(header, secret);
        return entry.Kind == ProviderKind.Gemini ? new PathAuth("/openai/", HeaderAuth.Bearer(secret), auth) : auth;
    }

    private static bool IsAuthorization(string header) => string.Equals(header, "Authorization", StringComparison.OrdinalIgnoreCase);

    private IUpstreamAuth Create(Source source)
    {
        var tokenUrl = source.TokenUrl.Length > 0 ? new Uri(source.TokenUrl, UriKind.Absolute) : null;
        var secret = source.Credential?.Secret ?? "";
        if (source.Kind == ProviderKind.Bedrock)
        {
            var keys = new AwsKeySource(context, source.Credential?.Aws, secret, source.Region, tokenUrl);
            return new AwsAuth(new TokenCache<AwsKeys>(keys.FetchAsync, context.Time), source.Region, "bedrock", context.Time);
        }

        Func<CancellationToken, Task<TokenResult<string>>> fetch = source.Kind switch
        {
            ProviderKind.WatsonX => new IbmTokens(context, secret, tokenUrl).FetchAsync,
            ProviderKind.AzureOpenAI => new EntraTokens(context, source.Credential?.Entra, secret, tokenUrl).FetchAsync,
            _ => new GoogleTokens(context, source.Type == CredentialType.ServiceAccount ? secret : null, tokenUrl).FetchAsync,
        };
        return new BearerAuth(new TokenCache<string>(fetch, context.Time));
    }

    private sealed record Source(ProviderKind Kind, CredentialType Type, string Region, string TokenUrl, CredentialEntry? Credential);
}
