using System.Collections.Concurrent;
using System.Text.Json;
using Gateway.Contracts.Configuration;
using Gateway.Mcp.Matching;

namespace Gateway.Mcp.Policies;

/// <summary>
/// What a caller may list and call. Every policy must let a call pass, and the key's own list of tools; a tool is listed exactly if some call of it could pass.
/// </summary>
public sealed class CallerPolicies
{
    // Names come from servers: what is remembered is bounded all the same.
    private const int MostKnown = 10_000;

    private readonly CompiledToolPolicy[] _policies;
    private readonly IReadOnlyList<ToolPattern> _tools;
    private readonly ConcurrentDictionary<(string Server, string Tool), bool> _listed = new();

    internal CallerPolicies(ToolCaller caller, CompiledToolPolicy[] policies)
    {
        Caller = caller;
        _policies = policies;
        _tools = ToolPattern.Of(caller.Tools);
        Flow = policies.Select(static p => p.Entry.DataFlow).OfType<McpFlow>().Cast<McpFlow?>().Max() ?? McpFlow.Approve;
        Guardrails = [.. policies.SelectMany(static p => p.Entry.GuardrailPolicies).Distinct(StringComparer.Ordinal)];
        Limits = [.. policies.SelectMany(static p => p.Limits)];
    }

    /// <summary>Who it holds for.</summary>
    public ToolCaller Caller { get; }

    /// <summary>What happens when data is about to leave a session that must not: the strictest of what the policies say.</summary>
    public McpFlow Flow { get; }

    /// <summary>Guardrail policies that the policies name.</summary>
    public IReadOnlyList<string> Guardrails { get; }

    /// <summary>Rate limits of the policies.</summary>
    public IReadOnlyList<CompiledToolLimit> Limits { get; }

    /// <summary>Whether the caller sees a tool: whether there are arguments with which a call would pass.</summary>
    /// <param name="server">The server's id.</param>
    /// <param name="tool">The tool's own name.</param>
    public bool MayList(string server, string tool)
    {
        if (_policies.Length == 0)
        {
            return IsOfKey(server, tool);
        }

        if (_listed.TryGetValue((server, tool), out var known))
        {
            return known;
        }

        if (_listed.Count >= MostKnown)
        {
            _listed.Clear();
        }

        return _listed[(server, tool)] = IsOfKey(server, tool) && PassingCall.Exists(_policies, server, tool);
    }

    /// <summary>Whether a call may be made, and who has to approve it.</summary>
    /// <param name="server">The server's id.</param>
    /// <param name="tool">The tool's own name.</param>
    /// <param name="arguments">Its arguments, an object; anything else counts as none.</param>
    public ToolVerdict Decide(string server, string tool, JsonElement arguments)
    {
        if (!IsOfKey(server, tool))
        {
            return ToolVerdict.Refuse($"The virtual key is not for the tool '{McpIds.Tool(server, tool)}'.", null);
        }

        var (approval, by) = (McpApproval.None, (string?)null);
        foreach (var policy in _policies)
        {
            if (Refusal(policy, server, tool, arguments) is { } reason)
            {
                return ToolVerdict.Refuse(reason, policy.Entry.Id);
            }

            foreach (var (calls, who) in policy.Approve)
            {
                // An administrator's approval is the stricter one.
                if (who != McpApproval.None && (approval == McpApproval.None || (approval == McpApproval.Caller && who == McpApproval.Admin))
                    && calls.Selects(server, tool) && calls.Forbids(arguments))
                {
                    (approval, by) = (who, policy.Entry.Id);
                }
            }
        }

        return ToolVerdict.Allow(approval, by);
    }

    private bool IsOfKey(string server, string tool) => _tools.Count == 0 || _tools.Any(p => p.Selects(server, tool));

    private static string? Refusal(CompiledToolPolicy policy, string server, string tool, JsonElement arguments)
    {
        var denied = Array.Find(policy.Deny, d => d.Selects(server, tool) && d.Forbids(arguments));
        if (denied is not null)
        {
            return denied.Conditions.Count == 0
                ? $"The policy '{policy.Name}' does not let this key call the tool '{McpIds.Tool(server, tool)}'."
                : $"The policy '{policy.Name}' does not let this key call the tool '{McpIds.Tool(server, tool)}' with such a value of {Paths([denied])}.";
        }

        if (policy.Allow.Length == 0)
        {
            return null;
        }

        var allowing = Array.FindAll(policy.Allow, a => a.Selects(server, tool));
        return Array.Exists(allowing, a => a.Allows(arguments)) ? null
            : allowing.Length == 0 ? $"The policy '{policy.Name}' does not let this key call the tool '{McpIds.Tool(server, tool)}'."
            : $"The policy '{policy.Name}' lets this key call the tool '{McpIds.Tool(server, tool)}' with certain values of {Paths(allowing)} only.";
    }

    private static string Paths(IEnumerable<CompiledCall> calls) =>
        string.Join(", ", calls.SelectMany(static c => c.Conditions).Select(static c => $"'{c.Path.Text}'").Distinct(StringComparer.Ordinal));
}
