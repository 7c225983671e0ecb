namespace Gateway.Guardrails.Engine.Pii.Numbers;

/// <summary>Numbers of papers and files that have no form of their own: the words just before say what they are.</summary>
internal static class Documents
{
    private const int Nearest = 6;

    private static readonly (Cue Cue, string Kind, int Least, int Most)[] _kinds =
    [
        (Cue.Passport, "passport", 6, 10),
        (Cue.Licence, "driver_license", 5, 18),
        (Cue.Medical, "medical_record", 5, 14),
        (Cue.Insurance, "insurance_number", 6, 18),
        (Cue.Swift, "swift", 8, 11),
        (Cue.Bank, "bank_account", 6, 20),
    ];

    public static PiiMatch Recognize(in PiiScan scan, Cue cues)
    {
        if ((cues & (Cue.Passport | Cue.Licence | Cue.Medical | Cue.Insurance | Cue.Bank)) == 0)
        {
            return PiiMatch.None;
        }

        var (start, end) = (scan.First.Start, scan.First.End);
        var digits = 0;
        for (var i = start; i < end; i++)
        {
            digits += char.IsAsciiDigit(scan.Text[i]) ? 1 : 0;
        }

        // Parts joined by dashes are one number.
        for (var i = scan.Index + 1; scan.At(end) == '-' && end - start < 20 && scan.TryToken(i, out var next) && next.Start == end + 1 && next.Has(Shape.Digits); i++)
        {
            end = next.End;
            digits += next.Length;
        }

        if (digits < 4)
        {
            return PiiMatch.None;
        }

        // The nearest word decides: «insurance card, passport 123…» is a passport.
        for (var i = scan.Index - 1; i >= scan.Index - Nearest && scan.TryBefore(i, out var word); i--)
        {
            foreach (var (cue, kind, least, most) in _kinds)
            {
                if ((word.Cue & cue) != 0 && end - start >= least && end - start <= most)
                {
                    return new PiiMatch(start, end, kind, IsNumberWord(scan, i) ? 0.75 : 0.6);
                }
            }
        }

        return PiiMatch.None;
    }

    /// <summary>Whether «number», «no», «#», «:» or «is» leads from the word to the number: it names the number, not only its neighbourhood.</summary>
    private static bool IsNumberWord(in PiiScan scan, int word)
    {
        for (var i = word; i < scan.Index && scan.TryBefore(i, out var token); i++)
        {
            if (scan.Text[token.End] is ':' or '#' || scan.Of(token).Equals("number", StringComparison.OrdinalIgnoreCase) || scan.Of(token).Equals("no", StringComparison.OrdinalIgnoreCase) || scan.Of(token).Equals("is", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
