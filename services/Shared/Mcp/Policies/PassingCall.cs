using Gateway.Mcp.Matching;

namespace Gateway.Mcp.Policies;

/// <summary>
/// Whether there are arguments with which a call of a tool would pass. Of each policy one pattern that allows is chosen, of each pattern that forbids one condition that
/// does not hold, until there is a choice for which every argument can have a value.
/// </summary>
/// <remarks>
/// One value is enough for an argument: what several do together, the first of them does alone. An argument that no pattern needs is left out, which breaks every condition
/// on it. Bounded: after <see cref="MostTries"/> the answer is that there may be such arguments, and the call decides.
/// </remarks>
internal sealed class PassingCall
{
    public const int MostTries = 1_000;

    private readonly CompiledCall[][] _allow;
    private readonly CompiledCall[] _deny;
    private readonly Dictionary<string, (ArgumentPath Path, List<ValueSet> All, List<ValueSet> None)> _needs = new(StringComparer.Ordinal);
    private int _tries;

    private PassingCall(CompiledCall[][] allow, CompiledCall[] deny) => (_allow, _deny) = (allow, deny);

    public static bool Exists(CompiledToolPolicy[] policies, string server, string tool)
    {
        var deny = policies.SelectMany(static p => p.Deny).Where(d => d.Selects(server, tool)).ToArray();
        if (Array.Exists(deny, static d => d.Conditions.Count == 0))
        {
            return false;
        }

        var allow = policies.Where(static p => p.Allow.Length > 0).Select(p => Array.FindAll(p.Allow, a => a.Selects(server, tool))).ToArray();
        if (Array.Exists(allow, static a => a.Length == 0))
        {
            return false;
        }

        // A policy with a pattern that asks nothing of the arguments asks nothing.
        allow = Array.FindAll(allow, static a => !Array.Exists(a, static p => p.Conditions.Count == 0));
        return allow.Length == 0 || new PassingCall(allow, deny).ChooseAllow(0);
    }

    private bool ChooseAllow(int policy)
    {
        if (policy == _allow.Length)
        {
            return ChooseDeny(0);
        }

        foreach (var pattern in _allow[policy])
        {
            if (++_tries > MostTries)
            {
                return true;
            }

            var added = 0;
            var possible = true;
            foreach (var condition in pattern.Conditions)
            {
                Need(condition).All.Add(condition.Values);
                added++;
                if (!IsPossible(condition.Path))
                {
                    possible = false;
                    break;
                }
            }

            if (possible && ChooseAllow(policy + 1))
            {
                return true;
            }

            foreach (var condition in pattern.Conditions.Take(added))
            {
                var need = _needs[condition.Path.Text];
                need.All.RemoveAt(need.All.Count - 1);
                if (need.All.Count == 0)
                {
                    _needs.Remove(condition.Path.Text);
                }
            }
        }

        return false;
    }

    private bool ChooseDeny(int at)
    {
        if (at == _deny.Length)
        {
            return true;
        }

        if (_deny[at].Conditions.Any(c => !_needs.ContainsKey(c.Path.Text)))
        {
            return ChooseDeny(at + 1);
        }

        foreach (var condition in _deny[at].Conditions)
        {
            if (++_tries > MostTries)
            {
                return true;
            }

            var need = _needs[condition.Path.Text];
            need.None.Add(condition.Values);
            if (IsPossible(condition.Path) && ChooseDeny(at + 1))
            {
                return true;
            }

            need.None.RemoveAt(need.None.Count - 1);
        }

        return false;
    }

    private (ArgumentPath Path, List<ValueSet> All, List<ValueSet> None) Need(CompiledCondition condition)
    {
        if (!_needs.TryGetValue(condition.Path.Text, out var need))
        {
            _needs[condition.Path.Text] = need = (condition.Path, [], []);
        }

        return need;
    }

    // What has a value of its own has no members, and the other way round.
    private bool IsPossible(ArgumentPath path)
    {
        var need = _needs[path.Text];
        return !_needs.Values.Any(n => n.Path.IsAbove(path) || path.IsAbove(n.Path)) && ValueSearch.Exists(need.All, need.None);
    }
}
