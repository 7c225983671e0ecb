using Gateway.Contracts.Configuration;
using Gateway.Governance.Entries;

namespace Gateway.Governance.Mcp;

/// <summary>What entries of the hub name.</summary>
internal static class McpReferences
{
    /// <summary>The credentials that a server is called or started with, with the members that name them.</summary>
    public static IEnumerable<(string Field, string Credential)> Credentials(McpServerEntry server)
    {
        if (server.Auth?.CredentialId is { } auth)
        {
            yield return ("auth.credentialId", auth);
        }

        for (var i = 0; i < (server.Stdio?.Environment.Count ?? 0); i++)
        {
            if (server.Stdio!.Environment[i].CredentialId is { } variable)
            {
                yield return ($"stdio.environment[{i}].credentialId", variable);
            }
        }
    }

    /// <summary>
    /// What entries of the hub name and does not exist. Servers stay in the snapshot, and say when they are called that they have no secret; so do policies, because without
    /// them what they forbid would pass.
    /// </summary>
    public static void Report(ConfigState stored, Predicate<string> hasCredential, List<string> faults)
    {
        foreach (var (id, server) in stored.McpServers)
        {
            faults.AddRange(Credentials(server.Value).Where(c => !hasCredential(c.Credential))
                .Select(c => $"The MCP server '{id}' names the credential '{c.Credential}', which is not there (any more) or not its own: it is called without."));
        }

        foreach (var (id, policy) in stored.McpPolicies)
        {
            faults.AddRange(policy.Value.GuardrailPolicies.Where(g => !stored.Guardrails.ContainsKey(g))
                .Select(g => $"The MCP policy '{id}' names the guardrail policy '{g}', which does not exist: calls that it applies to are refused."));
        }
    }
}
