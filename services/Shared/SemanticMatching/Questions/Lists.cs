using System.Collections.Frozen;

namespace Gateway.SemanticMatching.Questions;

/// <summary>Small closed classes of English words that change what a question asks.</summary>
internal static class Lists
{
    public static readonly FrozenSet<string> Function = Set(
        """
        a an the of to in on at for from by with about into over under as is are was were be been being am do does did doing have has had having
        will would shall should can could may might must i me my mine myself we us our ours you your yours he him his she her hers it its they them their
        this that these those there here and or but if then than so such some any all each every both either neither one ones someone somebody anyone
        anybody everyone people person what which who whom whose when where why how not no nor never n't s t re ve ll m d just also too very really
        actually ever still even only more most much many lot lots get getting got go going make makes made take takes thing things way ways
        """);

    public static readonly FrozenSet<string> Negations = Set(
        "not no never none nobody nothing neither nor cannot without n't dont doesnt didnt cant wont isnt arent wasnt werent shouldnt wouldnt couldnt hasnt havent hadnt unable impossible fail fails failed except avoid stop prevent");

    public static readonly FrozenSet<string> Units = Set(
        """
        mm cm m km inch inches ft feet foot yard yards mile miles mg g kg gram grams kilogram kilograms lb lbs pound pounds oz ounce ounces ton tons ml l liter
        liters litre litres gallon gallons second seconds minute minutes min hour hours day days week weeks month months year years century centuries
        hz khz mhz ghz bit bits byte bytes kb mb gb tb kilobyte megabyte gigabyte terabyte watt watts kw volt volts amp amps celsius fahrenheit kelvin degree
        degrees percent usd eur gbp inr dollar dollars euro euros rupee rupees lakh lakhs crore crores million billion trillion thousand hundred dozen
        """);

    public static readonly FrozenSet<string> Dates = Set(
        """
        january february march april june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec
        monday tuesday wednesday thursday friday saturday sunday today tomorrow yesterday tonight spring summer autumn winter christmas easter diwali
        """);

    public static readonly FrozenSet<string> Personal = Set("i me my mine myself im ive i'm i've");

    public static readonly FrozenDictionary<string, int> NumberWords = new Dictionary<string, int>(StringComparer.Ordinal)
    {
        ["zero"] = 0, ["two"] = 2, ["three"] = 3, ["four"] = 4, ["five"] = 5, ["six"] = 6, ["seven"] = 7, ["eight"] = 8, ["nine"] = 9, ["ten"] = 10,
        ["eleven"] = 11, ["twelve"] = 12, ["thirteen"] = 13, ["fourteen"] = 14, ["fifteen"] = 15, ["sixteen"] = 16, ["seventeen"] = 17, ["eighteen"] = 18,
        ["nineteen"] = 19, ["twenty"] = 20, ["thirty"] = 30, ["forty"] = 40, ["fifty"] = 50, ["sixty"] = 60, ["seventy"] = 70, ["eighty"] = 80,
        ["ninety"] = 90, ["hundred"] = 100, ["thousand"] = 1000, ["million"] = 1_000_000, ["first"] = 1, ["second"] = 2, ["third"] = 3,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenSet<(string, string)> Opposites = Pairs(
        """
        increase decrease / gain lose / buy sell / open close / start stop / begin end / enable disable / install uninstall / add remove / add delete / create delete
        / send receive / import export / upload download / encrypt decrypt / connect disconnect / male female / man woman / men women / boy girl / husband wife
        / mother father / boyfriend girlfriend / good bad / best worst / better worse / high low / higher lower / highest lowest / big small / large small / long short
        / longest shortest / fast slow / hot cold / left right / up down / before after / first last / more less / most least / pros cons / advantage disadvantage
        / advantages disadvantages / positive negative / legal illegal / true false / love hate / like dislike / win lose / old new / young old / rich poor / hard easy
        / difficult easy / maximum minimum / max min / above below / inside outside / indoor outdoor / public private / free paid / input output / ascending descending
        / success failure / benefit harm / benefits drawbacks / black white / day night / morning evening / alive dead / life death / weak strong / safe dangerous
        / debit credit / cause cure / lock unlock / tighten loosen / rise fall / accept reject / hire fire / married single / single multiple / mac windows / android ios
        / with without / north south / east west / summer winter / offline online / sync async / synchronous asynchronous / horizontal vertical / loan debt / gay straight
        """);

    private static readonly string[] QuestionWords = ["what", "how", "why", "who", "where", "when", "which", "is", "can", "should", "do", "whats", "will"];

    /// <summary>A small number for the kind of question that a word opens; 0 for none.</summary>
    public static int QuestionKind(string word) => word switch
    {
        "whom" or "whose" => 4,
        "are" or "was" or "were" or "am" or "isnt" => 8,
        "could" or "may" or "might" => 9,
        "would" or "shall" => 10,
        "does" or "did" or "has" or "have" or "had" => 11,
        "whats" => 1,
        _ => Array.IndexOf(QuestionWords, word) + 1,
    };

    /// <summary>True where two words turn a question into its opposite.</summary>
    public static bool AreOpposites(string a, string b) => Opposites.Contains((a, b));

    private static FrozenSet<string> Set(string words) => words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);

    private static FrozenSet<(string, string)> Pairs(string text) => text.Split('/', StringSplitOptions.TrimEntries)
        .Select(static pair => pair.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        .SelectMany(static words => new[] { (words[0], words[1]), (words[1], words[0]) })
        .ToFrozenSet();
}
