namespace Gateway.Guardrails.Engine.Pii.Names;

/// <summary>Places and organisations by the word list, also those of several words.</summary>
internal static class Places
{
    private const int MostWords = 5;
    private const int LongestPhrase = 64;

    public static PiiMatch Known(in PiiScan scan)
    {
        var first = scan.First;
        var (end, found) = (0, WordClass.None);
        if (first.Is(WordClass.Phrase))
        {
            (end, found) = Phrase(scan, scan.Index);
        }

        if (found == WordClass.None && first.Is(WordClass.Place | WordClass.Organization))
        {
            (end, found) = (first.End, first.Class);
        }

        if (found == WordClass.None)
        {
            return PiiMatch.None;
        }

        var small = !first.Has(Shape.Capital);
        var phrase = end > first.End;
        if (small && (first.Is(WordClass.Common | WordClass.Given | WordClass.Surname) || (found & WordClass.Organization) != 0) && !phrase)
        {
            return PiiMatch.None;
        }

        // Many places are persons' names too, and some are words: only what stands before tells.
        if (!phrase && (first.Is(WordClass.Given | WordClass.Surname) || first.Is(WordClass.Common)))
        {
            var said = scan.TryBefore(scan.Index - 1, out var before) && scan.Text[before.End..first.Start] is " " && (before.Cue & (Cue.PlaceBefore | (first.Is(WordClass.Organization) ? Cue.OrganizationBefore : Cue.None))) != 0;
            if (!said || (scan.TryToken(scan.Index + 1, out var next) && next.Has(Shape.Capital) && next.Is(WordClass.Surname | WordClass.Given) && scan.Between(first, next) is " "))
            {
                return PiiMatch.None;
            }
        }

        // «Paris Hilton», «London Group»: names that go on are names of something else.
        if (!small && !phrase && scan.TryToken(scan.Index + 1, out var following) && scan.Between(first, following) is " " && following.Has(Shape.Capital) && !following.Has(Shape.AllCapitals)
            && (following.Is(WordClass.OrganizationSuffix) || (first.Is(WordClass.Given) && following.Is(WordClass.Surname))))
        {
            return PiiMatch.None;
        }

        end = (found & WordClass.Place) != 0 && !small ? Further(scan, Extended(scan, end)) : end;
        return new PiiMatch(first.Start, end, (found & WordClass.Place) != 0 ? "location" : "organization", phrase ? 0.85 : small ? 0.6 : 0.75);
    }

    /// <summary>The longest name of several words that begins with a word.</summary>
    public static (int End, WordClass Class) Phrase(in PiiScan scan, int index)
    {
        if (!scan.TryToken(index, out var token) || token.Length > LongestPhrase)
        {
            return default;
        }

        var (hash, length) = (WordHash.Of(scan.Of(token)), token.Length);
        var best = (End: 0, Class: WordClass.None);
        for (var i = index + 1; i < index + MostWords; i++)
        {
            var previous = token;
            if (!scan.TryToken(i, out token) || scan.Between(previous, token) is not (" " or "-" or "." or ". " or "'" or "&" or " & " or "’") || length + 1 + token.Length > LongestPhrase)
            {
                break;
            }

            length += 1 + token.Length;
            hash = WordHash.Extend(WordHash.Extend(hash, ' '), scan.Of(token));
            var phrase = Lexicon.Default.FindPhrase(hash);
            if (phrase.Class != WordClass.None)
            {
                best = (token.End, phrase.Class);
            }

            if (!phrase.GoesOn)
            {
                break;
            }
        }

        return best;
    }

    /// <summary>«Berlin Spandau», «Frankfurt am Main», «Hamilton East»: where a place's name ends with what it goes on with, none of it known as something else.</summary>
    public static int Extended(in PiiScan scan, int end)
    {
        for (var (i, words) = (scan.Index + 1, 0); i < scan.Index + MostWords && words < 2 && scan.TryToken(i, out var token); i++)
        {
            if (token.Start < end)
            {
                continue;
            }

            if (scan.Text[end..token.Start] is not " ")
            {
                break;
            }

            if (IsLink(scan.Of(token)) && scan.TryToken(i + 1, out var after) && scan.Between(token, after) is " " && after.Has(Shape.Capital) && !after.Has(Shape.AllCapitals) && ((after.Class & ~(WordClass.Place | WordClass.Notable)) == 0 || scan.Of(token) is "am" or "sur" or "upon" or "nad") && after.Length > 2)
            {
                (end, i, words) = (after.End, i + 1, words + 1);
                continue;
            }

            var isCompass = scan.Of(token) is "East" or "West" or "North" or "South";
            if (!token.Has(Shape.Capital) || token.Has(Shape.AllCapitals | Shape.InnerCapital) || token.Length < 4 || ((token.Class & ~WordClass.Place) != 0 && !isCompass))
            {
                break;
            }

            (end, words) = (token.End, words + 1);
        }

        return end;
    }

    private static bool IsLink(ReadOnlySpan<char> word) => word is "nad" or "pri" or "pod" or "u" or "am" or "an" or "sur" or "sous" or "upon" or "ob" or "bei" or "del" or "di" or "de" or "do";

    // «København K», «Esbjerg N»: a letter for the part of the town.
    private static int Further(in PiiScan scan, int end) =>
        scan.At(end) == ' ' && char.IsAsciiLetterUpper(scan.At(end + 1)) && scan.At(end + 1) is not ('I' or 'A') && !Tokenizer.IsWord(scan.At(end + 2)) && scan.At(end + 2) is not '\'' ? end + 2 : end;
}
