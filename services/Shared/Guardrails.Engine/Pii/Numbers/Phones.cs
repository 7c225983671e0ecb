using System.Collections;

namespace Gateway.Guardrails.Engine.Pii.Numbers;

/// <summary>Phone numbers by the international numbering plan and by the ways numbers are written.</summary>
internal static class Phones
{
    // Country codes in use (ITU-T E.164), those of several digits by their first ones.
    private static readonly BitArray _codes = Codes();

    public static PiiMatch Recognize(in PiiScan scan, scoped in NumberGroups groups, Cue cues)
    {
        var start = groups.Start(0);
        var (plus, opened) = (false, false);
        if (start > scan.Floor && scan.Text[start - 1] == '(')
        {
            start--;
            opened = true;
        }

        if (start > scan.Floor && scan.Text[start - 1] == '+')
        {
            start--;
            plus = true;
        }

        // Neighbours of a decimal, a path or an identifier are no neighbours of a phone number.
        if (start > 0 && !plus && !opened && (scan.Text[start - 1] is '.' or '-' or '/' or '_' or '$' or '€' or '#' or '=' or ':' && start > 1 && char.IsLetterOrDigit(scan.Text[start - 2]) && scan.Text[start - 1] is not ':'))
        {
            return PiiMatch.None;
        }

        for (var count = groups.Count; count > 0; count--)
        {
            var digits = groups.Digits(count);
            if (digits.Length is < 6 or > 16)
            {
                continue;
            }

            var score = Score(scan, groups, count, digits, plus, opened, cues);
            if (score > 0)
            {
                return new PiiMatch(start, Extension(scan, groups.End(count - 1)), "phone", score);
            }
        }

        return PiiMatch.None;
    }

    private static double Score(in PiiScan scan, scoped in NumberGroups groups, int count, ReadOnlySpan<char> digits, bool plus, bool opened, Cue cues)
    {
        if (count < groups.Count && groups.Between(scan, count - 1) is not [' '])
        {
            return 0;
        }

        if (plus)
        {
            return digits.Length is >= 8 and <= 15 && _codes[(int)CheckDigits.Number(digits[..3])] ? 0.95 : 0;
        }

        if (HasDate(groups, count))
        {
            return 0;
        }

        var words = (cues & Cue.Phone) != 0 || IsNamedAfter(scan, groups.End(count - 1)) ? 0.35 : (cues & Cue.NotPhone) != 0 ? -0.3 : 0;
        if (digits.StartsWith("00") && digits.Length is >= 10 and <= 16 && _codes[(int)CheckDigits.Number(digits.Slice(2, 3))] && count > 1)
        {
            // «Model 0033310777-36»: other numbers begin like that too.
            return 0.8 + (words < 0 ? -0.35 : words / 4);
        }

        if (groups.AreSized(3, 3, 4) && count == 3 && digits[0] >= '2' && digits[3] >= '2')
        {
            return 0.7 + (words / 2);
        }

        if (opened && count > 1 && digits.Length >= 7 && groups.Between(scan, 0).Contains(')'))
        {
            return 0.65 + (words / 2);
        }

        if (count > 1 && digits[0] == '0' && digits.Length is >= 9 and <= 11 && groups.Size(0) >= 2)
        {
            return 0.55 + words;
        }

        var shape = count > 1 && AreEven(groups, count) ? (count == 4 ? 0.5 : 0.45) : 0.3;
        // «61 51 81 office»
        if (digits.Length == 6 && count == 3 && groups.AreSized(2, 2, 2) && IsNamedAfter(scan, groups.End(2)))
        {
            return 0.6;
        }

        return digits.Length is >= 7 and <= 15 && (count == 1 || groups.Size(0) <= 4) ? shape + words : 0;
    }

    // «040 379 2455 office», «28 81 33 70-Fax»
    private static bool IsNamedAfter(in PiiScan scan, int end)
    {
        for (var i = scan.Index; i < scan.Index + NumberGroups.MostGroups + 1 && scan.TryToken(i, out var token); i++)
        {
            if (token.Start >= end)
            {
                return (token.Cue & Cue.Phone) != 0 && scan.Text[end..token.Start] is " " or "-" or " (";
            }
        }

        return false;
    }

    // 28-81-33-70 and the like: numbers of eight digits in pairs.
    private static bool AreEven(scoped in NumberGroups groups, int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (groups.Size(i) is not (2 or 3 or 4) || (count == 4 && groups.Size(i) != 2))
            {
                return false;
            }
        }

        return count is 4 or 3;
    }

    private static bool HasDate(scoped in NumberGroups groups, int count) =>
        count == 3 && ((groups.Size(0) == 4 && groups.Size(1) <= 2 && groups.Size(2) <= 2) || (groups.Size(2) == 4 && groups.Size(0) <= 2 && groups.Size(1) <= 2));

    private static int Extension(in PiiScan scan, int end)
    {
        var at = end;
        while (scan.At(at) is ' ' or ',' && at - end < 2)
        {
            at++;
        }

        if ((scan.At(at) | ' ') == 'e' && (scan.At(at + 1) | ' ') == 'x' && (scan.At(at + 2) | ' ') == 't')
        {
            at += scan.At(at + 3) == '.' ? 4 : 3;
        }
        else if ((scan.At(at) | ' ') == 'x')
        {
            at++;
        }
        else
        {
            return end;
        }

        at += scan.At(at) == ' ' ? 1 : 0;
        var from = at;
        while (char.IsAsciiDigit(scan.At(at)) && at - from < 6)
        {
            at++;
        }

        return at > from && !char.IsLetterOrDigit(scan.At(at)) ? at : end;
    }

    private static BitArray Codes()
    {
        var codes = new BitArray(1000);
        foreach (var code in "1 20 211 212 213 216 218 22 23 240 241 242 243 244 245 246 247 248 249 25 260 261 262 263 264 265 266 267 268 269 27 290 291 297 298 299 30 31 32 33 34 350 351 352 353 354 355 356 357 358 359 36 370 371 372 373 374 375 376 377 378 379 380 381 382 383 385 386 387 389 39 40 41 420 421 423 43 44 45 46 47 48 49 500 501 502 503 504 505 506 507 508 509 51 52 53 54 55 56 57 58 590 591 592 593 594 595 596 597 598 599 60 61 62 63 64 65 66 670 672 673 674 675 676 677 678 679 680 681 682 683 685 686 687 688 689 690 691 692 7 800 808 81 82 84 850 852 853 855 856 86 870 878 880 881 882 883 886 888 90 91 92 93 94 95 960 961 962 963 964 965 966 967 968 970 971 972 973 974 975 976 977 979 98 992 993 994 995 996 998".Split(' '))
        {
            var span = code.Length == 1 ? 100 : code.Length == 2 ? 10 : 1;
            var first = int.Parse(code, System.Globalization.CultureInfo.InvariantCulture) * span;
            for (var i = first; i < first + span; i++)
            {
                codes[i] = true;
            }
        }

        return codes;
    }
}
