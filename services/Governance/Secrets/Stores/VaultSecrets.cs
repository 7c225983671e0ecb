using System.Text.Json;
using Gateway.CloudAuth;

namespace Gateway.Governance.Secrets.Stores;

/// <summary>Secrets in the key-value engines of HashiCorp Vault, versions 1 and 2.</summary>
internal sealed class VaultSecrets(AuthContext context, VaultTokens tokens) : ISecretStore
{
    public SecretKind Kind => SecretKind.Vault;

    public async Task<SecretRead> ReadAsync(SecretReference reference, CancellationToken cancellation)
    {
        var (token, problem, isFresh) = await tokens.GetAsync(reference, cancellation).ConfigureAwait(false);
        if (token is null)
        {
            return problem;
        }

        var answer = await AskAsync(reference, token, cancellation).ConfigureAwait(false);
        if (answer.Status == 403)
        {
            // The token may have been revoked, or Vault restored: one that was kept is not believed twice.
            tokens.Forget(reference);
            if (!isFresh && await tokens.GetAsync(reference, cancellation).ConfigureAwait(false) is { Token: { } anew })
            {
                answer = await AskAsync(reference, anew, cancellation).ConfigureAwait(false);
            }
        }

        return Read(reference, answer);
    }

    private async Task<TokenAnswer> AskAsync(SecretReference reference, string token, CancellationToken cancellation)
    {
        var mount = reference.Mount ?? "secret";
        var path = reference.Engine == 1 ? $"{mount}/{reference.Path}" : $"{mount}/data/{reference.Path}";
        using var request = VaultTokens.Request(HttpMethod.Get, reference, path + (reference.Version is { } version ? "?version=" + version : ""));
        request.Headers.TryAddWithoutValidation("X-Vault-Token", token);
        return await context.Http.SendAsync(request, cancellation).ConfigureAwait(false);
    }

    private static SecretRead Read(SecretReference reference, in TokenAnswer answer)
    {
        var said = "Vault " + SecretAnswers.Said(answer, null);
        switch (answer.Status)
        {
            case 200 when answer.Object() is { } body && body.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object:
                var values = reference.Engine == 1 ? data : data.TryGetProperty("data", out var inner) ? inner : default;
                return values.ValueKind == JsonValueKind.Object ? SecretRead.Member(values, reference.Field!) : SecretRead.NotFound("Vault has no data there; check engine");
            case 404:
                return SecretRead.NotFound(said);
            case 400 or 401 or 403:
                return SecretRead.Refused(said);
            default:
                return SecretRead.Unavailable(answer.IsSuccess ? "Vault gave an answer without data" : said);
        }
    }
}
