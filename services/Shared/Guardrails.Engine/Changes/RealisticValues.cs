using System.Globalization;
using System.Text;

namespace Gateway.Guardrails.Engine.Changes;

/// <summary>Made-up values of a kind, from names and address ranges that belong to nobody.</summary>
internal static class RealisticValues
{
    private static readonly string[] _given = ["Alden", "Brina", "Corwin", "Delphine", "Edmar", "Fenella", "Garrick", "Hester", "Ilario", "Jocasta", "Kelwyn", "Liora", "Merrick", "Nerys", "Osbert", "Petra", "Quillon", "Rosalba", "Silvan", "Tamsin", "Ulric", "Verena", "Wendel", "Xanthe", "Yorick", "Zelda"];
    private static readonly string[] _family = ["Ashgrove", "Bellweather", "Carrowmore", "Dunmere", "Eastlake", "Fairholt", "Greymont", "Hollowell", "Inglewood", "Jarrowby", "Kestrelby", "Lindqvist", "Marchmont", "Northcote", "Oakhurst", "Penhallow", "Quenby", "Ravensworth", "Stonebridge", "Thornbury", "Underhay", "Vancastle", "Westermark", "Yarborne", "Zellweger"];
    private static readonly string[] _streets = ["Alder", "Birch", "Cedar", "Dogwood", "Elder", "Fern", "Gorse", "Hawthorn", "Ivy", "Juniper", "Larch", "Maple", "Oak", "Pine", "Rowan", "Sorrel", "Willow"];
    private static readonly string[] _places = ["Ambleford", "Brackwater", "Cloverdale", "Dunhaven", "Eastmarsh", "Fallowfield", "Glenbarrow", "Highmoor", "Kingsmere", "Larkspur", "Millbrook", "Northwick", "Oakenshaw", "Ravenhill", "Stillwater", "Thistledown", "Westhollow"];
    private static readonly string[] _trades = ["Consulting", "Industries", "Logistics", "Partners", "Systems", "Trading", "Works"];

    public static string Make(string kind, string original, Draws draws) => kind switch
    {
        "person" => original.Contains(' ', StringComparison.Ordinal) ? $"{draws.Pick(_given)} {draws.Pick(_family)}" : draws.Pick(_given),
        "organization" => $"{draws.Pick(_family)} {draws.Pick(_trades)}",
        "location" => draws.Pick(_places),
        "address" => string.Create(CultureInfo.InvariantCulture, $"{draws.Next(240) + 1} {draws.Pick(_streets)} Street, {draws.Pick(_places)}"),
        "email" => $"{draws.Pick(_given)}.{draws.Pick(_family)}{draws.Next(100)}@example.com".ToLowerInvariant(),
        "url" => $"https://{draws.Pick(_places)}{draws.Next(1000)}.example/".ToLowerInvariant(),
        "ip_address" => string.Create(CultureInfo.InvariantCulture, $"203.0.113.{draws.Next(254) + 1}"),
        "phone" => string.Create(CultureInfo.InvariantCulture, $"+1-{draws.Next(700) + 201}-555-01{draws.Next(100):00}"),
        "credit_card" => Card(draws),
        _ => SameShape(original, draws),
    };

    private static string Card(Draws draws)
    {
        // 400000 is what test cards begin with.
        Span<char> digits = stackalloc char[16];
        "400000".CopyTo(digits);
        for (var i = 6; i < 15; i++)
        {
            digits[i] = (char)('0' + draws.Next(10));
        }

        var sum = 0;
        for (var i = 0; i < 15; i++)
        {
            var digit = digits[i] - '0';
            sum += i % 2 == 0 ? (digit * 2 / 10) + (digit * 2 % 10) : digit;
        }

        digits[15] = (char)('0' + ((10 - (sum % 10)) % 10));
        return new string(digits);
    }

    private static string SameShape(string original, Draws draws)
    {
        var made = new StringBuilder(original.Length);
        foreach (var c in original)
        {
            made.Append(char.IsDigit(c) ? (char)('0' + draws.Next(10))
                : char.IsUpper(c) ? (char)('A' + draws.Next(26))
                : char.IsLetter(c) || char.IsSurrogate(c) ? (char)('a' + draws.Next(26)) : c);
        }

        return made.ToString();
    }
}
