using static Gateway.Guardrails.Engine.Pii.Numbers.CheckDigits;

namespace Gateway.Guardrails.Engine.Pii.Numbers;

/// <summary>How much a number that fits says by itself.</summary>
internal enum Evidence
{
    /// <summary>Many numbers fit by chance: words near it have to say what it is.</summary>
    NeedsWords,

    /// <summary>Written in its own way it is believed; bare it needs words.</summary>
    NeedsWordsOrForm,

    /// <summary>Hardly anything else fits.</summary>
    Enough,
}

/// <summary>A national number: how long it is without separators, and whether one is right.</summary>
internal sealed record NationalId(string Kind, string Country, int Length, Evidence Evidence, string Form, Func<string, bool> IsRight)
{
    /// <summary>What it is called.</summary>
    public IReadOnlyList<string> Names { get; } =
    [
        Kind[(Kind.IndexOf('_', StringComparison.Ordinal) + 1)..], Country,
        .. Kind switch
        {
            "de_tax_id" => ["steuer", "steuerid", "idnr", "german"],
            "il_id" => ["zehut", "israeli"],
            "za_id" => ["african"],
            "cn_id" => ["chinese"],
            "jp_my_number" => ["mynumber", "japanese"],
            "be_nrn" => ["rijksregisternummer", "belgian"],
            "nl_bsn" => ["burgerservicenummer", "sofi"],
            "cz_rc" => ["rodné"],
            "ec_ci" => ["cédula", "cedula"],
            "ee_ik" => ["isikukood"],
            "lt_ak" => ["asmens"],
            "no_fnr" => ["fodselsnummer", "fødselsnummer", "norwegian"],
            "th_pin" => ["thai"],
            _ => (IReadOnlyList<string>)[],
        },
    ];
}

/// <summary>
/// National numbers by their published check digits. A form is how the number is usually written: 9 for a digit, A for a letter, X for either, anything else for itself; empty:
/// without separators.
/// </summary>
internal static class NationalIds
{
    public static IReadOnlyList<NationalId> All { get; } =
    [
        new("ar_cuit", "Argentina", 11, Evidence.NeedsWordsOrForm, "99-99999999-9", static n => AreDigits(n) && n[0] is '2' or '3' && AreDigits(n) && (11 - (Weighted(n, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11 % 10 == n[10] - '0'),
        new("au_tfn", "Australia", 9, Evidence.NeedsWords, "999 999 999", static n => AreDigits(n) && Vary(n) && Weighted(n, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 == 0),
        new("au_medicare", "Australia", 10, Evidence.NeedsWords, "9999 99999 9", static n => AreDigits(n) && n[0] is >= '2' and <= '6' && Weighted(n, [1, 3, 7, 9, 1, 3, 7, 9]) % 10 == n[8] - '0'),
        new("at_svnr", "Austria", 10, Evidence.NeedsWords, "9999 999999", static n => AreDigits(n) && n[0] != '0' && IsDate(Two(n, 6), Two(n, 4)) && Weighted(n, [3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 == n[3] - '0'),
        new("be_nrn", "Belgium", 11, Evidence.NeedsWordsOrForm, "99.99.99-999.99", static n => AreDigits(n) && IsDate(Two(n, 2) % 20, Two(n, 4)) && IsBelgian(n)),
        new("br_cpf", "Brazil", 11, Evidence.NeedsWordsOrForm, "999.999.999-99", static n => AreDigits(n) && Vary(n) && Elevens(n, 9, 10) == n[9] - '0' && Elevens(n, 10, 11) == n[10] - '0'),
        new("br_cnpj", "Brazil", 14, Evidence.NeedsWordsOrForm, "99.999.999/9999-99", static n => AreDigits(n) && Vary(n) && Eleven(Weighted(n, [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])) == n[12] - '0' && Eleven(Weighted(n, [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])) == n[13] - '0'),
        new("bg_egn", "Bulgaria", 10, Evidence.NeedsWords, "", static n => AreDigits(n) && IsDate((Two(n, 2) - 1) % 20 + 1, Two(n, 4)) && Weighted(n, [2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10 == n[9] - '0'),
        new("ca_sin", "Canada", 9, Evidence.NeedsWords, "999-999-999", static n => AreDigits(n) && n[0] is not ('0' or '8') && Luhn(n)),
        new("cl_rut", "Chile", 9, Evidence.NeedsWordsOrForm, "99.999.999-X", static n => AreDigits(n.AsSpan(0, 8)) && "0123456789K"[Rut(n)] == n[8]),
        new("cn_id", "China", 18, Evidence.Enough, "", static n => AreDigits(n.AsSpan(0, 17)) && n[6] is '1' or '2' && AreDigits(n.AsSpan(0, 17)) && IsDate(Two(n, 10), Two(n, 12)) && "10X98765432"[Weighted(n, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11] == n[17]),
        new("co_nit", "Colombia", 10, Evidence.NeedsWords, "999.999.999-9", static n => AreDigits(n) && "01987654321"[Weighted(n, [41, 37, 29, 23, 19, 17, 13, 7, 3]) % 11] == n[9]),
        new("hr_oib", "Croatia", 11, Evidence.NeedsWords, "", static n => AreDigits(n) && Mod1110(n)),
        new("cz_rc", "Czechia and Slovakia", 10, Evidence.NeedsWordsOrForm, "999999/9999", static n => AreDigits(n) && IsDate(Two(n, 2) % 50 % 20, Two(n, 4)) && Number(n.AsSpan(0, 9)) % 11 % 10 == n[9] - '0'),
        new("dk_cpr", "Denmark", 10, Evidence.NeedsWords, "999999-9999", static n => AreDigits(n) && IsDate(Two(n, 2), Two(n, 0)) && Weighted(n, [4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0),
        new("ec_ci", "Ecuador", 10, Evidence.NeedsWords, "999999999-9", static n => AreDigits(n) && Two(n, 0) is >= 1 and <= 24 && n[2] < '6' && Luhn(n)),
        new("ee_ik", "Estonia", 11, Evidence.NeedsWords, "", static n => IsBaltic(n)),
        new("lt_ak", "Lithuania", 11, Evidence.NeedsWords, "", static n => IsBaltic(n)),
        new("fi_hetu", "Finland", 10, Evidence.NeedsWordsOrForm, "999999-999X", static n => IsFinnish(n)),
        new("fr_nir", "France", 15, Evidence.Enough, "9 99 99 99 999 999 99", static n => n[0] is '1' or '2' or '3' or '4' or '7' or '8' && IsFrench(n)),
        new("de_tax_id", "Germany", 11, Evidence.NeedsWords, "99 999 999 999", static n => AreDigits(n) && n[0] != '0' && Repeats(n.AsSpan(0, 10)) && Mod1110(n)),
        new("gr_amka", "Greece", 11, Evidence.NeedsWords, "", static n => AreDigits(n) && IsDate(Two(n, 2), Two(n, 0)) && Luhn(n)),
        new("is_kennitala", "Iceland", 10, Evidence.NeedsWordsOrForm, "999999-9999", static n => AreDigits(n) && IsDate(Two(n, 2), Two(n, 0) % 40) && n[9] is '8' or '9' or '0' && AreDigits(n) && Weighted(n, [3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0),
        new("in_aadhaar", "India", 12, Evidence.NeedsWordsOrForm, "9999 9999 9999", static n => AreDigits(n) && n[0] > '1' && Vary(n) && Verhoeff(n)),
        new("in_pan", "India", 10, Evidence.NeedsWords, "", static n => Fits(n, "AAAAA9999A") && "ABCFGHJLPT".Contains(n[3], StringComparison.Ordinal) && !n.AsSpan(5, 4).SequenceEqual("0000")),
        new("id_nik", "Indonesia", 16, Evidence.NeedsWords, "", static n => AreDigits(n) && n[0] is >= '1' and <= '9' && IsDate(Two(n, 8), Two(n, 6) % 40)),
        new("ie_pps", "Ireland", 8, Evidence.NeedsWords, "", static n => IsIrish(n)),
        new("ie_pps", "Ireland", 9, Evidence.NeedsWords, "", static n => IsIrish(n)),
        new("il_id", "Israel", 9, Evidence.NeedsWords, "99999999-9", static n => AreDigits(n) && Vary(n) && Luhn(n)),
        new("it_fiscal_code", "Italy", 16, Evidence.Enough, "", static n => IsItalian(n)),
        new("jp_my_number", "Japan", 12, Evidence.NeedsWords, "9999 9999 9999", static n => AreDigits(n) && Vary(n) && Japanese(n) == n[11] - '0'),
        new("kr_rrn", "South Korea", 13, Evidence.NeedsWordsOrForm, "999999-9999999", static n => AreDigits(n) && IsDate(Two(n, 2), Two(n, 4)) && n[6] is >= '0' and <= '9' && (11 - (Weighted(n, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11)) % 10 == n[12] - '0'),
        new("my_nric", "Malaysia", 12, Evidence.NeedsWordsOrForm, "999999-99-9999", static n => AreDigits(n) && IsDate(Two(n, 2), Two(n, 4)) && Two(n, 6) is not (0 or 17 or 18 or 19 or 20 or 69 or 70 or 73 or 80 or 81 or 94 or 95 or 96 or 97)),
        new("mx_curp", "Mexico", 18, Evidence.Enough, "", static n => IsMexican(n)),
        new("nl_bsn", "Netherlands", 9, Evidence.NeedsWords, "9999.99.999", static n => AreDigits(n) && Vary(n) && (Weighted(n, [9, 8, 7, 6, 5, 4, 3, 2]) - (n[8] - '0')) % 11 == 0),
        new("nz_ird", "New Zealand", 9, Evidence.NeedsWords, "999-999-999", static n => IsNewZealand(n)),
        new("no_fnr", "Norway", 11, Evidence.NeedsWordsOrForm, "999999 99999", static n => AreDigits(n) && IsDate(Two(n, 2) % 40, Two(n, 0) % 40) && Weighted(n, [3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) % 11 == 0 && Weighted(n, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0),
        new("pk_cnic", "Pakistan", 13, Evidence.NeedsWordsOrForm, "99999-9999999-9", static n => AreDigits(n) && n[0] is >= '1' and <= '7' && n[12] != '0'),
        new("pl_pesel", "Poland", 11, Evidence.NeedsWords, "", static n => AreDigits(n) && IsDate(Two(n, 2) % 20, Two(n, 4)) && Weighted(n, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 == 0),
        new("pt_nif", "Portugal", 9, Evidence.NeedsWords, "999 999 999", static n => AreDigits(n) && n[0] is '1' or '2' or '3' or '5' or '6' && AreDigits(n) && Eleven(Weighted(n, [9, 8, 7, 6, 5, 4, 3, 2])) == n[8] - '0'),
        new("ro_cnp", "Romania", 13, Evidence.NeedsWordsOrForm, "", static n => AreDigits(n) && n[0] != '0' && IsDate(Two(n, 3), Two(n, 5)) && Weighted(n, [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11 % 10 == n[12] - '0'),
        new("sg_nric", "Singapore", 9, Evidence.Enough, "", static n => IsSingaporean(n)),
        new("si_emso", "Slovenia and its neighbours", 13, Evidence.NeedsWords, "", static n => AreDigits(n) && IsDate(Two(n, 2), Two(n, 0)) && (11 - (Weighted(n, [7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11 % 10 == n[12] - '0'),
        new("za_id", "South Africa", 13, Evidence.NeedsWords, "", static n => AreDigits(n) && IsDate(Two(n, 2), Two(n, 4)) && n[10] is '0' or '1' && AreDigits(n) && Luhn(n)),
        new("es_nif", "Spain", 9, Evidence.Enough, "99999999-A", static n => AreDigits(n.AsSpan(0, 8)) && "TRWAGMYFPDXBNJZSQVHLCKE"[(int)(Number(n.AsSpan(0, 8)) % 23)] == n[8]),
        new("es_nie", "Spain", 9, Evidence.Enough, "A-9999999-A", static n => n[0] is 'X' or 'Y' or 'Z' && AreDigits(n.AsSpan(1, 7)) && "TRWAGMYFPDXBNJZSQVHLCKE"[(int)((((n[0] - 'X') * 10_000_000) + Number(n.AsSpan(1, 7))) % 23)] == n[8]),
        new("se_personnummer", "Sweden", 10, Evidence.NeedsWordsOrForm, "999999-9999", static n => AreDigits(n) && IsDate(Two(n, 2), Two(n, 4) % 60) && Luhn(n)),
        new("se_personnummer", "Sweden", 12, Evidence.NeedsWordsOrForm, "99999999-9999", static n => AreDigits(n) && Two(n, 0) is 19 or 20 && AreDigits(n) && IsDate(Two(n, 4), Two(n, 6) % 60) && Luhn(n.AsSpan(2))),
        new("ch_ahv", "Switzerland", 13, Evidence.Enough, "999.9999.9999.99", static n => AreDigits(n) && n.StartsWith("756", StringComparison.Ordinal) && Weighted(n, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 == 0),
        new("tw_id", "Taiwan", 10, Evidence.Enough, "", static n => IsTaiwanese(n)),
        new("th_pin", "Thailand", 13, Evidence.NeedsWordsOrForm, "9-9999-99999-99-9", static n => AreDigits(n) && n[0] is not ('0' or '9') && (11 - (Weighted(n, [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 10 == n[12] - '0'),
        new("tr_tckn", "Türkiye", 11, Evidence.NeedsWords, "", static n => IsTurkish(n)),
        new("uk_nino", "United Kingdom", 9, Evidence.Enough, "AA 99 99 99 A", static n => Fits(n, "AA999999A") && n[8] <= 'D' && !"DFIQUV".Contains(n[0], StringComparison.Ordinal) && !"DFIOQUV".Contains(n[1], StringComparison.Ordinal) && n[..2] is not ("BG" or "GB" or "NK" or "KN" or "TN" or "NT" or "ZZ")),
        new("uk_nhs", "United Kingdom", 10, Evidence.NeedsWords, "999 999 9999", static n => AreDigits(n) && Vary(n) && Weighted(n, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0),
    ];

    private static readonly NationalId[][] _byLength = [.. Enumerable.Range(0, 19).Select(static length => All.Where(id => id.Length == length).ToArray())];

    public static NationalId[] OfLength(int length) => length < _byLength.Length ? _byLength[length] : [];

    /// <summary>Whether a text is written in a form.</summary>
    public static bool Fits(ReadOnlySpan<char> text, ReadOnlySpan<char> form)
    {
        if (text.Length != form.Length)
        {
            return false;
        }

        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (!(form[i] switch { '9' => char.IsAsciiDigit(c), 'A' => char.IsAsciiLetter(c), 'X' => char.IsAsciiLetterOrDigit(c), var other => c == other || (other == ' ' && c == '\u00a0') }))
            {
                return false;
            }
        }

        return true;
    }

    private static int Eleven(int sum) => (11 - (sum % 11)) % 11 % 10;

    private static int Elevens(string n, int length, int first)
    {
        var sum = 0;
        for (var i = 0; i < length; i++)
        {
            sum += (n[i] - '0') * (first - i);
        }

        return Eleven(sum);
    }

    private static bool IsBelgian(string n)
    {
        var (number, check) = (Number(n.AsSpan(0, 9)), Two(n, 9));
        return 97 - (number % 97) == check || 97 - ((number + 2_000_000_000) % 97) == check;
    }

    private static int Rut(string n)
    {
        var sum = 0;
        for (var i = 0; i < 8; i++)
        {
            sum += (n[7 - i] - '0') * ((i % 6) + 2);
        }

        return (11 - (sum % 11)) % 11;
    }

    private static bool IsBaltic(string n)
    {
        if (!AreDigits(n) || n[0] is '0' or '9' || !IsDate(Two(n, 3), Two(n, 5)))
        {
            return false;
        }

        var check = Weighted(n, [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
        check = check == 10 ? Weighted(n, [3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11 % 10 : check;
        return check == n[10] - '0';
    }

    private static bool IsFinnish(string n)
    {
        // Without the sign of the century, which is a separator to the reader of the digits.
        return AreDigits(n.AsSpan(0, 9)) && IsDate(Two(n, 2), Two(n, 0)) && "0123456789ABCDEFHJKLMNPRSTUVWXY"[(int)(Number(n.AsSpan(0, 9)) % 31)] == n[9];
    }

    private static bool IsFrench(string n)
    {
        // Corsica's departments have a letter, and count as 19 and 18.
        var digits = n[5] == '2' && n[6] is 'A' or 'B' ? string.Concat(n.AsSpan(0, 5), n[6] == 'A' ? "19" : "18", n.AsSpan(7)) : n;
        return AreDigits(digits) && 97 - (Number(digits.AsSpan(0, 13)) % 97) == Two(digits, 13);
    }

    private static bool Repeats(ReadOnlySpan<char> digits)
    {
        Span<int> counts = stackalloc int[10];
        foreach (var c in digits)
        {
            counts[c - '0']++;
        }

        // One digit comes two or three times, the others once at most.
        var (repeated, most) = (0, 0);
        foreach (var count in counts)
        {
            repeated += count > 1 ? 1 : 0;
            most = Math.Max(most, count);
        }

        return repeated == 1 && most <= 3;
    }

    private static bool IsIrish(string n)
    {
        if (!AreDigits(n.AsSpan(0, 7)) || !char.IsAsciiLetterUpper(n[7]) || (n.Length == 9 && !char.IsAsciiLetterUpper(n[8])))
        {
            return false;
        }

        var sum = Weighted(n, [8, 7, 6, 5, 4, 3, 2]) + (n.Length == 9 && n[8] is not ('T' or 'W') ? 9 * (n[8] - '@') : 0);
        return "WABCDEFGHIJKLMNOPQRSTUV"[sum % 23] == n[7];
    }

    private static bool IsItalian(string n)
    {
        if (!(Fits(n, "AAAAAAXXAXXAXXXA") && "ABCDEHLMPRST".Contains(n[8], StringComparison.Ordinal)))
        {
            return false;
        }

        ReadOnlySpan<byte> odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
        var sum = 0;
        for (var i = 0; i < 15; i++)
        {
            var value = char.IsAsciiDigit(n[i]) ? n[i] - '0' : n[i] - 'A';
            sum += i % 2 == 0 ? odd[value] : value;
        }

        return 'A' + (sum % 26) == n[15];
    }

    private static int Japanese(string n)
    {
        var rest = Weighted(n, [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
        return rest <= 1 ? 0 : 11 - rest;
    }

    private static bool IsMexican(string n)
    {
        const string alphabet = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ";
        if (!(Fits(n, "AAAA999999AAAAAAX9") && n[10] is 'H' or 'M' or 'X' && IsDate(Two(n, 6), Two(n, 8))))
        {
            return false;
        }

        var sum = 0;
        for (var i = 0; i < 17; i++)
        {
            sum += alphabet.IndexOf(n[i], StringComparison.Ordinal) * (18 - i);
        }

        return (10 - (sum % 10)) % 10 == n[17] - '0';
    }

    private static bool IsNewZealand(string n)
    {
        if (!AreDigits(n) || !Vary(n) || Number(n) is < 10_000_000 or > 150_000_000)
        {
            return false;
        }

        var check = (11 - (Weighted(n, [3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11;
        check = check == 10 ? (11 - (Weighted(n, [7, 4, 3, 2, 5, 2, 7, 6]) % 11)) % 11 : check;
        return check == n[8] - '0';
    }

    private static bool IsSingaporean(string n)
    {
        if (!(n[0] is 'S' or 'T' or 'F' or 'G' or 'M' && AreDigits(n.AsSpan(1, 7))))
        {
            return false;
        }

        var sum = Weighted(n.AsSpan(1), [2, 7, 6, 5, 4, 3, 2]) + (n[0] is 'T' or 'G' ? 4 : n[0] == 'M' ? 3 : 0);
        var letters = n[0] is 'S' or 'T' ? "JZIHGFEDCBA" : n[0] == 'M' ? "XWUTRQPNJLK" : "XWUTRQPNMLK";
        return letters[n[0] == 'M' ? 10 - (sum % 11) : sum % 11] == n[8] || (n[0] == 'M' && letters[sum % 11] == n[8]);
    }

    private static bool IsTaiwanese(string n)
    {
        if (!(char.IsAsciiLetterUpper(n[0]) && n[1] is '1' or '2' or '8' or '9' && AreDigits(n.AsSpan(1))))
        {
            return false;
        }

        // Letters stand for the numbers from 10 on, in this order.
        var letter = "ABCDEFGHJKLMNPQRSTUVXYWZIO".IndexOf(n[0], StringComparison.Ordinal) + 10;
        return ((letter / 10) + (letter % 10 * 9) + Weighted(n.AsSpan(1), [8, 7, 6, 5, 4, 3, 2, 1, 1])) % 10 == 0;
    }

    private static bool IsTurkish(string n)
    {
        if (!AreDigits(n) || n[0] == '0')
        {
            return false;
        }

        var odd = Weighted(n, [1, 0, 1, 0, 1, 0, 1, 0, 1]);
        var even = Weighted(n, [0, 1, 0, 1, 0, 1, 0, 1, 0]);
        return ((odd * 7) - even + 100) % 10 == n[9] - '0' && (odd + even + (n[9] - '0')) % 10 == n[10] - '0';
    }
}
