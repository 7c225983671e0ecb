using System.Collections.Frozen;

namespace Gateway.SemanticMatching.Questions;

/// <summary>How rare a word is in English, by its place in a list ordered by frequency.</summary>
internal static class WordRarity
{
    // In the list of pieces that the built-in embedding model has, whole words begin here with "the".
    private const int FirstWord = 1996;

    private static readonly FrozenDictionary<string, int> Ranks = Load();
    private static readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> BySpan = Ranks.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>From 0.1 for the commonest words to 1 for words that are not in the list.</summary>
    public static float Of(string word)
    {
        if (!Ranks.TryGetValue(word, out var rank) && !BySpan.TryGetValue(Singular(word), out rank))
        {
            return 1;
        }

        // Frequencies fall about as one over the rank, so that the logarithm of the rank is the information of the word.
        return 0.1f + (0.85f * MathF.Log(1 + rank) / MathF.Log(30_000));
    }

    public static bool Knows(string word) => Ranks.ContainsKey(word);

    private static ReadOnlySpan<char> Singular(string word) => word.EndsWith('s') ? word.AsSpan(0, word.Length - 1) : word;

    private static FrozenDictionary<string, int> Load()
    {
        using var stream = typeof(WordRarity).Assembly.GetManifestResourceStream("Gateway.SemanticMatching.words.txt")
            ?? throw new InvalidOperationException("The list of words is missing from the assembly.");
        using var reader = new StreamReader(stream);
        var ranks = new Dictionary<string, int>(StringComparer.Ordinal);
        var line = 0;
        while (reader.ReadLine() is { } word)
        {
            if (line >= FirstWord && !word.StartsWith('#') && word.Length > 1)
            {
                ranks.TryAdd(word, line - FirstWord);
            }

            line++;
        }

        return ranks.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
