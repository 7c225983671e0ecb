namespace Gateway.Guardrails.Engine.Pii.Names;

/// <summary>
/// Lists of names set apart by commas and «and»: what stands in one is of one kind, so that «Northern Data Inc., Quantly and Holt-Reed» are three firms although only one of them says so. A given name anywhere
/// in it makes it one of persons.
/// </summary>
internal static class FirmList
{
    private const int MostWords = 16;

    /// <summary>Whether a name stands in a list with a firm.</summary>
    /// <param name="scan">The scan, at the name's first word.</param>
    /// <param name="end">Where the name ends.</param>
    public static bool Holds(in PiiScan scan, int end) =>
        Ahead(scan, end) is (not Sign.Person and var ahead, var andAhead) && Behind(scan) is (not Sign.Person and var behind, var andBehind) && (ahead == Sign.Firm || behind == Sign.Firm) && (andAhead || andBehind);

    private static (Sign Sign, bool And) Ahead(in PiiScan scan, int end)
    {
        var (sign, last, listed, start, and) = (Sign.None, default(Token), false, false, false);
        for (var i = scan.Index; i < scan.Index + MostWords && scan.TryToken(i, out var token); i++)
        {
            if (token.End <= end)
            {
                last = token;
                continue;
            }

            var between = scan.Text[last.End..token.Start];
            if (between is ", " or ". , " or "., ")
            {
                (listed, start) = (true, true);
            }
            else if (between is not (" " or "-" or "&" or " & " or ". "))
            {
                break;
            }

            if (scan.Of(token) is "and" && between is " " or ", ")
            {
                (listed, start, and, last) = (true, true, true, token);
                continue;
            }

            if (!listed || !token.Has(Shape.Capital))
            {
                break;
            }

            if (token.Is(WordClass.Given) && start && !token.Is(WordClass.Surname | WordClass.Common))
            {
                return (Sign.Person, and);
            }

            sign = token.Is(WordClass.OrganizationSuffix) && !start || (token.Is(WordClass.Organization) && !token.Is(WordClass.Given | WordClass.Common)) ? Sign.Firm : sign;
            (last, start) = (token, false);
        }

        return (sign, and);
    }

    private static (Sign Sign, bool And) Behind(in PiiScan scan)
    {
        var (sign, next, listed, and) = (Sign.None, scan.First, false, false);
        for (var i = scan.Index - 1; i >= scan.Index - MostWords && scan.TryBefore(i, out var token); i--)
        {
            var between = scan.Text[token.End..next.Start];
            if (scan.Of(token) is "and" && between is " ")
            {
                (listed, and, next) = (true, true, token);
                continue;
            }

            var separated = between is ", " or "., ";
            listed |= separated;
            if (!listed || !(separated || between is " " or "-" or " & " or ". ") || !token.Has(Shape.Capital))
            {
                break;
            }

            if (token.Is(WordClass.Given) && !token.Is(WordClass.Surname | WordClass.Common))
            {
                return (Sign.Person, and);
            }

            var closes = separated || scan.Of(next) is "and";
            sign = closes && token.Is(WordClass.OrganizationSuffix) || (token.Is(WordClass.Organization) && !token.Is(WordClass.Given | WordClass.Common)) ? Sign.Firm : sign;
            next = token;
        }

        return (sign, and);
    }

    private enum Sign
    {
        None,
        Firm,
        Person,
    }
}
