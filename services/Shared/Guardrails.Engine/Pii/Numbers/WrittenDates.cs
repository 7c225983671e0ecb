namespace Gateway.Guardrails.Engine.Pii.Numbers;

/// <summary>Dates of birth with the month as a word: «4 March 1974», «July 26th, 1993», after words that say that somebody was born.</summary>
internal static class WrittenDates
{
    public static PiiMatch Recognize(in PiiScan scan)
    {
        var first = scan.First;
        var month = first.Is(WordClass.Month);
        if (!(month || IsDay(scan, first)) || !scan.TryToken(scan.Index + 1, out var second) || !(month ? IsDay(scan, second) : second.Is(WordClass.Month)) || scan.Between(first, second) is not (" " or ". " or "-"))
        {
            return PiiMatch.None;
        }

        return scan.TryToken(scan.Index + 2, out var year) && year.Length == 4 && IsYear(scan.Of(year)) && scan.Between(second, year) is " " or ", " or ". " or "-" or "," && (scan.CuesBefore() & Cue.Birth) != 0
            ? new PiiMatch(first.Start, year.End, "date_of_birth", 0.93)
            : PiiMatch.None;
    }

    // «4», «04», «26th»
    private static bool IsDay(in PiiScan scan, in Token token)
    {
        var text = scan.Of(token);
        var digits = text.Length > 2 && text[^2..] is "st" or "nd" or "rd" or "th" ? text[..^2] : text;
        return digits.Length is 1 or 2 && CheckDigits.AreDigits(digits) && CheckDigits.Number(digits) is >= 1 and <= 31;
    }

    private static bool IsYear(ReadOnlySpan<char> text) => CheckDigits.AreDigits(text) && text[..2] is "18" or "19" or "20";
}
