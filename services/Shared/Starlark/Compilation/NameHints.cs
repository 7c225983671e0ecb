namespace Gateway.Starlark.Compilation;

/// <summary>What to write instead of a name that is not there.</summary>
internal static class NameHints
{
    private const int MostCompared = 2000;

    /// <summary>Says what to use instead of things of Python that are left out on purpose, or names the nearest that is there.</summary>
    public static string? For(string name, IEnumerable<string> known) => name switch
    {
        "open" or "input" or "exec" or "eval" or "compile" or "__import__" or "os" or "sys" or "subprocess" or "requests" => "programs reach nothing but their tools",
        "time" or "datetime" or "random" or "uuid" => "there is no clock and no chance: ask a tool, or have the value given",
        "re" => "there are no regular expressions: use find, split, startswith, replace",
        "asyncio" => "use gather([call(tool, name=value), ...]) to run calls at once",
        "iter" or "next" => "use a loop or an index",
        "globals" or "locals" or "vars" or "object" or "super" or "property" => "there are no classes: use dicts and functions",
        _ => Nearest(name, known) is { } nearest ? $"did you mean {nearest}?" : null,
    };

    /// <summary>The most similar of some names, or null when none is similar.</summary>
    public static string? Nearest(string name, IEnumerable<string> known)
    {
        var (best, distance) = ((string?)null, Math.Max(2, name.Length / 3) + 1);
        foreach (var candidate in known.Take(MostCompared))
        {
            if (Math.Abs(candidate.Length - name.Length) < distance && Distance(name, candidate) is var d && d < distance)
            {
                (best, distance) = (candidate, d);
            }
        }

        return best;
    }

    private static int Distance(string a, string b)
    {
        if (a.Length > 64 || b.Length > 64)
        {
            return int.MaxValue;
        }

        Span<int> row = stackalloc int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
        {
            row[j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            (var diagonal, row[0]) = (row[0], i);
            for (var j = 1; j <= b.Length; j++)
            {
                var next = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1));
                (diagonal, row[j]) = (row[j], next);
            }
        }

        return row[b.Length];
    }
}
