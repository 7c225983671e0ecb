using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Gateway.McpHub.Auth;

/// <summary>Users who were sent to an authorization server and have not come back.</summary>
internal sealed class PendingSignIns(TimeProvider time)
{
    private const int Max = 10_000;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    private readonly ConcurrentDictionary<string, (SignIn SignIn, DateTimeOffset Until)> waiting = new(StringComparer.Ordinal);

    /// <summary>Remembers one; the state by which he is known again.</summary>
    public string Add(SignIn signIn)
    {
        var now = time.GetUtcNow();
        if (waiting.Count >= Max)
        {
            foreach (var (old, _) in waiting.OrderBy(w => w.Value.Until).Take(Max / 10))
            {
                waiting.TryRemove(old, out _);
            }
        }

        var state = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        waiting[state] = (signIn, now + Patience);
        return state;
    }

    /// <summary>Whether one is waited for.</summary>
    public bool Has(string state) => waiting.TryGetValue(state, out var found) && found.Until > time.GetUtcNow();

    /// <summary>Takes one; null when there is none, or it is too late.</summary>
    public SignIn? Take(string state) => waiting.TryRemove(state, out var found) && found.Until > time.GetUtcNow() ? found.SignIn : null;
}

/// <summary>What is needed when a user comes back.</summary>
/// <param name="Name">Under which his tokens are kept.</param>
/// <param name="Verifier">The proof that the code is for the hub.</param>
/// <param name="Grant">The registration, the token endpoint and the scopes asked for.</param>
/// <param name="NeedsIssuer">Whether the authorization server said that it names itself in its answer.</param>
/// <param name="Http">How it is reached.</param>
internal sealed record SignIn(string Name, string Verifier, Grant Grant, bool NeedsIssuer, OAuthHttp Http);
