using System.Collections.Frozen;

namespace Gateway.Guardrails.Engine.Pii.Numbers;

/// <summary>Account numbers that say so themselves: IBANs.</summary>
internal static class Accounts
{
    // Country and length, by the IBAN registry.
    private static readonly FrozenDictionary<string, int> _lengths = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30"
        .Split(' ').ToFrozenDictionary(static e => e[..2], static e => int.Parse(e.AsSpan(2), System.Globalization.CultureInfo.InvariantCulture));

    private static readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _byCountry = _lengths.GetAlternateLookup<ReadOnlySpan<char>>();

    public static PiiMatch Recognize(in PiiScan scan, scoped in Compact compact)
    {
        var whole = compact.UpTo(compact.Words);
        if (whole.Length < 15 || !char.IsAsciiLetter(whole[0]) || !char.IsAsciiLetter(whole[1]) || !char.IsAsciiDigit(whole[2]) || !char.IsAsciiDigit(whole[3]) || !_byCountry.TryGetValue(whole[..2], out var length))
        {
            return PiiMatch.None;
        }

        for (var words = 1; words <= compact.Words; words++)
        {
            if (compact.LengthOf(words) == length)
            {
                var text = compact.UpTo(words);
                return CheckDigits.Mod97(text[..4], CheckDigits.Mod97(text[4..])) == 1 ? new PiiMatch(scan.First.Start, compact.EndOf(words), "iban", 0.99) : PiiMatch.None;
            }
        }

        return PiiMatch.None;
    }
}
