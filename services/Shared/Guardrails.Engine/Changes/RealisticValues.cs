using System.Globalization;

namespace Gateway.Guardrails.Engine.Changes;

/// <summary>
/// Made-up values of a kind that a model takes for real ones. Addresses and numbers are of the ranges that are kept free for examples, so that they are nobody's: domains of
/// RFC 2606, addresses of RFC 5737 and RFC 3849, telephone numbers with 555-01.
/// </summary>
internal static class RealisticValues
{
    // Up to so many values of a kind the names alone are different enough; then a number goes with them.
    private const int ManyNames = 400;
    private const int ManyPlaces = 12;

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

    private static readonly string[] _trades = ["Holdings", "Works", "Group", "Partners"];
    private static readonly string[] _networks = ["192.0.2", "198.51.100", "203.0.113"];
    private static readonly string[] _ordinals = ["Jr.", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV", "XVI", "XVII", "XVIII", "XIX", "XX"];

    /// <summary>A value; null for a kind that nothing can be made up for: a number of the same shape could be somebody's.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="original">What it stands for.</param>
    /// <param name="number">Which value of its kind it is, from 1.</param>
    /// <param name="draws">Decides.</param>
    public static string? Make(string kind, string original, int number, Draws draws)
    {
        var (given, family) = (draws.Pick(_given), draws.Pick(_family));
        var suffix = number.ToString(CultureInfo.InvariantCulture);
        return kind.ToLowerInvariant() switch
        {
            "email" => $"{given}.{family}{suffix}@example.com".ToLowerInvariant(),
            "person" or "name" => number > ManyNames ? $"{given} {family} {draws.Pick(_ordinals)}" : $"{given} {family}",
            "organisation" or "organization" => $"{family} {draws.Pick(_trades)} {suffix}",
            "place" or "location" or "city" => number > ManyPlaces ? $"{draws.Pick(_places)} {suffix}" : draws.Pick(_places),
            "phone" => string.Create(CultureInfo.InvariantCulture, $"+1 {200 + draws.Next(800)}-555-01{draws.Next(100):00}"),
            "ip" or "ip_address" or "ipv4" => original.Contains(':', StringComparison.Ordinal)
                ? string.Create(CultureInfo.InvariantCulture, $"2001:db8::{number:x}")
                : string.Create(CultureInfo.InvariantCulture, $"{draws.Pick(_networks)}.{draws.Next(254) + 1}"),
            "url" => $"https://{family}{suffix}.example/".ToLowerInvariant(),
            "street" or "address" or "street_address" => string.Create(CultureInfo.InvariantCulture, $"{draws.Next(299) + 1} {family} Street"),
            "date_of_birth" or "dob" => string.Create(CultureInfo.InvariantCulture, $"{1935 + draws.Next(71)}-{draws.Next(12) + 1:00}-{draws.Next(28) + 1:00}"),
            _ => null,
        };
    }
}
