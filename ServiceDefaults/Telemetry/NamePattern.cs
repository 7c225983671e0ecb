namespace Gateway.ServiceDefaults.Telemetry;

internal static class NamePattern
{
    /// <summary>True when the name is one of the patterns, or begins with one that ends in <c>*</c>.</summary>
    public static bool MatchesAny(IEnumerable<string> patterns, string name)
    {
        foreach (var pattern in patterns)
        {
            var matches = pattern.EndsWith('*')
                ? name.AsSpan().StartsWith(pattern.AsSpan(0, pattern.Length - 1), StringComparison.OrdinalIgnoreCase)
                : string.Equals(name, pattern, StringComparison.OrdinalIgnoreCase);
            if (matches)
            {
                return true;
            }
        }

        return false;
    }
}
