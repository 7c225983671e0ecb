using System.Collections.Concurrent;
using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine.Changes;
using Gateway.Guardrails.Engine.Policies;
using Gateway.Guardrails.Vault;
using Gateway.McpHub.Callers;
using Gateway.McpHub.Policies;

namespace Gateway.McpHub.Guarding;

/// <summary>
/// The pseudonyms of sessions, in the vault of the caller's tenant. Kept apart are those that stand for what a caller sent himself: these are put back in what he gets. What came in results only
/// stays hidden from him, whatever he sends.
/// </summary>
internal sealed class SessionPseudonyms(PseudonymSessions vault)
{
    /// <summary>Whether any policy makes stand-ins.</summary>
    public static bool Concerns(PolicySet policies) =>
        policies.Policies.Any(static p => !p.IsShadow && p.Rules.Any(static r => r.Entry.Action is GuardrailAction.Pseudonymize or GuardrailAction.Hash));

    /// <summary>Does work that may give out stand-ins.</summary>
    /// <param name="caller">Whose session it is.</param>
    /// <param name="isOwn">Whether the texts are the caller's own.</param>
    /// <param name="work">The work; done again when another call of the session gave out the same stand-ins meanwhile.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>What came of it; done is false when what was given out could not be kept, and then it must not be used.</returns>
    public async ValueTask<(bool Done, T Result)> UseAsync<T>(HubCaller caller, bool isOwn, Func<ITextSubstitutes, ValueTask<T>> work, CancellationToken cancellation)
    {
        var (tenant, session) = (Tenant(caller), SessionFlows.Name(caller));
        Seen? seen = null;
        var (done, result) = await vault.UseAsync(tenant, session, substitutes => work(isOwn ? seen = new Seen(substitutes) : substitutes), cancellation).ConfigureAwait(false);
        return (done && (seen is null || await vault.KeepAsync(tenant, Own(session), seen.Given, cancellation).ConfigureAwait(false)), result);
    }

    /// <summary>Puts back what the caller himself sent in the session; null when there is nothing.</summary>
    public async ValueTask<PseudonymRestorer?> RestorerAsync(HubCaller caller, CancellationToken cancellation)
    {
        var restorer = new PseudonymRestorer(await vault.LoadAsync(Tenant(caller), Own(SessionFlows.Name(caller)), cancellation).ConfigureAwait(false));
        return restorer.IsEmpty ? null : restorer;
    }

    private static string Tenant(HubCaller caller) => caller.Team is { Length: > 0 } team ? "team:" + team : "key:" + caller.KeyId;

    private static string Own(string session) => session + "\nown";

    /// <summary>Notes which pseudonyms were given out for a text, and for what.</summary>
    private sealed class Seen(ITextSubstitutes substitutes) : ITextSubstitutes
    {
        private readonly ConcurrentDictionary<string, string> _asked = new(StringComparer.Ordinal);

        public IReadOnlyCollection<KeyValuePair<string, string>> Pseudonyms => substitutes.Pseudonyms;

        /// <summary>The pseudonyms; not what was redacted because there were too many, nor what was a pseudonym already.</summary>
        public IReadOnlyCollection<KeyValuePair<string, string>> Given
        {
            get
            {
                var known = new Dictionary<string, string>(substitutes.Pseudonyms, StringComparer.Ordinal);
                return [.. _asked.Where(a => known.TryGetValue(a.Key, out var original) && original == a.Value)];
            }
        }

        public string Hash(string kind, string original) => substitutes.Hash(kind, original);

        public string Pseudonym(string kind, string original, bool realistic)
        {
            var pseudonym = substitutes.Pseudonym(kind, original, realistic);
            _asked[pseudonym] = original;
            return pseudonym;
        }
    }
}
