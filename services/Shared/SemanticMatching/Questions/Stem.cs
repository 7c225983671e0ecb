namespace Gateway.SemanticMatching.Questions;

/// <summary>
/// Takes the commonest English endings off, so that "apps" and "app", "studying" and "study" meet. Coarse on purpose: what it makes is compared, never shown.
/// </summary>
internal static class Stem
{
    public static string Of(string word)
    {
        if (word.Length < 4 || !char.IsAsciiLetter(word[0]))
        {
            return word;
        }

        var stem = Plural(word);
        stem = stem.Length > 5 && stem.EndsWith("ing", StringComparison.Ordinal) ? Undouble(stem[..^3])
            : stem.Length > 4 && stem.EndsWith("ied", StringComparison.Ordinal) ? stem[..^3] + "y"
            : stem.Length > 4 && stem.EndsWith("ed", StringComparison.Ordinal) ? Undouble(stem[..^2])
            : stem.Length > 5 && stem.EndsWith("ly", StringComparison.Ordinal) ? stem[..^2]
            : stem;
        return stem.Length > 4 && stem.EndsWith('e') ? stem[..^1] : stem;
    }

    private static string Plural(string word)
        => word.EndsWith("ies", StringComparison.Ordinal) && word.Length > 4 ? word[..^3] + "y"
            : word.EndsWith("sses", StringComparison.Ordinal) || word.EndsWith("xes", StringComparison.Ordinal) || word.EndsWith("ches", StringComparison.Ordinal)
                || word.EndsWith("shes", StringComparison.Ordinal) ? word[..^2]
            : word.EndsWith('s') && word[^2] is not ('s' or 'u' or 'i') ? word[..^1]
            : word;

    private static string Undouble(string stem)
        => stem.Length > 3 && stem[^1] == stem[^2] && stem[^1] is not ('l' or 's' or 'z') ? stem[..^1] : stem;
}
