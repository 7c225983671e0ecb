using System.Security.Cryptography;
using System.Text;
using Gateway.Contracts.Configuration;

namespace Gateway.Guardrails.Engine.Policies;

/// <summary>The policies in force for a request, in the order they run. What one changes the next one sees.</summary>
public sealed class PolicySet
{
    /// <summary>No policy.</summary>
    public static PolicySet Empty { get; } = new([]);

    /// <summary>A set.</summary>
    /// <param name="policies">The policies, in any order.</param>
    public PolicySet(IEnumerable<CompiledPolicy> policies)
    {
        Policies = [.. policies.OrderBy(static p => p.Entry.Order).ThenBy(static p => p.Entry.Id, StringComparer.Ordinal)];
        Fingerprint = Policies.Count == 0
            ? ""
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Policies.Select(static p => p.Fingerprint)))).AsSpan(0, 16));
    }

    /// <summary>The policies, in the order they run.</summary>
    public IReadOnlyList<CompiledPolicy> Policies { get; }

    /// <summary>Equal for sets that do the same; empty for the empty set.</summary>
    public string Fingerprint { get; }

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => Policies.Count == 0;

    /// <summary>The policies of these that are run for one request: those for a share of the requests only are left out for the others.</summary>
    /// <param name="requestId">Id of the request: the same policies for the same id.</param>
    public PolicySet Sampled(string requestId) => Policies.All(p => p.IsRunFor(requestId)) ? this : new PolicySet(Policies.Where(p => p.IsRunFor(requestId)));

    /// <summary>Whether any policy looks at texts that stand at a place.</summary>
    /// <param name="place">The place.</param>
    public bool LooksAt(GuardrailScope place)
    {
        foreach (var policy in Policies)
        {
            if (policy.LooksAt(place))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether texts at a place have to be there whole before anything can be let through.</summary>
    /// <param name="place">The place.</param>
    public bool NeedsWhole(GuardrailScope place) => Policies.Any(p => p.NeedsWhole(place));
}
