using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;

namespace Gateway.Guardrails.Engine.Normalization;

/// <summary>What each character is read as: lower case, without accents, styled and full-width letters as plain ones.</summary>
internal static class CharacterFolds
{
    /// <summary>In <see cref="Table"/>: the character is left out.</summary>
    public const char Dropped = '\uFFFE';

    /// <summary>In <see cref="Table"/>: the text is in <see cref="Expansions"/>.</summary>
    public const char Expanded = '\uFFFF';

    private const string Resource = "Gateway.Guardrails.Engine.Normalization.Folds.txt";

    /// <summary>One entry for each UTF-16 code unit outside surrogates.</summary>
    public static char[] Table { get; } = new char[0x10000];

    /// <summary>Characters that are read as two to four others, and those above U+FFFF.</summary>
    public static FrozenDictionary<int, string> Expansions { get; }

    /// <summary>Letters of other scripts that look like a Latin one, by that letter; taken for it only in a word that has Latin letters.</summary>
    public static FrozenDictionary<char, char> LookAlikes { get; } = Pairs(
        "аaеeоoрpсcуyхxіiјjѕsһhԁdԛqԝwѵvкkмmтtвbнhгrпnлnєeѡwӏlƽsαaοoνvρpτtυuιiκkχxγyηnωwεeβbσoμuδdθoλlπnζzςsօoսuոnհhցgզqցgᎪaᏼbᏟcᎠdᎬeᎻhᎥiᎫjᏦkᏞlᎷmᏢpᏒrᏚsᎢtᏙvᎳwᏃzꓮaꓐbꓚcꓓdꓰeꓝfꓖgꓧhꓲiꓙjꓗkꓡlꓟmꓠnꓳoꓑpꓣrꓢsꓔtꓴuꓦvꓪwꓫxꓬyꓜz");

    static CharacterFolds()
    {
        for (var code = 0; code < Table.Length; code++)
        {
            Table[code] = Plain((char)code);
        }

        var expansions = new Dictionary<int, string>();
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource) ?? throw new InvalidOperationException($"The resource {Resource} is missing.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#') || line.IndexOf(' ', StringComparison.Ordinal) is not (> 0 and var gap))
            {
                continue;
            }

            var code = int.Parse(line.AsSpan(0, gap), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            var text = line[(gap + 1)..];
            if (code > char.MaxValue)
            {
                expansions[code] = text;
            }
            else if (text.Length == 1)
            {
                Table[code] = text[0];
            }
            else
            {
                Table[code] = text.Length == 0 ? Dropped : Expanded;
                expansions[code] = text;
            }
        }

        Expansions = expansions.ToFrozenDictionary();
    }

    /// <summary>Marks on letters of scripts that are read without them.</summary>
    public static bool IsMark(char c) => c >= '\u0300'
        && c is <= '\u036F' or (>= '\u0483' and <= '\u0487') or (>= '\u0591' and <= '\u05C7') or (>= '\u064B' and <= '\u065F') or '\u0670' or (>= '\u1AB0' and <= '\u1AFF')
            or (>= '\u1DC0' and <= '\u1DFF') or (>= '\u20D0' and <= '\u20FF');

    /// <summary>Characters that take no room: joiners, fillers, variation selectors and the like.</summary>
    public static bool IsInvisible(char c) => c is '\u00AD' or '\u034F' or '\u061C' or '\u115F' or '\u1160' or '\u17B4' or '\u17B5' or (>= '\u180B' and <= '\u180F') or (>= '\u200B' and <= '\u200D')
        or (>= '\u2060' and <= '\u2065') or '\u3164' or (>= '\uFE00' and <= '\uFE0F') or '\uFEFF' or '\uFFA0' or (>= '\uFFF0' and <= '\uFFFB');

    /// <summary>Characters that turn the direction of writing.</summary>
    public static bool IsBidiControl(char c) => c is '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');

    private static char Plain(char c)
    {
        // Not characters, and here they mean something else.
        if (c >= Dropped)
        {
            return '\uFFFD';
        }

        if (c == '\n' || c is '\u2028' or '\u2029' or '\u0085')
        {
            return '\n';
        }

        if (c is '\t' or '\r' or '\v' or '\f' || char.IsWhiteSpace(c))
        {
            return ' ';
        }

        return char.IsControl(c) || IsInvisible(c) || IsBidiControl(c) || IsMark(c) ? Dropped : char.ToLowerInvariant(c);
    }

    private static FrozenDictionary<char, char> Pairs(string pairs)
    {
        var table = new Dictionary<char, char>();
        for (var i = 0; i + 1 < pairs.Length; i += 2)
        {
            table[char.ToLowerInvariant(pairs[i])] = pairs[i + 1];
        }

        return table.ToFrozenDictionary();
    }
}
