using System.Collections.Concurrent;
using System.Text.Json;
using Gateway.CloudAuth;
using Gateway.CloudAuth.Entra;

namespace Gateway.Governance.Secrets.Stores;

/// <summary>Secrets in Azure Key Vault, read as the identity of the environment, the workload or the machine.</summary>
internal sealed class KeyVaultSecrets(AuthContext context, IConfiguration configuration) : ISecretStore
{
    /// <summary>Configuration key of further hosts, separated by semicolons.</summary>
    public const string HostsKey = "Gateway:Secrets:KeyVaultHosts";

    private const string Version = "7.4";
    private static readonly string[] Clouds = ["vault.azure.net", "vault.azure.cn", "vault.usgovcloudapi.net"];

    private readonly ConcurrentDictionary<string, TokenCache<string>> _tokens = new(StringComparer.Ordinal);
    private readonly string[] _hosts = (configuration[HostsKey] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public SecretKind Kind => SecretKind.AzureKeyVault;

    public async Task<SecretRead> ReadAsync(SecretReference reference, CancellationToken cancellation)
    {
        var address = new Uri(reference.Address!);
        var cloud = Clouds.FirstOrDefault(c => address.Host.EndsWith("." + c, StringComparison.OrdinalIgnoreCase) && address.Scheme == Uri.UriSchemeHttps);
        if (cloud is null && !_hosts.Contains(address.Host, StringComparer.OrdinalIgnoreCase))
        {
            // The token opens every vault that the identity may read: it is shown to Key Vault only.
            return SecretRead.Refused($"its address is not https below {string.Join(", ", Clouds)}, nor a host named in {HostsKey}");
        }

        string token;
        try
        {
            token = await _tokens.GetOrAdd("https://" + (cloud ?? Clouds[0]), Tokens).GetAsync(cancellation).ConfigureAwait(false);
        }
        catch (ProviderAuthException fault)
        {
            return fault.CredentialFault ? SecretRead.Refused(fault.Message) : SecretRead.Unavailable(fault.Message);
        }

        var version = reference.Version is { } chosen ? "/" + Uri.EscapeDataString(chosen) : "";
        using var request = new HttpRequestMessage(
            HttpMethod.Get, $"{address.AbsoluteUri.TrimEnd('/')}/secrets/{Uri.EscapeDataString(reference.Name!)}{version}?api-version={Version}");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        var answer = await context.Http.SendAsync(request, cancellation).ConfigureAwait(false);
        var said = "Key Vault " + SecretAnswers.Said(answer, ErrorCode(answer));
        return answer.Status switch
        {
            200 => answer.Object() is { } body && body.TryGetProperty("value", out var value) && value.ValueKind == JsonValueKind.String
                ? SecretRead.Found(value.GetString()!).Member(reference.Field)
                : SecretRead.Unavailable("Key Vault gave an answer without a value"),
            404 => SecretRead.NotFound(said),
            401 or 403 or 400 => SecretRead.Refused(said),
            _ => SecretRead.Unavailable(said),
        };
    }

    private TokenCache<string> Tokens(string resource) => new(new EntraTokens(context, null, "", null, resource).FetchAsync, context.Time);

    private static string? ErrorCode(in TokenAnswer answer)
        => answer.Object() is { } body && body.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object ? SecretAnswers.Text(error, "code") : null;
}
