namespace Gateway.Guardrails.Engine.Pii.Names;

/// <summary>Names in text that is written without capitals.</summary>
internal static class SmallNames
{
    public static PiiMatch Recognize(in PiiScan scan)
    {
        var first = scan.First;
        if (first.Length < 3 || first.Has(Shape.Digits))
        {
            return PiiMatch.None;
        }

        var cue = Cue.None;
        for (var i = scan.Index - 1; i >= scan.Index - 3 && scan.TryBefore(i, out var before); i--)
        {
            cue |= i == scan.Index - 1 ? before.Cue : before.Cue & Cue.Name;
        }

        var known = first.Is(WordClass.Given) && !first.Is(WordClass.Common);
        var unusual = !first.Is(WordClass.Common | WordClass.Notable | WordClass.Nationality | WordClass.Weekday | WordClass.Month | WordClass.NameParticle | WordClass.Street | WordClass.StreetPrefix | WordClass.Unit | WordClass.Url | WordClass.Degree | WordClass.OrganizationSuffix);
        var followed = scan.TryToken(scan.Index + 1, out var next) && scan.Between(first, next) is " " && !next.Has(Shape.Capital | Shape.Digits) && next.Length > 2 && !next.Is(WordClass.Common);
        if (unusual && !known && scan.TryBefore(scan.Index - 1, out var place) && (place.Cue & Cue.PlaceBefore) != 0 && first.Length > 3 && first.Class == WordClass.None && Standing.IsSmall(scan))
        {
            return new PiiMatch(first.Start, End(scan, scan.Index), "location", 0.5);
        }

        if (!(known || (unusual && (cue & (Cue.Name | Cue.PersonBefore)) != 0) || (unusual && followed && next.Is(WordClass.Surname))) || !Standing.IsSmall(scan) && !(known && followed))
        {
            return PiiMatch.None;
        }

        return new PiiMatch(first.Start, End(scan, scan.Index), "person", known && followed ? 0.75 : 0.55);
    }

    /// <summary>Where a name ends that begins with a word.</summary>
    public static int End(in PiiScan scan, int index)
    {
        scan.TryToken(index, out var last);
        var end = last.End;
        for (var i = index + 1; i < index + 4 && scan.TryToken(i, out var token); i++)
        {
            if (scan.Text[end..token.Start] is not (" " or "-" or "'") || token.Has(Shape.Digits | Shape.Capital))
            {
                break;
            }

            if (token.Is(WordClass.NameParticle) && scan.TryToken(i + 1, out var after) && !after.Is(WordClass.Common) && scan.Between(token, after) is " ")
            {
                end = token.End;
                continue;
            }

            if (token.Length < 2 || (token.Is(WordClass.Common | WordClass.Notable | WordClass.NameParticle) && !token.Is(WordClass.Degree)))
            {
                break;
            }

            end = token.End;
        }

        return end;
    }
}
