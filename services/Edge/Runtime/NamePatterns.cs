namespace Gateway.Edge.Runtime;

/// <summary>A list of names of which each may end in <c>*</c>; an empty list allows everything.</summary>
internal sealed class NamePatterns(IReadOnlyList<string> patterns)
{
    private readonly string[] _patterns = [.. patterns];

    public bool Allows(string name)
    {
        if (_patterns.Length == 0)
        {
            return true;
        }

        foreach (var pattern in _patterns)
        {
            var matches = pattern.EndsWith('*')
                ? name.AsSpan().StartsWith(pattern.AsSpan(0, pattern.Length - 1), StringComparison.Ordinal)
                : string.Equals(pattern, name, StringComparison.Ordinal);
            if (matches)
            {
                return true;
            }
        }

        return false;
    }
}
