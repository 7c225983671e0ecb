using Gateway.Routing;

namespace Gateway.Edge.Runtime;

/// <summary>A list of names, each of which may have one <c>*</c> anywhere; an empty list allows everything.</summary>
internal sealed class NamePatterns(IReadOnlyList<string> patterns)
{
    private readonly NamePattern[] _patterns = [.. patterns.Select(static p => new NamePattern(p))];

    /// <summary>True when everything is allowed.</summary>
    public bool AllowAll => _patterns.Length == 0;

    public bool Allows(string name)
    {
        if (_patterns.Length == 0)
        {
            return true;
        }

        foreach (var pattern in _patterns)
        {
            if (pattern.Matches(name, out _))
            {
                return true;
            }
        }

        return false;
    }
}
