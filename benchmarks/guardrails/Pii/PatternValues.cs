using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gateway.Guardrails.Engine.Pii.Numbers;

namespace Gateway.Benchmarks.Guardrails.Pii;

/// <summary>Makes values of every kind that has a form, at random but the same in every run, with the ways in which people name them.</summary>
internal sealed class PatternValues(int seed)
{
    private const string Digits = "0123456789";
    private const string Upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const string Lower = "abcdefghijklmnopqrstuvwxyz";
    private const string Base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    private static readonly string[] _words = ["mira", "holt", "kestrel", "lumen", "orchid", "pine", "acorn", "river", "tide", "amber"];

    // How those are written whose form says only their length.
    private static readonly Dictionary<string, string> _forms = new(StringComparer.Ordinal)
    {
        ["it_fiscal_code"] = "AAAAAA99M99A999A", ["mx_curp"] = "AAAA999999HAAAAAX9", ["in_pan"] = "AAAPA9999A", ["sg_nric"] = "S9999999A", ["tw_id"] = "A199999999", ["es_nif"] = "99999999A", ["es_nie"] = "Y9999999A",
        ["uk_nino"] = "AA999999A", ["cl_rut"] = "99999999X", ["cn_id"] = "99999999999999999X", ["fi_hetu"] = "999999999X",
    };

    private readonly Random _random = new(seed);

    /// <summary>The kinds, with what people call them.</summary>
    public static IEnumerable<(string Kind, string Name)> Kinds =>
    [
        ("email", "e-mail"), ("phone", "phone number"), ("credit_card", "credit card"), ("iban", "IBAN"), ("swift", "SWIFT code"), ("bank_account", "bank account number"), ("us_ssn", "social security number"),
        ("us_itin", "ITIN"), ("passport", "passport number"), ("driver_license", "driver's license number"), ("medical_record", "medical record number"), ("insurance_number", "insurance policy number"),
        ("ip_address", "IP address"), ("mac_address", "MAC address"), ("url", "website"), ("crypto_address", "wallet address"), ("date_of_birth", "date of birth"),
        .. NationalIds.All.DistinctBy(static id => id.Kind).Select(static id => (id.Kind, $"{id.Country.Split(" and ")[0]} {Called(id.Kind)}")),
    ];

    public int Next(int most) => _random.Next(most);

    /// <summary>A value of a kind.</summary>
    public string Of(string kind, int index) => kind switch
    {
        "email" => $"{Word()}{(index % 3 == 0 ? "." + Word() : index % 3 == 1 ? Fill("99") : "+" + Word())}@{Word()}.{(index % 2 == 0 ? "example.com" : "co.uk")}",
        "phone" => (index % 6) switch { 0 => Fill("+1 415 B99 9999"), 1 => Fill("(B99) B99-9999"), 2 => Fill("+49 30 9999999"), 3 => Fill("B99-B99-9999"), 4 => Fill("+44 20 7999 9999"), _ => Fill("0033 1 99 99 99 99") },
        "credit_card" => Grouped(Until(() => Fill((index % 3) switch { 0 => "4999999999999999", 1 => "5399999999999999", _ => "379999999999999" }), static n => Cards.IsCard(n)), index),
        "iban" => Iban(index),
        "swift" => Fill((index % 2) == 0 ? "AAAADEFF" : "AAAAGB2LX99"),
        "bank_account" => Fill("9999999999"),
        "us_ssn" => $"{_random.Next(100, 660)}-{_random.Next(10, 99)}-{_random.Next(1000, 9999)}",
        "us_itin" => $"9{Fill("99")}-{_random.Next(70, 88)}-{_random.Next(1000, 9999)}",
        "passport" => Fill((index % 3) switch { 0 => "A99999999", 1 => "999999999", _ => "AA9999999" }),
        "driver_license" => Fill((index % 3) switch { 0 => "A9999999", 1 => "99999999", _ => "A999-9999-9999" }),
        "medical_record" => Fill((index % 2) switch { 0 => "99999999", _ => "MR-9999999" }),
        "insurance_number" => Fill((index % 2) switch { 0 => "AAA999999999", _ => "9999999999" }),
        "ip_address" => index % 3 == 0 ? $"2001:db8:{Fill("9999")}::{Fill("999")}" : $"{_random.Next(11, 223)}.{_random.Next(256)}.{_random.Next(256)}.{_random.Next(1, 255)}",
        "mac_address" => string.Join(index % 2 == 0 ? ':' : '-', Enumerable.Range(0, 6).Select(_ => _random.Next(256).ToString("x2", CultureInfo.InvariantCulture))),
        "url" => (index % 3) switch { 0 => $"https://www.{Word()}.example/{Word()}?{Word()}={Fill("99")}", 1 => $"http://{Word()}.example.org", _ => $"www.{Word()}{Word()}.com" },
        "crypto_address" => index % 2 == 0 ? "0x" + Convert.ToHexStringLower(Bytes(20)) : Bitcoin(),
        "date_of_birth" => (index % 4) switch { 0 => $"19{Fill("79")}-0{_random.Next(1, 9)}-1{_random.Next(9)}", 1 => $"{_random.Next(1, 28)}/{_random.Next(1, 12)}/19{_random.Next(50, 99)}", 2 => $"{_random.Next(1, 28)} March 19{_random.Next(50, 99)}", _ => $"July {_random.Next(1, 28)}, 19{_random.Next(50, 99)}" },
        _ => National(kind, index),
    };

    // A bare number, or one written as its country writes it.
    private string National(string kind, int index)
    {
        var ids = NationalIds.All.Where(id => id.Kind == kind).ToArray();
        var id = ids[index % ids.Length];
        var form = _forms.GetValueOrDefault(kind) ?? (kind == "ie_pps" ? new string('9', 7) + new string('A', id.Length - 7) : new string('9', id.Length));
        var value = Until(() => Fill(form), n => id.IsRight(n));
        if (id.Form.Length == 0 || (index % 2 == 0 && kind != "fi_hetu"))
        {
            return value;
        }

        var (written, at) = (new StringBuilder(), 0);
        foreach (var c in id.Form)
        {
            written.Append(c is '9' or 'A' or 'X' ? value[at++] : c);
        }

        return written.ToString();
    }

    private string Iban(int index)
    {
        var (country, bank) = new[] { ("DE", "999999999999999999"), ("FR", "99999999999999999999999"), ("ES", "99999999999999999999"), ("GB", "AAAA99999999999999"), ("NL", "AAAA9999999999"), ("CH", "99999999999999999"), ("PL", "999999999999999999999999"), ("NO", "99999999999") }[index % 8];
        var account = Fill(bank);
        var check = 98 - CheckDigits.Mod97(country + "00", CheckDigits.Mod97(account));
        var iban = $"{country}{check:00}{account}";
        return index % 2 == 0 ? iban : string.Join(' ', iban.Chunk(4).Select(static c => new string(c)));
    }

    private string Bitcoin()
    {
        byte[] payload = [0, .. Bytes(20)];
        payload = [.. payload, .. SHA256.HashData(SHA256.HashData(payload))[..4]];
        var number = new System.Numerics.BigInteger(payload, isUnsigned: true, isBigEndian: true);
        var text = new StringBuilder();
        for (; number > 0; number /= 58)
        {
            text.Insert(0, Base58[(int)(number % 58)]);
        }

        return "1" + text;
    }

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }

    private static string Grouped(string digits, int index) => index % 2 == 0 || digits.Length != 16 ? digits : string.Join(index % 4 == 1 ? ' ' : '-', digits.Chunk(4).Select(static c => new string(c)));

    private string Word() => _words[_random.Next(_words.Length)];

    private string Fill(string form)
    {
        var text = new StringBuilder();
        foreach (var c in form)
        {
            text.Append(c switch
            {
                '9' => Digits[_random.Next(10)], 'B' when form.Contains("B99", StringComparison.Ordinal) => Digits[_random.Next(2, 10)], 'A' => Upper[_random.Next(26)], 'a' => Lower[_random.Next(26)],
                'X' => Digits[_random.Next(10)], 'M' when form.StartsWith("AAAAAA", StringComparison.Ordinal) => "ABCDEHLMPRST"[_random.Next(12)], _ => c,
            });
        }

        return text.ToString();
    }

    private static string Until(Func<string> make, Func<string, bool> holds)
    {
        for (var i = 0; i < 5_000_000; i++)
        {
            var value = make();
            if (holds(value))
            {
                return value;
            }
        }

        throw new InvalidOperationException("No value of this form is right.");
    }

    private static string Called(string kind) => kind[(kind.IndexOf('_', StringComparison.Ordinal) + 1)..] switch
    {
        "id" => "ID number", "rc" => "rodné číslo", "ci" => "cédula", "ik" => "isikukood", "ak" => "asmens kodas", "tax_id" => "Steuer-ID", "my_number" => "MyNumber", "pin" => "national ID", "fiscal_code" => "codice fiscale",
        var name => name.ToUpperInvariant() + " number",
    };
}
