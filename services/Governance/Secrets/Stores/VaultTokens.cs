using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.CloudAuth;

namespace Gateway.Governance.Secrets.Stores;

/// <summary>Logs in at Vault and keeps the tokens for four fifths of their life. One that is named by variable or file is its owner's to renew; it is looked up each time.</summary>
internal sealed class VaultTokens(AuthContext context, EnvironmentSecrets variables, FileSecrets files)
{
    private const string KubernetesToken = "/var/run/secrets/kubernetes.io/serviceaccount/token";
    private readonly ConcurrentDictionary<(string Address, string? Namespace, VaultLogin Login), (string Token, DateTimeOffset Until)> _kept = new();

    /// <summary>A token, or why there is none, and whether it was fetched just now.</summary>
    public async Task<(string? Token, SecretRead Problem, bool IsFresh)> GetAsync(SecretReference reference, CancellationToken cancellation)
    {
        var login = reference.Login!;
        if (login.Method != VaultLoginMethod.Token && _kept.TryGetValue(Key(reference), out var kept) && context.Time.GetUtcNow() < kept.Until)
        {
            return (kept.Token, default, false);
        }

        var own = login.Env is { } variable ? variables.Read(variable) : await files.ReadAsync(login.File ?? KubernetesToken, cancellation).ConfigureAwait(false);
        if (own.Value is not { } secret)
        {
            return (null, own with { Problem = $"what to log in with at Vault is not there ({login.Env ?? login.File ?? KubernetesToken}: {own.Problem})" }, true);
        }

        secret = secret.Trim();
        if (login.Method == VaultLoginMethod.Token)
        {
            return secret.Any(static c => c is <= ' ' or > '~') ? (null, SecretRead.Invalid("the token for Vault has characters that no token has"), true) : (secret, default, true);
        }

        return await LogInAsync(reference, login, secret, cancellation).ConfigureAwait(false);
    }

    /// <summary>Has the next read log in anew.</summary>
    public void Forget(SecretReference reference) => _kept.TryRemove(Key(reference), out _);

    /// <summary>A request to Vault.</summary>
    public static HttpRequestMessage Request(HttpMethod method, SecretReference reference, string path)
    {
        var (plain, query) = path.Split('?') is [var left, var right] ? (left, "?" + right) : (path, "");
        var escaped = string.Join('/', plain.Split('/').Select(Uri.EscapeDataString));
        var request = new HttpRequestMessage(method, $"{reference.Address!.TrimEnd('/')}/v1/{escaped}{query}");
        request.Headers.TryAddWithoutValidation("X-Vault-Request", "true");
        if (reference.Namespace is { } space)
        {
            request.Headers.TryAddWithoutValidation("X-Vault-Namespace", space);
        }

        return request;
    }

    private async Task<(string? Token, SecretRead Problem, bool IsFresh)> LogInAsync(SecretReference reference, VaultLogin login, string secret, CancellationToken cancellation)
    {
        var isAppRole = login.Method == VaultLoginMethod.AppRole;
        var body = isAppRole ? new JsonObject { ["role_id"] = login.Role, ["secret_id"] = secret } : new JsonObject { ["role"] = login.Role, ["jwt"] = secret };
        using var request = Request(HttpMethod.Post, reference, $"auth/{login.Mount ?? (isAppRole ? "approle" : "kubernetes")}/login");
        request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        var answer = await context.Http.SendAsync(request, cancellation).ConfigureAwait(false);
        if (answer.IsSuccess && answer.Object() is { } said && said.TryGetProperty("auth", out var auth) && SecretAnswers.Text(auth, "client_token") is { Length: > 0 } token
            && !token.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            var seconds = auth.TryGetProperty("lease_duration", out var lease) && lease.TryGetInt64(out var given) ? Math.Clamp(given, 0, 86_400) : 0;

            // A token without an end is asked for anew each day.
            _kept[Key(reference)] = (token, context.Time.GetUtcNow() + TimeSpan.FromSeconds((seconds == 0 ? 86_400 : seconds) * 0.8));
            return (token, default, true);
        }

        var problem = answer.IsSuccess ? "Vault gave an answer to the login without a token" : $"the login at Vault was {SecretAnswers.Said(answer, null)}";
        return (null, answer.Status is 400 or 401 or 403 or 404 ? SecretRead.Refused(problem) : SecretRead.Unavailable(problem), true);
    }

    private static (string Address, string? Namespace, VaultLogin Login) Key(SecretReference reference) => (reference.Address!, reference.Namespace, reference.Login!);
}
