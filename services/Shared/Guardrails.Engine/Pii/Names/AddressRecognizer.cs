namespace Gateway.Guardrails.Engine.Pii.Names;

/// <summary>Postal addresses: a number and a street, or a street and a number, with what follows of unit, town, code and country.</summary>
internal static class AddressRecognizer
{
    private const int MostStreetWords = 5;

    public static PiiMatch Recognize(in PiiScan scan)
    {
        var first = scan.First;
        var letter = scan.Text[first.Start] | 0x20;
        if (letter is 'p' or 'u' && Box(scan) is { Kind: not null } box)
        {
            return box;
        }

        // «Suite 574 34 Elm Road 7»
        if (first.Is(WordClass.Unit) && IsUnit(scan, scan.Index) && scan.TryToken(scan.Index + 1, out var room) && scan.TryToken(scan.Index + 2, out var house) && scan.Between(room, house) is " " or ", " && IsHouseNumber(scan, house)
            && Numbered(scan, scan.Index + 2) is { Kind: not null } inside)
        {
            return inside;
        }

        if (Crossing(scan) is { Kind: not null } crossing)
        {
            return crossing;
        }

        if (first.Is(WordClass.Unit) && scan.Of(first).StartsWith("ap", StringComparison.OrdinalIgnoreCase) && IsUnit(scan, scan.Index) && scan.TryToken(scan.Index + 1, out var unit))
        {
            return new PiiMatch(first.Start, unit.End, "address", 0.6);
        }

        if (letter is 't' && first.Length == 3 && Corner(scan) is { Kind: not null } corner)
        {
            return corner;
        }

        return first.Has(Shape.Digits) ? Numbered(scan, scan.Index) : first.Has(Shape.Capital) || first.Is(WordClass.StreetPrefix) ? Street(scan, scan.Index, hasNumber: false) : PiiMatch.None;
    }

    // «Herman and 1324 Mosman Rd», «Eugene and Via Roma 41»: two streets that meet.
    private static PiiMatch Crossing(in PiiScan scan)
    {
        var first = scan.First;
        if (!first.Has(Shape.Capital) || first.Has(Shape.Digits) || first.Is(WordClass.Common) || !scan.TryToken(scan.Index + 1, out var and) || scan.Between(first, and) is not " " || scan.Of(and) is not "and"
            || !scan.TryToken(scan.Index + 2, out var second) || scan.Between(and, second) is not " ")
        {
            return PiiMatch.None;
        }

        var said = (scan.CuesBefore(3) & (Cue.Address | Cue.AddressBefore)) != 0 || (scan.TryBefore(scan.Index - 1, out var before) && scan.Text[before.End..first.Start].Contains('\n'));
        if (!said)
        {
            return PiiMatch.None;
        }

        if (second.Has(Shape.Digits))
        {
            return Numbered(scan, scan.Index + 2);
        }

        if (!second.Has(Shape.Capital))
        {
            return PiiMatch.None;
        }

        var street = Street(scan, scan.Index + 2, hasNumber: false);
        if (street.Kind is not null)
        {
            return street;
        }

        // «Archie and Estrela 57»
        var last = second;
        for (var i = scan.Index + 3; i < scan.Index + 7 && scan.TryToken(i, out var token) && scan.Between(last, token) is " " or "-"; i++)
        {
            if (IsHouseNumber(scan, token))
            {
                return new PiiMatch(first.Start, AddressTail.Read(scan, i + 1, token.End, isCertain: true).End, "address", 0.6);
            }

            if (!token.Has(Shape.Capital) && !token.Is(WordClass.NameParticle))
            {
                break;
            }

            last = token;
        }

        return PiiMatch.None;
    }

    private static PiiMatch Numbered(in PiiScan scan, int index)
    {
        if (!scan.TryToken(index, out var last) || !IsHouseNumber(scan, last))
        {
            return PiiMatch.None;
        }

        // «12 34 Elm Road», «12-34 Elm Road», «12, rue …».
        var from = index;
        if (scan.TryToken(index + 1, out var second) && scan.Between(last, second) is " " or "-" or "/" && IsHouseNumber(scan, second))
        {
            last = second;
            index++;
        }

        return scan.TryToken(index + 1, out var street) && scan.Between(last, street) is " " or ", " && street.Has(Shape.Letters) ? Street(scan, index + 1, hasNumber: true, index > from) : PiiMatch.None;
    }

    private static PiiMatch Street(in PiiScan scan, int index, bool hasNumber, bool isDouble = false)
    {
        scan.TryToken(index, out var previous);
        var (end, words, evidence, index2) = (0, 0, 0, index);
        var trailing = false;
        var small = !previous.Has(Shape.Capital);
        for (; index2 < index + MostStreetWords + 1 && scan.TryToken(index2, out var token); index2++)
        {
            if (index2 > index && !IsInside(scan.Between(previous, token)))
            {
                break;
            }

            if (token.Has(Shape.Digits))
            {
                // «40th Street», or the number after the street.
                if (IsOrdinal(scan.Of(token)))
                {
                    previous = token;
                    (end, words) = (token.End, words + 1);
                    continue;
                }

                if (words > 0 && IsHouseNumber(scan, token))
                {
                    (end, trailing) = (token.End, true);
                    index2++;
                }

                break;
            }

            if (words > 0 && token.Is(WordClass.Unit) && !token.Is(WordClass.Given) && IsUnit(scan, index2))
            {
                break;
            }

            var streetWord = token.Is(WordClass.Street | WordClass.StreetPrefix) || HasStreetEnding(scan.Of(token));
            // «Árpád fejedelem útja»: a small word that nobody knows before the word for street.
            var inner = words > 0 && hasNumber && token.Class == WordClass.None && scan.TryToken(index2 + 1, out var following) && scan.Between(token, following) is " " && following.Is(WordClass.Street | WordClass.StreetPrefix);
            if (!streetWord && !inner && !token.Has(Shape.Capital) && !(small && !token.Is(WordClass.Common)) && !token.Is(WordClass.NameParticle))
            {
                break;
            }

            if (streetWord && (token.Is(WordClass.Street) ? words > 0 : true) && (token.Has(Shape.Capital) || words > 0 || hasNumber || HasStreetEnding(scan.Of(token))))
            {
                evidence = Math.Max(evidence, token.Is(WordClass.Street) && !token.Is(WordClass.Common) ? 2 : token.Has(Shape.Capital) || hasNumber ? 2 : 1);
            }

            (end, words, previous) = (token.End, words + 1, token);
            if (streetWord && token.Is(WordClass.Street) && words > 1 && !FollowedByStreet(scan, index2))
            {
                end += scan.At(end) == '.' && token.Length <= 4 && scan.At(end + 1) is ' ' or '\n' ? 1 : 0;
                if (scan.TryToken(index2 + 1, out var number) && IsInside(scan.Text[end..number.Start]) && IsHouseNumber(scan, number) && (!hasNumber || !token.Has(Shape.Capital)))
                {
                    (end, trailing) = (number.End, true);
                    index2++;
                }

                index2++;
                break;
            }
        }

        // What follows makes nothing a street that has neither a number nor two words that say so.
        if (words == 0 || end == 0 || !(hasNumber || trailing || (evidence > 1 && words > 1)))
        {
            return PiiMatch.None;
        }

        var (tail, parts) = AddressTail.Read(scan, index2, end, hasNumber || trailing || evidence > 1);
        var said = (scan.CuesBefore(5) & Cue.Address) != 0;
        var score = evidence > 1 && (hasNumber || trailing) ? 0.9
            : parts.HasFlag(AddressParts.Unit) && (hasNumber || trailing) ? 0.9
            : parts.HasFlag(AddressParts.Code) && (hasNumber || trailing) ? 0.8
            : (hasNumber && trailing) || (isDouble && !scan.First.Is(WordClass.Common) && parts != 0) ? 0.7
            : evidence > 1 && words > 1 ? 0.6
            : (hasNumber || trailing) && said && !scan.First.Is(WordClass.Common) ? 0.6
            : 0;
        return score > 0 ? new PiiMatch(scan.First.Start, tail, "address", score) : PiiMatch.None;
    }

    // «P.O. Box 15», «PSC 4296, Box 4371 APO AA 03140», «Unit 2451 Box 9006 DPO AA 78045», «USNS Roe FPO AP 24796».
    private static PiiMatch Box(in PiiScan scan)
    {
        var word = scan.Of(scan.First);
        if (!(word is "PSC" or "Unit" or "unit" or "psc" or "UNIT" or "USNS" or "USS" or "USCGC" or "usns" or "uss" or "uscgc" or "P" or "p" or "PO" or "po" or "Po" or "Postfach" or "Postbus"))
        {
            return PiiMatch.None;
        }

        var (end, index, numbers, military, isBox) = (scan.First.End, scan.Index + 1, 0, false, word.StartsWith("Post"));
        for (; index < scan.Index + 9 && scan.TryToken(index, out var token) && scan.Text[end..token.Start].Length <= 3 && !scan.Text[end..token.Start].ContainsAnyExcept(" .,\n"); index++)
        {
            var text = scan.Of(token);
            var isLink = text is "O" or "o" || text.Equals("box", StringComparison.OrdinalIgnoreCase);
            var isMilitary = text.Equals("apo", StringComparison.OrdinalIgnoreCase) || text.Equals("fpo", StringComparison.OrdinalIgnoreCase) || text.Equals("dpo", StringComparison.OrdinalIgnoreCase);
            var isShip = word.Length >= 3 && (word[0] | ' ') == 'u' && (word[1] | ' ') == 's' && !military;
            if (!(isLink || isMilitary || isShip || (token.Has(Shape.Digits) && token.Length <= 6) || (military && token.Length == 2)))
            {
                break;
            }

            military |= isMilitary;
            isBox |= text.Equals("box", StringComparison.OrdinalIgnoreCase);
            numbers += token.Has(Shape.Digits) ? 1 : 0;
            end = token.End;
            if (military && token.Length == 5 && token.Has(Shape.Digits))
            {
                break;
            }
        }

        return numbers > 0 && (military || isBox) ? new PiiMatch(scan.First.Start, military ? end : AddressTail.Read(scan, index, end, true).End, "address", 0.85) : PiiMatch.None;
    }

    // «the corner of Elm Street and Oak Road»
    private static PiiMatch Corner(in PiiScan scan)
    {
        if (!scan.Of(scan.First).Equals("the", StringComparison.OrdinalIgnoreCase) || !scan.TryToken(scan.Index + 1, out var corner) || !scan.Of(corner).Equals("corner", StringComparison.OrdinalIgnoreCase) || !scan.TryToken(scan.Index + 2, out var of) || !scan.Of(of).Equals("of", StringComparison.OrdinalIgnoreCase))
        {
            return PiiMatch.None;
        }

        var (end, words, and) = (of.End, 0, false);
        for (var i = scan.Index + 3; i < scan.Index + 16 && scan.TryToken(i, out var token); i++)
        {
            if (scan.Text[end..token.Start] is not (" " or ". " or "-" or "'"))
            {
                break;
            }

            var isAnd = scan.Of(token).Equals("and", StringComparison.OrdinalIgnoreCase);
            if ((and && isAnd) || !(isAnd || token.Has(Shape.Capital | Shape.Digits) || token.Is(WordClass.NameParticle | WordClass.Street | WordClass.StreetPrefix) || !token.Is(WordClass.Common)))
            {
                break;
            }

            and |= isAnd;
            words++;
            end = token.End;
        }

        return and && words >= 3 ? new PiiMatch(scan.First.Start, end, "address", 0.7) : PiiMatch.None;
    }

    public static bool IsHouseNumber(in PiiScan scan, in Token token)
    {
        var text = scan.Of(token);
        return text.Length is > 0 and <= 6 && char.IsAsciiDigit(text[0]) && text.Length - text.TrimEnd("ABCDEFGHabcdefgh").Length <= 1 && CountDigits(text) >= text.Length - 1 && CountDigits(text) <= 5;
    }

    public static bool IsUnit(in PiiScan scan, int index) =>
        scan.TryToken(index, out var unit) && unit.Is(WordClass.Unit) && scan.TryToken(index + 1, out var number) && scan.Between(unit, number) is " " or ". " or " #" or "." && (number.Has(Shape.Digits) || (number.Length == 1 && number.Has(Shape.Capital)));

    private static bool FollowedByStreet(in PiiScan scan, int index) =>
        scan.TryToken(index, out var token) && scan.TryToken(index + 1, out var next) && scan.Between(token, next) is " " && next.Is(WordClass.Street) && next.Has(Shape.Capital);

    private static bool IsInside(ReadOnlySpan<char> between) => between is " " or "-" or "'" or "’" or ". " or "." or ". - " or " - " or ", ";

    private static bool IsOrdinal(ReadOnlySpan<char> word) => word.Length >= 3 && char.IsAsciiDigit(word[0]) && (word.EndsWith("th", StringComparison.OrdinalIgnoreCase) || word.EndsWith("st", StringComparison.OrdinalIgnoreCase) || word.EndsWith("nd", StringComparison.OrdinalIgnoreCase) || word.EndsWith("rd", StringComparison.OrdinalIgnoreCase));

    private static bool HasStreetEnding(ReadOnlySpan<char> word)
    {
        if (word.Length < 6)
        {
            return false;
        }

        foreach (var ending in _endingsByLast[word[^1] & 31])
        {
            if (word.Length > ending.Length + 2 && word.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static int CountDigits(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var c in text)
        {
            count += char.IsAsciiDigit(c) ? 1 : 0;
        }

        return count;
    }

    // Of streets in German, Dutch, the Nordic languages and Finnish, which are one word.
    private static readonly string[] _endings = ["straße", "strasse", "gasse", "platz", "allee", "damm", "brücke", "straat", "laan", "plein", "gracht", "kade", "dijk", "dreef", "gatan", "gata", "vägen", "gränd", "gade", "vej", "veien", "vegen", "katu", "kuja", "polku", "utca", "weg", "tie"];

    // By five bits of their last letter, which are the same for small ones and capitals.
    private static readonly string[][] _endingsByLast = [.. Enumerable.Range(0, 32).Select(static last => _endings.Where(e => (e[^1] & 31) == last).ToArray())];
}
