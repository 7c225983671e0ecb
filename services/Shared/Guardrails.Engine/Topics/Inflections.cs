using Gateway.Guardrails.Engine.Normalization;

namespace Gateway.Guardrails.Engine.Topics;

/// <summary>The endings under which a term is still the same term.</summary>
internal static class Inflections
{
    private const int MinStem = 4;

    // Of English and, for words long enough that nothing else is meant, of its neighbours: plurals, possessives, cases.
    private static readonly string[] _endings = ["s", "es", "'s", "s'", "n", "en", "er", "e", "ern"];

    /// <summary>Adds the endings of a term's last word.</summary>
    public static void Add(PhraseTree tree, string term)
    {
        term = term.Trim();
        var last = term[(term.LastIndexOf(' ') + 1)..];
        if (last.EndsWith('*') || last.Length == 0 || !char.IsLetter(last[^1]))
        {
            return;
        }

        tree.Add(term + "'s", 1);
        if (last.Length < MinStem)
        {
            return;
        }

        foreach (var ending in _endings)
        {
            tree.Add(term + ending, 1);
        }

        if (term.EndsWith('y'))
        {
            tree.Add(term[..^1] + "ies", 1);
        }
    }
}
