using System.Collections.Frozen;

namespace Gateway.McpHub.CodeMode;

/// <summary>Makes identifiers of the names of servers and tools: the same ones for the same names, and different ones for different names of one list.</summary>
internal static class ProgramNames
{
    private static readonly FrozenSet<string> Keywords = FrozenSet.Create(
        StringComparer.Ordinal,
        "and", "as", "assert", "break", "class", "continue", "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "load", "nonlocal", "not", "or", "pass",
        "raise", "return", "try", "while", "with", "yield", "async", "await", "True", "False", "None");

    // What the language has built in: a server of such a name would hide it. Tools stand behind a dot, and hide nothing.
    private static readonly FrozenSet<string> BuiltIn = FrozenSet.Create(
        StringComparer.Ordinal,
        "abs", "all", "any", "bool", "call", "callable", "chr", "dict", "dir", "divmod", "enumerate", "fail", "filter", "float", "format", "gather", "getattr", "hasattr", "hex", "bin", "int", "isinstance", "len",
        "list", "map", "max", "min", "ord", "pow", "print", "range", "repr", "reversed", "round", "set", "sorted", "str", "sum", "tuple", "type", "zip", "json", "math", "result");

    /// <summary>An identifier for each name, in order.</summary>
    /// <param name="names">The names.</param>
    /// <param name="areServers">True for servers, whose names stand alone; false for tools, which stand behind a dot.</param>
    public static IReadOnlyList<string> For(IReadOnlyList<string> names, bool areServers)
    {
        // Names that need no change keep theirs, wherever they stand.
        var used = new HashSet<string>(names.Where(n => Fit(n, areServers) == n), StringComparer.Ordinal);
        var made = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var fitted = Fit(name, areServers);
            var own = fitted;
            for (var n = 2; own != name && !used.Add(own); n++)
            {
                own = $"{fitted}_{n}";
            }

            made[name] = own;
        }

        return [.. names.Select(n => made[n])];
    }

    private static string Fit(string name, bool isServer)
    {
        var fitted = string.Create(name.Length, name, static (span, from) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsAsciiLetterOrDigit(from[i]) ? from[i] : '_';
            }
        });
        return fitted.Length == 0 || char.IsAsciiDigit(fitted[0]) ? "_" + fitted : Keywords.Contains(fitted) || (isServer && BuiltIn.Contains(fitted)) ? fitted + "_" : fitted;
    }
}
