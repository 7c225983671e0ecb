using System.Globalization;

namespace Gateway.Edge.Guarding.Policies;

/// <summary>Reads the paths by which the compiler of policies names what is wrong.</summary>
internal static class PolicyPaths
{
    /// <summary>The rule that a path such as <c>rules[2].kinds[0]</c> lies in, and the member; no rule for a member of the policy itself.</summary>
    public static (int? Rule, string Member) Split(string path)
    {
        const string rules = "rules[";
        var end = path.IndexOf(']', StringComparison.Ordinal);
        if (!path.StartsWith(rules, StringComparison.Ordinal) || end < 0 || !int.TryParse(path.AsSpan(rules.Length, end - rules.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var rule))
        {
            return (null, First(path));
        }

        return (rule, end + 2 <= path.Length ? First(path[(end + 2)..]) : "");
    }

    private static string First(string path) => path.Split('.', '[')[0];
}
