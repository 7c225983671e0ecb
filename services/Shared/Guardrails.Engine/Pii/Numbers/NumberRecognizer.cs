namespace Gateway.Guardrails.Engine.Pii.Numbers;

/// <summary>Everything that is made of digits, or of digits and letters.</summary>
internal static class NumberRecognizer
{
    private const double Named = 0.93;

    public static PiiMatch Recognize(in PiiScan scan)
    {
        var cues = scan.CuesBefore();
        var first = scan.First;
        var match = PiiMatch.None;
        Span<char> text = stackalloc char[Compact.Longest];
        Span<int> ends = stackalloc int[12];
        Span<int> lengths = stackalloc int[12];
        var compact = new Compact(text, ends, lengths);
        compact.Read(scan);
        if (compact.Words > 0)
        {
            match = first.Has(Shape.Letters) ? scan.Better(match, Accounts.Recognize(scan, compact)) : match;
            match = scan.Better(match, Nationals(scan, compact, cues));
        }

        if (char.IsAsciiDigit(scan.Text[first.Start]))
        {
            Span<char> digits = stackalloc char[NumberGroups.MostDigits];
            Span<int> places = stackalloc int[NumberGroups.MostGroups * 3];
            var groups = new NumberGroups(digits, places[..NumberGroups.MostGroups], places.Slice(NumberGroups.MostGroups, NumberGroups.MostGroups), places[(NumberGroups.MostGroups * 2)..]);
            groups.Read(scan);

            // What is called by its name and has that one's check digit is no card, unless cards are spoken of.
            var named = match.Kind is not null && match.Score >= Named && (cues & Cue.Card) == 0;
            match = scan.Better(match, Digits(scan, groups, cues, named));
        }

        return scan.Better(match, Documents.Recognize(scan, cues));
    }

    private static PiiMatch Digits(in PiiScan scan, scoped in NumberGroups groups, Cue cues, bool named)
    {
        var start = groups.Start(0);
        var match = named ? PiiMatch.None : Card(scan, groups, cues);
        match = scan.Better(match, SocialSecurity(scan, groups, cues));
        match = scan.Better(match, Dates.Recognize(scan, groups, cues));
        if (groups.Count == 1 && groups.Size(0) == 5 && (scan.CuesBefore(4) & Cue.Zip) != 0)
        {
            var end = scan.At(groups.End(0)) == '-' && groups.Count > 1 && groups.Size(1) == 4 ? groups.End(1) : groups.End(0);
            match = scan.Better(match, new PiiMatch(start, end, "address", 0.7));
        }

        return match.Score >= 0.9 ? match : scan.Better(match, Phones.Recognize(scan, groups, cues));
    }

    private static PiiMatch Card(in PiiScan scan, scoped in NumberGroups groups, Cue cues)
    {
        for (var count = groups.Count; count > 0; count--)
        {
            var digits = groups.Digits(count);
            if (digits.Length is >= 13 and <= 19 && (count == 1 || groups.AreJoinedBy(scan, count, ' ') || groups.AreJoinedBy(scan, count, '-')) && Cards.IsCard(digits)
                && !char.IsLetterOrDigit(scan.At(groups.End(count - 1))))
            {
                var usual = count == 1 || groups.AreSized(4, 4, 4) || groups.AreSized(4, 6);
                return new PiiMatch(groups.Start(0), groups.End(count - 1), "credit_card", (cues & Cue.Card) != 0 ? 1 : usual ? 0.95 : 0.45);
            }
        }

        return PiiMatch.None;
    }

    private static PiiMatch SocialSecurity(in PiiScan scan, scoped in NumberGroups groups, Cue cues)
    {
        var written = groups.Count >= 3 && groups.AreSized(3, 2, 4) && (groups.AreJoinedBy(scan, 3, '-') || groups.AreJoinedBy(scan, 3, ' '));
        var bare = groups.Count == 1 && groups.Size(0) == 9 && (scan.CuesBefore(5) & Cue.Ssn) != 0;
        if (!written && !bare)
        {
            return PiiMatch.None;
        }

        var digits = written ? groups.Digits(3) : groups.Digits(1);
        var (area, group, serial) = ((int)CheckDigits.Number(digits[..3]), CheckDigits.Two(digits, 3), (int)CheckDigits.Number(digits[5..9]));
        if (area == 0 || group == 0 || serial == 0 || area == 666)
        {
            return PiiMatch.None;
        }

        var end = groups.End(written ? 2 : 0);
        var said = (cues & Cue.Ssn) != 0;
        var dashes = written && groups.AreJoinedBy(scan, 3, '-');

        // Nine digits in no form are another country's number where that one's name stands before them.
        var score = said ? written ? 0.97 : 0.92 : dashes ? 0.85 : 0.4;
        return area < 900 ? new PiiMatch(groups.Start(0), end, "us_ssn", score)
            : group is (>= 50 and <= 65) or (>= 70 and <= 88) or (>= 90 and <= 92) or (>= 94 and <= 99) ? new PiiMatch(groups.Start(0), end, "us_itin", score)
            : PiiMatch.None;
    }

    /// <summary>Whether the number's own name stands before it: several countries' numbers have one sum.</summary>
    private static bool IsNamed(in PiiScan scan, NationalId id)
    {
        for (var i = scan.Index - 1; i >= scan.Index - 12 && scan.TryBefore(i, out var token); i--)
        {
            foreach (var name in id.Names)
            {
                if (scan.Of(token).Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
        }

        return false;
    }

    // «id = 123»: in code everything has one.
    private static bool IsAssigned(in PiiScan scan) => scan.TryBefore(scan.Index - 1, out var word) && scan.Of(word) is "id" && scan.Text[word.End..scan.First.Start].Contains('=');

    private static PiiMatch Nationals(in PiiScan scan, scoped in Compact compact, Cue cues)
    {
        var match = PiiMatch.None;
        var said = (cues & Cue.Identity) != 0 && !IsAssigned(scan);
        for (var words = 1; words <= compact.Words; words++)
        {
            var length = compact.LengthOf(words);
            if (length is < 8 or > 18)
            {
                continue;
            }

            string? number = null;
            foreach (var id in NationalIds.OfLength(length))
            {
                var text = scan.Text[scan.First.Start..compact.EndOf(words)];
                var formed = id.Form.Length > 0 && NationalIds.Fits(text, id.Form);
                if ((words > 1 && !formed) || (!said && !formed && id.Evidence != Evidence.Enough) || (!said && id.Evidence == Evidence.NeedsWords))
                {
                    continue;
                }

                number ??= compact.UpTo(words).ToString();
                if (id.IsRight(number) && !char.IsLetterOrDigit(scan.At(compact.EndOf(words))))
                {
                    var strong = id.Evidence == Evidence.Enough || (formed && id.Form.AsSpan().ContainsAny('.', '-', '/'));
                    match = scan.Better(match, new PiiMatch(scan.First.Start, compact.EndOf(words), id.Kind, said ? (IsNamed(scan, id) ? Named : 0.9) : strong ? 0.75 : 0.55));
                }
            }
        }

        return match;
    }
}
