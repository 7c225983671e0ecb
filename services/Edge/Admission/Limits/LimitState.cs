
namespace Gateway.Edge.Admission.Limits;

/// <summary>All counters of this edge, by the limit they belong to. They survive changes of configuration.</summary>
internal sealed class LimitState(LimitSharing sharing)
{
    private readonly Dictionary<string, LimitCounters> _limits = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    public LimitSharing Sharing { get; } = sharing;

    /// <summary>The counters of a limit, with its figures in force.</summary>
    public LimitCounters Get(LimitRule rule)
    {
        lock (_lock)
        {
            if (!_limits.TryGetValue(rule.Id, out var counters))
            {
                return _limits[rule.Id] = new LimitCounters(rule, Sharing);
            }

            if (counters.Rule.Entry != rule.Entry)
            {
                counters.Change(rule);
            }

            return counters;
        }
    }

    /// <summary>Forgets the limits that are no longer there.</summary>
    public void Keep(IReadOnlySet<string> ids)
    {
        lock (_lock)
        {
            foreach (var id in _limits.Keys.Where(id => !ids.Contains(id)).ToList())
            {
                _limits.Remove(id);
            }
        }
    }
}
