namespace Gateway.Guardrails.Engine.Pii.Names;

/// <summary>How a word stands in its text, as far as that says something about names.</summary>
internal static class Standing
{
    /// <summary>Whether a word begins a sentence, a line or something quoted, so that its capital says nothing.</summary>
    public static bool BeginsSentence(in PiiScan scan, int index)
    {
        scan.TryToken(index, out var token);
        for (var i = token.Start - 1; i >= 0 && token.Start - i < 8; i--)
        {
            switch (scan.Text[i])
            {
                case ' ' or '\u00a0' or '\t' or '"' or '\'' or '“' or '‘' or '(' or '[' or '*' or '_' or '#' or '>' or '-':
                    continue;
                case '.':
                    return !IsAbbreviation(scan, index - 1, i);
                case '\n' or '\r' or '!' or '?' or ':' or '…' or ';':
                    return true;
                default:
                    return false;
            }
        }

        return token.Start < 8;
    }

    /// <summary>Whether the text before is written without capitals, so that their absence says nothing.</summary>
    public static bool IsSmall(in PiiScan scan)
    {
        var words = 0;
        for (var i = scan.Index - 1; scan.TryBefore(i, out var token); i--)
        {
            if (token.Has(Shape.Capital) || (token.Length == 1 && scan.Text[token.Start] == 'I'))
            {
                return false;
            }

            words++;
        }

        return words >= 2 || (words == 0 && !scan.First.Has(Shape.Capital) && BeginsSentence(scan, scan.Index));
    }

    // «Mr.» and initials end with a dot that ends nothing.
    private static bool IsAbbreviation(in PiiScan scan, int index, int dot) =>
        scan.TryBefore(index, out var before) && before.End == dot && (before.Is(WordClass.Honorific | WordClass.Street) || (before.Length == 1 && before.Has(Shape.Capital)));
}
