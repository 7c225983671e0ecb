using System.Globalization;

namespace Gateway.Guardrails.Engine.Normalization;

/// <summary>What a folded character is for the division into words.</summary>
internal static class CharClass
{
    public const byte Word = 1;
    public const byte Gap = 2;

    /// <summary>Of a script in which words are not set apart or take on prefixes: a phrase may begin anywhere.</summary>
    public const byte Anywhere = 4;

    /// <summary>Of a script in which words take endings that no list of stems has.</summary>
    public const byte Endings = 8;

    /// <summary>A sentence may end with it.</summary>
    public const byte Stop = 16;

    public static byte[] Table { get; } = Build();

    public static bool IsWord(char c) => (Table[c] & Word) != 0;

    private static byte[] Build()
    {
        var table = new byte[0x10000];
        for (var code = 0; code < table.Length; code++)
        {
            var c = (char)code;
            var word = char.IsLetterOrDigit(c) || char.GetUnicodeCategory(c) is UnicodeCategory.SpacingCombiningMark or UnicodeCategory.NonSpacingMark;
            var gap = c is ' ' or '\n' or '\'' or '"' or '-' or ',' or '_' or '*' or '/' or '(' or ')' or ':';
            var anywhere = word && c is (>= '\u0590' and < '\u0780') or (>= '\u0E00' and < '\u0F00') or (>= '\u1780' and < '\u1800') or (>= '\u1000' and < '\u10A0') or (>= '\u2E80' and < '\uA000') or (>= '\uAC00' and < '\uD7B0');
            var stop = c is '.' or '!' or '?' or ';' or '\n' or '<' or '>' or '。' or '！' or '？' or '।' or '؟' or '\u06D4';
            table[code] = (byte)((word ? Word : 0) | (gap ? Gap : 0) | (stop ? Stop : 0) | (anywhere ? Anywhere : 0) | (word && c >= '\u0590' && c is not (>= '\u1E00' and < '\u2000') ? Endings : 0));
        }

        return table;
    }
}
