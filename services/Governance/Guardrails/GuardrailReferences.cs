using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;

namespace Gateway.Governance.Guardrails;

/// <summary>What names guardrail policies, and what they name themselves.</summary>
internal static class GuardrailReferences
{
    /// <summary>The member of keys, teams and routes that names policies.</summary>
    public const string Field = "guardrailPolicies";

    private const int Most = 50;

    /// <summary>Reads the policies that an entry names.</summary>
    public static IReadOnlyList<string> Read(ObjectReader reader) =>
        [.. reader.Texts(Field, Most, Formats.IdLength, Formats.Id).Distinct(StringComparer.Ordinal)];

    /// <summary>Checks that the policies an entry names are there.</summary>
    public static void Check(IReadOnlyList<string> policies, EffectiveConfig config, FieldErrors errors)
    {
        for (var i = 0; i < policies.Count; i++)
        {
            if (!config.Stored.Guardrails.ContainsKey(policies[i]))
            {
                errors.Add($"{Field}[{i}]", $"names no guardrail policy: there is no '{policies[i]}'.");
            }
        }
    }

    /// <summary>The routes that a policy sends requests to or asks, with the members that name them.</summary>
    public static IEnumerable<(string Field, string Route)> Routes(GuardrailPolicyEntry policy)
    {
        for (var i = 0; i < policy.Rules.Count; i++)
        {
            if (policy.Rules[i].Route is { } route)
            {
                yield return ($"rules[{i}].route", route);
            }

            if (policy.Rules[i].JudgeRoute is { } judge)
            {
                yield return ($"rules[{i}].judgeRoute", judge);
            }
        }
    }

    /// <summary>The credentials that a policy calls others with, with the members that name them.</summary>
    public static IEnumerable<(string Field, string Credential)> Credentials(GuardrailPolicyEntry policy)
    {
        for (var i = 0; i < policy.Rules.Count; i++)
        {
            if (policy.Rules[i].Endpoint?.CredentialId is { } credential)
            {
                yield return ($"rules[{i}].endpoint.credentialId", credential);
            }
        }
    }

    /// <summary>
    /// What the policies of a snapshot name and does not exist. They stay in it all the same: without them, what they forbid would pass. A rule that cannot ask counts as
    /// failed, and the policy says what happens then.
    /// </summary>
    public static void Report(ConfigState stored, Predicate<string> hasCredential, Predicate<string> hasRoute, List<string> faults)
    {
        foreach (var (id, policy) in stored.Guardrails)
        {
            faults.AddRange(Credentials(policy.Value).Where(c => !hasCredential(c.Credential))
                .Select(c => $"Guardrail policy '{id}' names the credential '{c.Credential}', which is not there (any more): the rule fails."));
            faults.AddRange(Routes(policy.Value).Where(r => !hasRoute(r.Route))
                .Select(r => $"Guardrail policy '{id}' names the route '{r.Route}', which is not there (any more)."));
        }

        Report("key", stored.Keys.Values.Select(static k => (k.Value.Entry.Id, k.Value.Entry.GuardrailPolicies)), stored, faults);
        Report("team", stored.Teams.Values.Select(static t => (t.Value.Id, t.Value.GuardrailPolicies)), stored, faults);
        Report("route", stored.Routes.Values.Select(static r => (r.Value.Name, r.Value.GuardrailPolicies)), stored, faults);
    }

    private static void Report(string kind, IEnumerable<(string Id, IReadOnlyList<string> Policies)> entries, ConfigState stored, List<string> faults)
    {
        foreach (var (id, policies) in entries)
        {
            foreach (var missing in policies.Where(p => !stored.Guardrails.ContainsKey(p)))
            {
                faults.Add($"The {kind} '{id}' names the guardrail policy '{missing}', which does not exist: it has no effect.");
            }
        }
    }
}
