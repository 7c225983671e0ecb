
namespace Gateway.Edge.Admission.Limits;

/// <summary>All counters of this edge, by the limit they belong to. They survive changes of configuration.</summary>
internal sealed class LimitState(LimitSharing sharing)
{
    private readonly Dictionary<string, LimitCounters> _limits = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    public LimitSharing Sharing { get; } = sharing;

    /// <summary>The counters of a limit. Their figures stay as they are until <see cref="Use"/>.</summary>
    public LimitCounters Get(LimitRule rule)
    {
        lock (_lock)
        {
            return _limits.TryGetValue(rule.CounterId, out var counters) ? counters : _limits[rule.CounterId] = new LimitCounters(rule, Sharing);
        }
    }

    /// <summary>Takes the figures of all limits into force, and forgets limits that are no longer there.</summary>
    public void Use(IReadOnlyDictionary<string, LimitRule> rules)
    {
        lock (_lock)
        {
            foreach (var (id, counters) in _limits.ToList())
            {
                if (!rules.TryGetValue(id, out var rule))
                {
                    _limits.Remove(id);
                }
                else if (counters.Rule.Entry != rule.Entry)
                {
                    counters.Change(rule);
                }
            }
        }
    }
}
