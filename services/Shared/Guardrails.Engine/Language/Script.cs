namespace Gateway.Guardrails.Engine.Language;

/// <summary>Scripts, as far as languages are told by them.</summary>
internal enum Script
{
    Other,
    Latin,
    Greek,
    Cyrillic,
    Armenian,
    Hebrew,
    Arabic,
    Devanagari,
    Bengali,
    Gurmukhi,
    Gujarati,
    Oriya,
    Tamil,
    Telugu,
    Kannada,
    Malayalam,
    Sinhala,
    Thai,
    Lao,
    Tibetan,
    Burmese,
    Georgian,
    Ethiopic,
    Khmer,
    Kana,
    Han,
    Hangul,
}

/// <summary>Scripts of characters, and the languages of those that have one.</summary>
internal static class Scripts
{
    public const int Count = (int)Script.Hangul + 1;

    private static readonly string?[] _only =
        [null, null, "el", null, "hy", "he", null, null, "bn", "pa", "gu", "or", "ta", "te", "kn", "ml", "si", "th", "lo", "bo", "my", "ka", "am", "km", "ja", "zh", "ko"];

    public static IEnumerable<string> Languages => _only.OfType<string>();

    /// <summary>The language of a script that has one; null: others have to say.</summary>
    public static string? LanguageOf(Script script, ReadOnlySpan<int> counts) => script == Script.Han && counts[(int)Script.Hangul] > 0 ? "ko" : _only[(int)script];

    public static Script Of(char c) => c switch
    {
        < '\u0250' or (>= '\u1E00' and < '\u1F00') => Script.Latin,
        < '\u0370' => Script.Other,
        < '\u0400' or (>= '\u1F00' and < '\u2000') => Script.Greek,
        < '\u0530' => Script.Cyrillic,
        < '\u0590' => Script.Armenian,
        < '\u0600' => Script.Hebrew,
        < '\u0780' or (>= '\uFB50' and < '\uFE00') or (>= '\uFE70' and < '\uFEFF') => Script.Arabic,
        >= '\u0900' and < '\u0980' => Script.Devanagari,
        >= '\u0980' and < '\u0A00' => Script.Bengali,
        >= '\u0A00' and < '\u0A80' => Script.Gurmukhi,
        >= '\u0A80' and < '\u0B00' => Script.Gujarati,
        >= '\u0B00' and < '\u0B80' => Script.Oriya,
        >= '\u0B80' and < '\u0C00' => Script.Tamil,
        >= '\u0C00' and < '\u0C80' => Script.Telugu,
        >= '\u0C80' and < '\u0D00' => Script.Kannada,
        >= '\u0D00' and < '\u0D80' => Script.Malayalam,
        >= '\u0D80' and < '\u0E00' => Script.Sinhala,
        >= '\u0E00' and < '\u0E80' => Script.Thai,
        >= '\u0E80' and < '\u0F00' => Script.Lao,
        >= '\u0F00' and < '\u1000' => Script.Tibetan,
        >= '\u1000' and < '\u10A0' => Script.Burmese,
        >= '\u10A0' and < '\u1100' => Script.Georgian,
        >= '\u1200' and < '\u13A0' => Script.Ethiopic,
        >= '\u1780' and < '\u1800' => Script.Khmer,
        >= '\u3040' and < '\u3100' or (>= '\uFF66' and < '\uFFA0') => Script.Kana,
        >= '\u3400' and < '\uA000' or (>= '\uF900' and < '\uFB00') => Script.Han,
        >= '\uAC00' and < '\uD7B0' or (>= '\u1100' and < '\u1200') => Script.Hangul,
        _ => Script.Other,
    };
}
