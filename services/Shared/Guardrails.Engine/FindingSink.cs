using System.Collections.Frozen;
using Gateway.Guardrails.Engine.Detection;

namespace Gateway.Guardrails.Engine;

/// <summary>Collects what one rule finds in one text.</summary>
public sealed class FindingSink
{
    private readonly List<Found> _found = [];
    private readonly int _most;
    private readonly FrozenSet<string> _kinds;
    private readonly double _minScore;

    /// <summary>Takes all findings.</summary>
    public FindingSink()
        : this(int.MaxValue, FrozenSet<string>.Empty, 0)
    {
    }

    internal FindingSink(int most, FrozenSet<string> kinds, double minScore)
    {
        _most = most;
        _kinds = kinds;
        _minScore = minScore;
    }

    /// <summary>True when further findings would be dropped: what is left to find cannot change what happens.</summary>
    public bool IsFull => _found.Count >= _most;

    /// <summary>The findings so far: start, length, kind and score.</summary>
    public IEnumerable<(int Start, int Length, string Kind, double Score)> All => _found.Select(static f => (f.Start, f.End - f.Start, f.Kind, f.Score));

    internal List<Found> Found => _found;

    /// <summary>Adds a finding, unless its rule does not count it.</summary>
    /// <param name="start">Where it begins in the text that the detector was shown.</param>
    /// <param name="length">How long it is, in UTF-16 code units; at least 1.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="score">How sure the detector is, 0 to 1.</param>
    public void Add(int start, int length, string kind, double score = 1)
    {
        if (!IsFull && length > 0 && score >= _minScore && (_kinds.Count == 0 || _kinds.Contains(kind)))
        {
            _found.Add(new Found(start, start + length, 0, kind, score));
        }
    }
}
