namespace Gateway.Guardrails.Engine.Pii.Numbers;

/// <summary>Dates: of birth where words say so, else dates alone, which are reported only when asked for.</summary>
internal static class Dates
{
    public static PiiMatch Recognize(in PiiScan scan, scoped in NumberGroups groups, Cue cues)
    {
        if (groups.Count < 3 || !(groups.AreJoinedBy(scan, 3, '-') || groups.AreJoinedBy(scan, 3, '/') || groups.AreJoinedBy(scan, 3, '.')))
        {
            return PiiMatch.None;
        }

        var (a, b, c) = ((int)CheckDigits.Number(groups.Group(0)), (int)CheckDigits.Number(groups.Group(1)), (int)CheckDigits.Number(groups.Group(2)));
        var isDate = (groups.Size(0) == 4 && a is > 1850 and < 2100 && groups.Size(1) <= 2 && groups.Size(2) <= 2 && CheckDigits.IsDate(b, c))
            || (groups.Size(2) == 4 && c is > 1850 and < 2100 && groups.Size(0) <= 2 && groups.Size(1) <= 2 && (CheckDigits.IsDate(a, b) || CheckDigits.IsDate(b, a)))
            || (groups.Size(0) <= 2 && groups.Size(1) <= 2 && groups.Size(2) == 2 && (CheckDigits.IsDate(a, b) || CheckDigits.IsDate(b, a)) && !groups.AreJoinedBy(scan, 3, '.'));
        return isDate ? new PiiMatch(groups.Start(0), Time(scan, groups.End(2)), (cues & Cue.Birth) != 0 ? "date_of_birth" : "date_time", 0.93) : PiiMatch.None;
    }

    private static int Time(in PiiScan scan, int end)
    {
        var at = scan.At(end) is ' ' or 'T' ? end + 1 : end;
        if (at == end || !IsTwo(scan, at) || scan.At(at + 2) != ':' || !IsTwo(scan, at + 3))
        {
            return end;
        }

        return scan.At(at + 5) == ':' && IsTwo(scan, at + 6) ? at + 8 : at + 5;
    }

    private static bool IsTwo(in PiiScan scan, int at) => char.IsAsciiDigit(scan.At(at)) && char.IsAsciiDigit(scan.At(at + 1));
}
