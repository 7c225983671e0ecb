using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.Detection;

/// <summary>Counts what the rules of a policy did.</summary>
internal sealed class RuleLog(CompiledPolicy policy)
{
    private readonly Entry?[] _entries = new Entry?[policy.Rules.Count];

    public bool HasFailed { get; private set; }

    /// <summary>Counts a finding; false when there are so many in the text that it is not to be listed.</summary>
    public bool Count(Found found, int text)
    {
        var entry = Of(found.Rule);
        entry.Count++;
        entry.Kinds.Add(found.Kind);
        if (entry.Text != text)
        {
            entry.Text = text;
            entry.InText = 0;
        }

        return ++entry.InText <= GuardEngine.MaxFindings;
    }

    public void Failed(int rule, string failure)
    {
        Of(rule).Failure ??= failure;
        HasFailed = true;
    }

    public void Answered(int rule) => Of(rule).Answered = true;

    public IReadOnlyList<RuleNote> ToNotes(HashSet<int> redactedInstead, IReadOnlyList<PendingRule> pending)
    {
        foreach (var rule in pending)
        {
            Of(rule.Rule.Index);
        }

        var notes = new List<RuleNote>();
        for (var i = 0; i < _entries.Length; i++)
        {
            if (_entries[i] is { } entry)
            {
                var rule = policy.Rules[i];
                notes.Add(new RuleNote(policy.Entry.Id, i, rule.Descriptor.Name, rule.Entry.Action, policy.Entry.Mode)
                {
                    Count = entry.Count,
                    Kinds = [.. entry.Kinds.Order(StringComparer.Ordinal)],
                    Failure = entry.Failure,
                    IsPending = rule.Detector is null && !entry.Answered,
                    IsRedactedInstead = redactedInstead.Contains(i),
                });
            }
        }

        return notes;
    }

    private Entry Of(int rule) => _entries[rule] ??= new Entry();

    private sealed class Entry
    {
        public int Count { get; set; }

        public HashSet<string> Kinds { get; } = new(StringComparer.Ordinal);

        public int Text { get; set; } = -1;

        public int InText { get; set; }

        public string? Failure { get; set; }

        public bool Answered { get; set; }
    }
}
