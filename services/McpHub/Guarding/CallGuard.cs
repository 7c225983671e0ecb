using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Deep;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Changes;
using Gateway.Guardrails.Engine.Policies;
using Gateway.McpHub.Callers;
using Gateway.McpHub.Policies;
using Gateway.ServiceDefaults.InternalAuth;

namespace Gateway.McpHub.Guarding;

/// <summary>What guardrails made of a text.</summary>
/// <param name="Verdict">What happens now.</param>
/// <param name="Texts">The texts as they go on.</param>
/// <param name="IsChanged">Whether any is another than before.</param>
/// <param name="Message">What the deciding rule tells callers; null: the general text.</param>
internal sealed record Guarded(GuardVerdict Verdict, IReadOnlyList<GuardText> Texts, bool IsChanged, string? Message);

/// <summary>
/// Runs guardrail policies over arguments and results, in the hub's own process, the second tier against injection too. Rules that would ask another service count as failed: the policy says
/// what happens then. Pseudonyms stay the same through a session, and are put back in what comes back.
/// </summary>
internal sealed class CallGuard(InternalToken token, DeepInjection deep, TimeProvider time)
{
    /// <summary>Most sessions whose pseudonyms are remembered; the rest begins anew.</summary>
    public const int MostSessions = 10_000;

    private readonly ConcurrentDictionary<string, SessionNames> _sessions = new(StringComparer.Ordinal);

    /// <summary>Checks texts.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="policies">The policies.</param>
    /// <param name="caller">Whose session's pseudonyms are used.</param>
    /// <param name="notes">Takes what was done: never a text.</param>
    /// <param name="what"><c>arguments</c> or <c>result</c>, for the notes.</param>
    /// <param name="cancellation">Gives up.</param>
    public async ValueTask<Guarded> CheckAsync(IReadOnlyList<GuardText> texts, PolicySet policies, HubCaller caller, List<string> notes, string what, CancellationToken cancellation)
    {
        var context = new GuardContext { Clock = time, Substitutes = NeedsSubstitutes(policies) ? Substitutes(caller) : null };
        var outcome = GuardOutcome.Untouched(texts);
        var isChanged = false;
        foreach (var policy in policies.Policies)
        {
            using var run = GuardEngine.Begin(outcome.Texts, policy, context);
            await DeepRules.RunAsync(deep, run, outcome.Texts, policy, time, cancellation).ConfigureAwait(false);
            foreach (var pending in run.Pending.Where(static p => p.Rule.Entry.Detector != DeepRules.Detector))
            {
                run.Fail(pending.Rule.Index, "not asked by the hub");
            }

            var next = run.Conclude();
            foreach (var note in next.Notes.Where(static n => n.Count > 0 || n.Failure is not null).Take(5))
            {
                Note(notes, $"{what}: {(note.Failure is null ? note.Action.ToString().ToLowerInvariant() : "failed")} {note.Detector}{(note.Kinds.Count > 0 ? ":" + string.Join(',', note.Kinds.Take(5)) : "")}{(note.Mode == GuardrailMode.Shadow ? " (shadow)" : "")}");
            }

            isChanged |= next.IsChanged;
            outcome = GuardEngine.Combine(outcome, next);
            if (outcome.Verdict == GuardVerdict.Block)
            {
                break;
            }
        }

        // A call has no other route that it could take.
        return new Guarded(outcome.Verdict == GuardVerdict.Route ? GuardVerdict.Allow : outcome.Verdict, outcome.Texts, isChanged, outcome.Message);
    }

    /// <summary>Notes which pseudonyms arguments were sent with: what they stand for is the caller's own, and he gets it back.</summary>
    public void Sent(HubCaller caller, string arguments)
    {
        if (_sessions.TryGetValue(SessionFlows.Name(caller), out var known))
        {
            foreach (var (pseudonym, original) in known.Substitutes.Pseudonyms)
            {
                if (arguments.Contains(pseudonym, StringComparison.Ordinal))
                {
                    known.Own[pseudonym] = original;
                }
            }
        }
    }

    /// <summary>Puts back what the caller himself sent; null when there is nothing. What only came in results stays hidden.</summary>
    public PseudonymRestorer? Restorer(HubCaller caller) =>
        _sessions.TryGetValue(SessionFlows.Name(caller), out var known) && !known.Own.IsEmpty ? new PseudonymRestorer(known.Own) : null;

    /// <summary>Adds a note, as far as there is room.</summary>
    public static void Note(List<string> notes, string note)
    {
        if (notes.Count < 20)
        {
            notes.Add(note.Length <= 300 ? note : note[..300]);
        }
    }

    private static bool NeedsSubstitutes(PolicySet policies) =>
        policies.Policies.Any(static p => !p.IsShadow && p.Rules.Any(static r => r.Entry.Action is GuardrailAction.Pseudonymize or GuardrailAction.Hash));

    private TextSubstitutes Substitutes(HubCaller caller)
    {
        if (_sessions.Count >= MostSessions)
        {
            _sessions.Clear();
        }

        // Made-up values and hashes differ between tenants.
        var tenant = caller.Team is { Length: > 0 } team ? "team\n" + team : "key\n" + caller.KeyId;
        return _sessions.GetOrAdd(
            SessionFlows.Name(caller),
            static (_, state) => new SessionNames(new TextSubstitutes(HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(state.Token), 32, info: Encoding.UTF8.GetBytes("gateway hub pseudonyms\n" + state.Tenant)))),
            (Token: token.Value, Tenant: tenant)).Substitutes;
    }

    private sealed record SessionNames(TextSubstitutes Substitutes)
    {
        public ConcurrentDictionary<string, string> Own { get; } = new(StringComparer.Ordinal);
    }
}
