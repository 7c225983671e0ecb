using Gateway.Contracts.Configuration;
using Gateway.Edge.Providers.Anthropic;
using Gateway.Edge.Providers.Auth;
using Gateway.Edge.Providers.OpenAI;

namespace Gateway.Edge.Providers;

/// <summary>The adapter of each kind of provider. A new kind is one line in each method.</summary>
internal static class ProviderAdapters
{
    public static IProviderAdapter Create(ProviderEntry entry) => entry.Kind switch
    {
        ProviderKind.Anthropic => new AnthropicAdapter(entry),
        ProviderKind.Demo => new OpenAIAdapter(entry with { BaseUrl = "http://demo.invalid/v1" }),
        _ => new OpenAIAdapter(entry),
    };

    /// <summary>What puts a credential on the requests to a provider.</summary>
    public static IUpstreamAuth CreateAuth(ProviderEntry entry, CredentialEntry? credential) => credential is null ? NoAuth.Instance : entry.Kind switch
    {
        ProviderKind.Anthropic => Key(entry, credential, "x-api-key"),
        _ => Key(entry, credential, "Authorization"),
    };

    /// <summary>A bare key in the kind's own header, unless the configuration names another one.</summary>
    private static HeaderAuth Key(ProviderEntry entry, CredentialEntry credential, string header)
    {
        var name = string.Equals(entry.AuthHeader, "Authorization", StringComparison.OrdinalIgnoreCase) ? header : entry.AuthHeader;
        return string.Equals(name, "Authorization", StringComparison.OrdinalIgnoreCase) ? HeaderAuth.Bearer(credential.Secret) : new HeaderAuth(name, credential.Secret);
    }
}
