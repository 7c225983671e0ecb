using System.Collections.Frozen;
using Gateway.Contracts.Cache;
using Gateway.Guardrails.Engine.Language;

namespace Gateway.SemanticCache.Embedding;

/// <summary>Tells the language of a text where that can be told: short questions and names belong to none.</summary>
internal static class Languages
{
    private const string English = "en";
    private const int ReadCharacters = 400;

    // Below it a language is a guess.
    private const double Sure = 0.4;

    // Questions that begin so are in English, however foreign their names are.
    private static readonly FrozenSet<string> _openers = FrozenSet.ToFrozenSet(
        ["how", "what", "what's", "why", "who", "when", "where", "which", "is", "are", "can", "does", "did", "should", "could", "would", "will", "i"], StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _opens = _openers.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The code of the language; empty where it cannot be told.</summary>
    public static string Of(string text)
    {
        var read = text.AsSpan(0, Math.Min(text.Length, ReadCharacters)).TrimStart();
        var space = read.IndexOf(' ');
        if (_opens.Contains(space < 0 ? read : read[..space]))
        {
            return English;
        }

        var (code, score) = LanguageIdentifier.Identify(read);
        return score >= Sure ? code : "";
    }

    /// <summary>True where both languages can be told and are two.</summary>
    public static bool Differ(string a, string b) => Of(a) is { Length: > 0 } first && Of(b) is { Length: > 0 } second && first != second;

    /// <summary>Why a model that knows English alone cannot compare a text: a word of <see cref="CacheReasons"/>; null where it can.</summary>
    public static string? NotEnglish(string text)
        => !Scripts.MostlyLatin(text) ? CacheReasons.UnknownScript : Of(text) is not ("" or English) ? CacheReasons.UnknownLanguage : null;
}
