using System.Security.Cryptography;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Guardrails;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Checks;

/// <summary>The policies that checks may name. Bounded: what was not named for longest is forgotten, and whoever names it then is told to send it again.</summary>
internal sealed class PolicyBook
{
    /// <summary>Most policies that are kept.</summary>
    public const int Most = 2_000;

    private readonly Dictionary<string, Known> _byReference = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private long _uses;

    /// <summary>Takes a policy up; with it, or with what is wrong with it.</summary>
    public (GuardPolicyReference? Reference, IReadOnlyList<PolicyProblem> Problems) Add(GuardrailPolicyEntry entry)
    {
        var reference = Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(entry, ContractsJson.Default.GuardrailPolicyEntry)).AsSpan(0, 16));
        lock (_lock)
        {
            if (_byReference.TryGetValue(reference, out var known))
            {
                known.UsedAt = ++_uses;
                return (known.Shown(reference), []);
            }
        }

        var compilation = PolicyCompiler.Compile(entry);
        if (compilation.Policy is not { } policy)
        {
            return (null, compilation.Problems);
        }

        lock (_lock)
        {
            if (_byReference.Count >= Most)
            {
                _byReference.Remove(_byReference.MinBy(static k => k.Value.UsedAt).Key);
            }

            var added = _byReference[reference] = new Known(policy) { UsedAt = ++_uses };
            return (added.Shown(reference), []);
        }
    }

    /// <summary>The policy of a reference; null when it is not known.</summary>
    public CompiledPolicy? Find(string reference)
    {
        lock (_lock)
        {
            if (!_byReference.TryGetValue(reference, out var known))
            {
                return null;
            }

            known.UsedAt = ++_uses;
            known.Checks++;
            return known.Policy;
        }
    }

    /// <summary>All that are known, in the order of their ids.</summary>
    public IReadOnlyList<GuardPolicyReference> All()
    {
        lock (_lock)
        {
            return [.. _byReference.Select(static k => k.Value.Shown(k.Key)).OrderBy(static p => p.Id, StringComparer.Ordinal).ThenBy(static p => p.Reference, StringComparer.Ordinal)];
        }
    }

    private sealed class Known(CompiledPolicy policy)
    {
        public CompiledPolicy Policy { get; } = policy;

        public long UsedAt { get; set; }

        public long Checks { get; set; }

        public GuardPolicyReference Shown(string reference) => new() { Reference = reference, Id = Policy.Entry.Id, Fingerprint = Policy.Fingerprint, Checks = Checks };
    }
}
