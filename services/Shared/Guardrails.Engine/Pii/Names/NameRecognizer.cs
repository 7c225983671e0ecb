namespace Gateway.Guardrails.Engine.Pii.Names;

/// <summary>
/// Names of persons, organisations and places: runs of capitalised words, judged by what the word list knows of them, by the words around them, and by how unusual they are.
/// In text without capitals only known names and words that are announced («my name is») count.
/// </summary>
internal static class NameRecognizer
{
    private const int MostWords = 6;

    public static PiiMatch Recognize(in PiiScan scan)
    {
        var first = scan.First;
        if (Places.Known(scan) is { Kind: not null } place)
        {
            return place;
        }

        if (first.Is(WordClass.Honorific) && (first.Has(Shape.Capital) || !first.Is(WordClass.Common) || scan.At(first.End) == '.'))
        {
            return Titled(scan);
        }

        if (first.Is(WordClass.Weekday) && first.Has(Shape.Capital) && first.Length > 3)
        {
            return new PiiMatch(first.Start, first.End, "date_time", 0.6);
        }

        if (!first.Has(Shape.Capital) && first.Is(WordClass.NameParticle) && scan.TryToken(scan.Index + 1, out var main) && scan.Between(first, main) is " " && main.Has(Shape.Capital) && !main.Has(Shape.AllCapitals)
            && !main.Is(WordClass.Common | WordClass.Notable | WordClass.Place | WordClass.Given | WordClass.Organization | WordClass.Nationality | WordClass.Weekday | WordClass.Month))
        {
            var name = Run(scan, scan.Index + 1, announced: false);
            return name.Kind is null ? PiiMatch.None : name with { Start = first.Start };
        }

        if (first.Has(Shape.AllCapitals) && (first.Class == WordClass.None ? first.Length >= 4 : first.Length >= 4 && scan.At(first.End) == '-') && scan.TryBefore(scan.Index - 1, out var before) && !before.Has(Shape.AllCapitals) && IsPlaceSaid(scan, before, first))
        {
            return new PiiMatch(first.Start, Capitals(scan), "location", 0.55);
        }

        if (!first.Has(Shape.Capital))
        {
            return first.Is(WordClass.Given | WordClass.Surname) || (!first.Is(WordClass.Common) && first.Class == 0) ? SmallNames.Recognize(scan) : PiiMatch.None;
        }

        var line = Line(scan);
        line = line.Kind is not null ? line : Companies.Recognize(scan);
        return line.Kind is not null ? line : Run(scan, scan.Index, announced: false);
    }

    // A line of its own after one that ends with a name, all in capitalised words, none of them a given name: whom a person works for, unless all are ordinary words, as in what a person
    // does. Or the head of an address.
    private static PiiMatch Line(in PiiScan scan)
    {
        var first = scan.First;
        var heads = scan.Index == 0 && first.Start < 4;
        if (first.Has(Shape.Digits) || (!heads && (!scan.TryBefore(scan.Index - 1, out var before) || !before.Has(Shape.Capital) || (before.Is(WordClass.Common) && !before.Is(WordClass.Given | WordClass.Surname)) || before.Has(Shape.Digits)
            || !scan.Text[before.End..first.Start].Contains('\n') || first.Start - before.End > 8)))
        {
            return PiiMatch.None;
        }

        var (last, ordinary, unusual) = (first, false, false);
        for (var i = scan.Index; i < scan.Index + MostWords && scan.TryToken(i, out var token); i++)
        {
            ordinary |= token.Is(WordClass.Common | WordClass.OrganizationSuffix);
            unusual |= !token.Is(WordClass.Common) || token.Is(WordClass.OrganizationSuffix);
            if ((i > scan.Index && scan.Between(last, token) is not (" " or "-" or " & " or ", " or ". ")) || !token.Has(Shape.Capital) || token.Has(Shape.Digits) || token.Is(WordClass.Given | WordClass.Unit | WordClass.Place | WordClass.Street))
            {
                return PiiMatch.None;
            }

            last = token;
            var end = scan.At(last.End) == '.' ? last.End + 1 : last.End;
            if (scan.At(end) is '\n' or '\r')
            {
                var address = scan.TryToken(i + 1, out var next) && next.Start - end <= 8 && (AddressRecognizer.IsHouseNumber(scan, next) || scan.Of(next) is "the" or "The");
                return (heads && (!address || (i == scan.Index + 1 && !ordinary))) || (!unusual && !address) || (first.Is(WordClass.Common) && i == scan.Index && !address) ? PiiMatch.None : new PiiMatch(first.Start, end, "organization", 0.55);
            }
        }

        return PiiMatch.None;
    }

    // «in», «the city», «Where:»
    private static bool IsPlaceSaid(in PiiScan scan, in Token before, in Token first) =>
        scan.Text[before.End..first.Start] is var between && ((between is " " && (before.Cue & Cue.PlaceBefore) != 0) || (between is ": " && scan.Of(before) is "Where" or "where" or "Location" or "location" or "Place" or "City" or "Town" or "Venue"));

    // «in SAINT-PRIEST», «at SPRINGDALE HEIGHTS»
    private static int Capitals(in PiiScan scan)
    {
        var last = scan.First;
        for (var i = scan.Index + 1; i < scan.Index + 4 && scan.TryToken(i, out var token) && token.Has(Shape.AllCapitals) && scan.Between(last, token) is " " or "-" or "'"; i++)
        {
            last = token;
        }

        return last.End;
    }

    // «Dr. Jane Roe»: the name with its title.
    private static PiiMatch Titled(in PiiScan scan)
    {
        var first = scan.First;
        if (!scan.TryToken(scan.Index + 1, out var next) || scan.Between(first, next) is not (" " or ". " or "."))
        {
            return PiiMatch.None;
        }

        if (next.Has(Shape.Capital) && !next.Has(Shape.Digits))
        {
            var name = Run(scan, scan.Index + 1, announced: true);
            return name.Kind is null ? PiiMatch.None : name with { Start = first.Start, Kind = "person", Score = 0.9 };
        }

        var small = !first.Has(Shape.Capital) && first.Length <= 4 && next.Has(Shape.Letters) && !next.Is(WordClass.Common) && scan.Between(first, next).Contains('.');
        return small ? new PiiMatch(first.Start, SmallNames.End(scan, scan.Index + 1), "person", 0.7) : PiiMatch.None;
    }

    private static PiiMatch Run(in PiiScan scan, int index, bool announced)
    {
        var run = default(RunFacts);
        var begins = !announced && Standing.BeginsSentence(scan, index);
        scan.TryToken(index, out var previous);
        run.Start = previous.Start;
        for (var i = index; i < index + MostWords && scan.TryToken(i, out var token) && !token.Has(Shape.Digits); i++)
        {
            if (i > index && !Joins(scan, previous, token, run))
            {
                break;
            }

            if (!token.Has(Shape.Capital))
            {
                if (run.Words > 0 && Particle(scan, i, token))
                {
                    previous = token;
                    continue;
                }

                break;
            }

            if (token.Is(WordClass.OrganizationSuffix) && run.Words > 0)
            {
                run.Take(token, isName: true);
                run.IsOrganization = true;
                run.End = scan.At(token.End) == '.' && IsSuffixDot(scan.Of(token)) ? token.End + 1 : token.End;
                previous = token;
                continue;
            }

            if (token.Is(WordClass.Degree) && run.Words > 0)
            {
                run.End = token.End;
                previous = token;
                continue;
            }

            if (!NameLike(scan, token, first: i == index, begins, announced, run))
            {
                break;
            }

            run.Take(token, isName: true);
            previous = token;
        }

        return run.Words == 0 ? PiiMatch.None : Judge(scan, run, begins, announced, index);
    }

    private static bool NameLike(in PiiScan scan, in Token token, bool first, bool begins, bool announced, in RunFacts run)
    {
        if (token.Length == 1)
        {
            // An initial: «J. Roe», «John Q. Public»; never «I» or «A» before other words.
            return (scan.At(token.End) == '.' && (!first || (scan.TryToken(scan.Index + 1, out var next) && next.Has(Shape.Capital) && next.Length > 1 && !next.Is(WordClass.Common)))) || (!first && run.Given);
        }

        if (token.Is(WordClass.Weekday | WordClass.Month | WordClass.Nationality | WordClass.Unit | WordClass.Url | WordClass.Street) && !token.Is(WordClass.Given | WordClass.Surname))
        {
            return false;
        }

        if (!first && token.Is(WordClass.NameParticle) && token.Length <= 3 && run.Words > 0)
        {
            return true;
        }

        var known = token.Is(WordClass.Given | WordClass.Surname | WordClass.Organization);
        if (token.Has(Shape.AllCapitals))
        {
            return known && token.Length > 2 && !token.Is(WordClass.Common) || (run.Words > 0 && run.AllCapitals && !token.Is(WordClass.Common) && token.Length > 2);
        }

        if (first && IsPlacePrefix(scan, token) && scan.TryToken(scan.Index + 1, out var named) && scan.Between(token, named) is " " && named.Has(Shape.Capital) && scan.TryBefore(scan.Index - 1, out var said) && IsPlaceSaid(scan, said, token))
        {
            return true;
        }

        if (token.Is(WordClass.Common) || token.Is(WordClass.Notable))
        {
            return announced || (known ? !(first && begins && !Continues(scan, token) && !IsPair(scan, token)) : (!first && ((run.Given && !token.Is(WordClass.Nationality)) || (run.Organization && !run.Given && run.Words < 4))) || (first && !begins && IsBeforeName(scan, token)));
        }

        if (known)
        {
            return true;
        }

        if (token.Has(Shape.InnerCapital) && !HasNamePrefix(scan.Of(token)))
        {
            return false;
        }

        return token.Length >= 3 || run.Words > 0;
    }

    // «in Las Toscas»: a capital in the middle of a sentence, before a word that nobody listed.
    private static bool IsBeforeName(in PiiScan scan, in Token token) =>
        token.Length <= 5 && scan.TryToken(scan.Index + 1, out var next) && scan.Between(token, next) is " " && next.Has(Shape.Capital) && !next.Has(Shape.AllCapitals | Shape.InnerCapital) && next.Class == WordClass.None && next.Length > 3;

    // «Lang and Fowler were»: two names joined, of which the first is also another word.
    private static bool IsPair(in PiiScan scan, in Token token) =>
        token.Is(WordClass.Surname | WordClass.Given) && scan.TryToken(scan.Index + 1, out var and) && scan.Between(token, and) is " " && scan.Of(and) is "and" && scan.TryToken(scan.Index + 2, out var other) && scan.Between(and, other) is " " && other.Has(Shape.Capital) && other.Is(WordClass.Surname | WordClass.Given);

    // «Will Smith»: a word that is also another one counts as a name before a word that is only a name.
    private static bool Continues(in PiiScan scan, in Token token) =>
        token.Is(WordClass.Given) && scan.TryToken(scan.Index + 1, out var next) && scan.Between(token, next) is " " && next.Has(Shape.Capital) && !next.Is(WordClass.Common | WordClass.Notable) && next.Length > 1;

    private static PiiMatch Judge(in PiiScan scan, in RunFacts run, bool begins, bool announced, int index)
    {
        var cue = scan.TryBefore(scan.Index - 1, out var before) && scan.Text[before.End..scan.First.Start] is " " or ": " or ", " or " \"" or " '" ? before.Cue : Cue.None;
        if (run.IsOrganization)
        {
            return new PiiMatch(run.Start, run.End, "organization", 0.85);
        }

        if (!run.Given && !(run.Surname && run.Words == 1) && (Companies.IsActor(scan, run.End) || IsAddressOf(scan)))
        {
            return new PiiMatch(run.Start, run.End, "organization", 0.6);
        }

        if (run.Organization && !run.Given)
        {
            return new PiiMatch(run.Start, run.End, "organization", 0.6);
        }

        // «recorded for Garcia-Smith», «the address of Valentine-Murray»: two family names joined are a firm where a firm is spoken of.
        if (!announced && (!run.Given || IsJoined(scan, run)) && ((run.Words > 1 && IsJoined(scan, run) && (Companies.IsActor(scan, run.End) || IsAddressOf(scan) || (before.End > 0 && scan.Text[before.End..scan.First.Start] is " " && scan.Of(before) is "for" or "at" or "joined"))) || FirmList.Holds(scan, run.End)))
        {
            return new PiiMatch(run.Start, run.End, "organization", 0.6);
        }

        var person = announced || run.Given || (run.Surname && run.Words > 1) || (cue & (Cue.PersonBefore | Cue.Name)) != 0;
        var score = announced ? 0.9
            : run.Given && run.Words > 1 ? 0.9
            : run.Given ? (run.Ambiguous ? 0.55 : 0.75)
            : run.Surname ? (run.Words > 1 ? 0.7 : run.Ambiguous && !person ? (begins ? 0.3 : 0.4) : 0.6)
            : run.Words > 1 ? (begins && run.Words == 2 ? 0.55 : 0.6)
            : begins ? Opening(scan, run, index) : 0.55;
        if ((!person && (cue & Cue.PlaceBefore) != 0) || (scan.TryBefore(scan.Index - 1, out var said) && IsPlaceSaid(scan, said, scan.First) && (!person || IsPlacePrefix(scan, scan.First))))
        {
            return new PiiMatch(run.Start, Places.Extended(scan, run.End), "location", score);
        }

        if (!person && (cue & Cue.OrganizationBefore) != 0)
        {
            return new PiiMatch(run.Start, run.End, "organization", score);
        }

        return new PiiMatch(run.Start, run.End, "person", score);
    }

    private static bool IsJoined(in PiiScan scan, in RunFacts run) => scan.TryToken(scan.Index + 1, out var second) && second.End == run.End && second.Is(WordClass.Surname) && scan.Between(scan.First, second) is "-";

    // «the address of Somebody»: of whom an address is given in so many words is a firm more often than a single word of a person's name.
    private static bool IsAddressOf(in PiiScan scan) =>
        scan.TryBefore(scan.Index - 1, out var of) && scan.Of(of) is "of" && scan.TryBefore(scan.Index - 2, out var what) && scan.Of(what) is "address" or "Address" or "headquarters" or "offices";

    // «San Giuseppe», «Den Helder», «Port Elizabeth»: words that begin names of places.
    private static bool IsPlacePrefix(in PiiScan scan, in Token token) =>
        scan.Of(token) is "San" or "Santa" or "Sankt" or "Saint" or "St" or "Port" or "Fort" or "Mount" or "Villa" or "Las" or "Los" or "Den" or "Bad" or "Puerto" or "Cite" or "Cité" or "Ville" or "Lake" or "Le" or "La" or "El" or "Sint";

    // One unknown word that opens a sentence: a name if the sentence goes on as it does after one.
    private static double Opening(in PiiScan scan, in RunFacts run, int index)
    {
        if (scan.At(run.End) is ',' or ':' || (scan.At(run.End) is '\'' or '’' && scan.At(run.End + 1) == 's'))
        {
            return 0.55;
        }

        // A run may take in words behind its first, such as an initial; what follows it then is none of these.
        if (scan.TryToken(index + 1, out var next) && next.Start >= run.End && scan.Text[run.End..next.Start] is " ")
        {
            return (next.Cue & Cue.PersonAfter) != 0 ? 0.55 : 0.5;
        }

        return 0.5;
    }

    private static bool Joins(in PiiScan scan, in Token previous, in Token token, in RunFacts run)
    {
        var between = scan.Between(previous, token);
        return between is " " or "-" or "'" or "’" || (between is ". " or "." && previous.Length <= 2) || (between is ", " && token.Is(WordClass.Degree) && token.Has(Shape.Capital) && run.Words > 0) || (between is " & " or ", " && token.Is(WordClass.OrganizationSuffix) && token.Length <= 4);
    }

    private static bool Particle(in PiiScan scan, int index, in Token token) =>
        token.Is(WordClass.NameParticle) && scan.TryToken(index + 1, out var next) && (next.Has(Shape.Capital) ? !next.Is(WordClass.Common) : next.Is(WordClass.NameParticle)) && scan.Between(token, next) is " " or "'" or "-";

    private static bool HasNamePrefix(ReadOnlySpan<char> word) =>
        word.StartsWith("Mc", StringComparison.Ordinal) || word.StartsWith("Mac", StringComparison.Ordinal) || word.StartsWith("De", StringComparison.Ordinal) || word.StartsWith("Di", StringComparison.Ordinal) || word.StartsWith("La", StringComparison.Ordinal) || word.StartsWith("Le", StringComparison.Ordinal) || word.StartsWith("Van", StringComparison.Ordinal) || word.StartsWith("Fitz", StringComparison.Ordinal);

    private static bool IsSuffixDot(ReadOnlySpan<char> word) => word is "Inc" or "Ltd" or "Co" or "Corp" or "Pty" or "Inc" or "Kft";

    private struct RunFacts
    {
        public int Start;
        public int End;
        public int Words;
        public bool Given;
        public bool Surname;
        public bool Organization;
        public bool IsOrganization;
        public bool Ambiguous;
        public bool AllCapitals;

        public void Take(in Token token, bool isName)
        {
            End = token.End;
            Words += isName ? 1 : 0;
            Given |= token.Is(WordClass.Given);
            Surname |= token.Is(WordClass.Surname);
            Organization |= token.Is(WordClass.Organization);
            Ambiguous |= token.Is(WordClass.Common | WordClass.Notable);
            AllCapitals |= token.Has(Shape.AllCapitals);
        }
    }
}
