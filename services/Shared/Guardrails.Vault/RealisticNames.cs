using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Guardrails.Vault;

/// <summary>
/// Made-up values of a kind that a model takes for real ones. Addresses and numbers are of the ranges that are kept free for examples, so that they are nobody's: domains of
/// RFC 2606, addresses of RFC 5737 and RFC 3849, telephone numbers with 555-01.
/// </summary>
internal static class RealisticNames
{
    private static readonly string[] _given =
    [
        "Alda", "Bruno", "Cilla", "Dario", "Edda", "Fabian", "Gerda", "Hugo", "Ilka", "Jonas", "Katja", "Ludo", "Marit", "Nils", "Orla", "Pavel", "Quinn", "Runa", "Silvan", "Tilda", "Ulf", "Vera", "Wim", "Xenia", "Yorick", "Zelda",
    ];

    private static readonly string[] _family =
    [
        "Abelmont", "Brackwater", "Corvin", "Dunmarsh", "Elverstone", "Fairholt", "Grimwold", "Harrowby", "Islewood", "Jarvale", "Kestermoor", "Lindqvale", "Morrowen", "Netherby", "Oakhaven", "Pellworth", "Quarrington",
        "Ravensdell", "Stellmoor", "Thornquist", "Underhay", "Valmere", "Westerbrook", "Yarnwick",
    ];

    private static readonly string[] _places =
    [
        "Ashenford", "Birkholm", "Calderby", "Dunreach", "Eastmere", "Fernhollow", "Glenhaven", "Hartsfield", "Ivybridge Falls", "Kingsmoor", "Larkhill", "Millbrae", "Northwick", "Oldcastle", "Pinecrest Bay", "Redwater",
    ];

    /// <summary>A value; null for a kind that nothing can be made up for.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="original">What it stands for.</param>
    /// <param name="number">Another number gives another value.</param>
    /// <param name="secret">Makes it unlike that of others.</param>
    public static string? Make(string kind, string original, int number, string secret)
    {
        var random = new Choices(SHA256.HashData(Encoding.UTF8.GetBytes($"{secret}\n{kind}\n{number}\n{original}")));
        var (given, family) = (random.Of(_given), random.Of(_family));
        var suffix = number.ToString(CultureInfo.InvariantCulture);
        return kind.ToLowerInvariant() switch
        {
            "email" => $"{given}.{family}{suffix}@example.com".ToLowerInvariant(),
            "person" or "name" => $"{given} {family}{(number > 400 ? " " + Roman(number % 39) : "")}",
            "organisation" or "organization" => $"{family} {random.Of(["Holdings", "Works", "Group", "Partners"])} {suffix}",
            "place" or "location" or "city" => random.Of(_places) + (number > 12 ? " " + suffix : ""),
            "phone" => string.Create(CultureInfo.InvariantCulture, $"+1 {random.Within(200, 999)}-555-01{random.Within(0, 99):00}"),
            "ip" or "ip_address" or "ipv4" => original.Contains(':', StringComparison.Ordinal)
                ? string.Create(CultureInfo.InvariantCulture, $"2001:db8::{number:x}")
                : string.Create(CultureInfo.InvariantCulture, $"{random.Of(["192.0.2", "198.51.100", "203.0.113"])}.{random.Within(1, 254)}"),
            "url" => $"https://{family}{suffix}.example/".ToLowerInvariant(),
            "street" or "address" or "street_address" => string.Create(CultureInfo.InvariantCulture, $"{random.Within(1, 299)} {family} Street"),
            "date_of_birth" or "dob" => string.Create(CultureInfo.InvariantCulture, $"{random.Within(1935, 2005)}-{random.Within(1, 12):00}-{random.Within(1, 28):00}"),
            _ => null,
        };
    }

    private static string Roman(int number)
    {
        var text = new StringBuilder();
        foreach (var (value, letters) in (ReadOnlySpan<(int, string)>)[(10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")])
        {
            for (; number >= value; number -= value)
            {
                text.Append(letters);
            }
        }

        return text.Length == 0 ? "I" : text.ToString();
    }

    private sealed class Choices(byte[] bytes)
    {
        private int _next;

        public string Of(string[] texts) => texts[Within(0, texts.Length - 1)];

        public int Within(int least, int most)
        {
            var value = BitConverter.ToUInt32(bytes, _next % (bytes.Length - 4));
            _next += 4;
            return least + (int)(value % (uint)(most - least + 1));
        }
    }
}
