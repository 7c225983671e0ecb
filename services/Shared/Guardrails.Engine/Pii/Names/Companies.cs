namespace Gateway.Guardrails.Engine.Pii.Names;

/// <summary>Names of organisations that consist of ordinary words: by how they end, by what stands around them, and by the form that firms of partners have.</summary>
internal static class Companies
{
    private const int MostWords = 6;

    public static PiiMatch Recognize(in PiiScan scan)
    {
        var first = scan.First;
        if (first.Is(WordClass.Honorific | WordClass.Weekday | WordClass.Month | WordClass.Unit) || first.Length < 2)
        {
            return PiiMatch.None;
        }

        var partners = Partners(scan);
        return partners.Kind is not null ? partners : Named(scan);
    }

    // «Holt, Myers and Reed»: three family names.
    private static PiiMatch Partners(in PiiScan scan)
    {
        var (a, index) = (scan.First, scan.Index);
        if (!scan.TryToken(index + 1, out var b) || scan.Between(a, b) is not ", " || !scan.TryToken(index + 2, out var and) || scan.Between(b, and) is not " " || scan.Of(and) is not "and" || !scan.TryToken(index + 3, out var c) || scan.Between(and, c) is not " ")
        {
            return PiiMatch.None;
        }

        // Three that are announced are three: «our founders: Holt, Myers and Reed».
        if (index > 0 && scan.TryBefore(index - 1, out var announcing) && scan.Text[announcing.End..a.Start] is ": " or ":\n")
        {
            return PiiMatch.None;
        }

        var known = (a.Is(WordClass.Surname) ? 1 : 0) + (b.Is(WordClass.Surname) ? 1 : 0) + (c.Is(WordClass.Surname) ? 1 : 0);
        var goesOn = scan.TryToken(index + 4, out var next) && scan.Between(c, next) is " " && next.Has(Shape.Capital);
        var goesBack = scan.TryBefore(index - 1, out var before) && before.Has(Shape.Capital) && scan.Text[before.End..a.Start] is " " or ", " && !before.Is(WordClass.Common);
        return known >= 2 && MayBe(a) && MayBe(b) && MayBe(c) && !goesOn && !goesBack ? new PiiMatch(a.Start, c.End, "organization", 0.6) : PiiMatch.None;
    }

    private static bool MayBe(in Token token) =>
        token.Has(Shape.Capital) && !token.Has(Shape.AllCapitals | Shape.Digits) && (token.Is(WordClass.Surname) || token.Class == WordClass.None) && !token.Is(WordClass.Place | WordClass.Weekday | WordClass.Month | WordClass.Nationality);

    // «Northern Data Services», «for Open Map Nation», «the address of Walk Far is».
    private static PiiMatch Named(in PiiScan scan)
    {
        var begins = Standing.BeginsSentence(scan, scan.Index);
        var (words, unusual, ordinary, given, suffix, end, last) = (0, false, false, false, false, 0, scan.First);
        for (var i = scan.Index; i < scan.Index + MostWords && scan.TryToken(i, out var token); i++)
        {
            if (words > 0 && !(scan.Between(last, token) is " " or " & " or "-"))
            {
                break;
            }

            if (!token.Has(Shape.Capital))
            {
                if (words > 0 && scan.Of(token) is "of" or "and" && scan.TryToken(i + 1, out var after) && after.Has(Shape.Capital) && scan.Between(token, after) is " " && after.Is(WordClass.Common) && !after.Is(WordClass.Given | WordClass.Surname))
                {
                    last = token;
                    continue;
                }

                break;
            }

            if (token.Has(Shape.Digits) || token.Is(WordClass.Honorific | WordClass.Weekday | WordClass.Month) || (token.Is(WordClass.Street | WordClass.Unit) && !token.Is(WordClass.OrganizationSuffix)))
            {
                return PiiMatch.None;
            }

            words++;
            unusual |= !token.Is(WordClass.Common | WordClass.OrganizationSuffix);
            ordinary |= token.Is(WordClass.Common) && !token.Is(WordClass.Given | WordClass.Surname);
            given |= token.Is(WordClass.Given) && !token.Is(WordClass.Common | WordClass.Surname);
            suffix = token.Is(WordClass.OrganizationSuffix) && words > 1;
            (last, end) = (token, token.End);
        }

        if (words < 2 || (begins && scan.First.Is(WordClass.Common) && !suffix))
        {
            return PiiMatch.None;
        }

        var (before, afterwards) = Around(scan, end);
        var announced = before || afterwards;
        return (suffix && (unusual || announced) && !(begins && IsSmallWord(scan, scan.First))) || (announced && ordinary && !given && !scan.First.Is(WordClass.Given | WordClass.Surname) && !begins)
            ? new PiiMatch(scan.First.Start, end, "organization", suffix ? 0.65 : 0.55)
            : PiiMatch.None;
    }

    // What says that a firm is named: «for», «join», «the address of» before it, «invested», «is a» after it.
    private static (bool Before, bool After) Around(in PiiScan scan, int end)
    {
        var before = scan.TryBefore(scan.Index - 1, out var word) && scan.Text[word.End..scan.First.Start] is " "
            && ((word.Cue & Cue.OrganizationBefore) != 0 || (scan.Of(word) is "of" && scan.TryBefore(scan.Index - 2, out var whose) && (whose.Cue & Cue.Address) != 0));
        return (before, IsActor(scan, end));
    }

    /// <summary>Whether what follows says that what ends here is a firm.</summary>
    public static bool IsActor(in PiiScan scan, int end)
    {
        for (var i = scan.Index + 1; i < scan.Index + MostWords + 2 && scan.TryToken(i, out var token); i++)
        {
            if (token.Start >= end)
            {
                return scan.Text[end..token.Start] is " " && ((token.Cue & Cue.OrganizationAfter) != 0 || (scan.Of(token) is "is" && scan.TryToken(i + 1, out var article) && scan.Of(article) is "a" or "an" && scan.TryToken(i + 2, out var what) && ((what.Has(Shape.Digits) && what.Length != 4) || what.Is(WordClass.OrganizationSuffix))));
            }
        }

        return false;
    }

    private static bool IsSmallWord(in PiiScan scan, in Token token) => scan.Of(token) is "The" or "This" or "That" or "Our" or "Your" or "My" or "His" or "Her" or "Their" or "These" or "All" or "No" or "For" or "In" or "At" or "And" or "A" or "An" or "If" or "When" or "What" or "Which" or "How";
}
