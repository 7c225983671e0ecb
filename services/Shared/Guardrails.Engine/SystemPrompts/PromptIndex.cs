namespace Gateway.Guardrails.Engine.SystemPrompts;

/// <summary>Every row of words of the system prompts, by hash.</summary>
internal sealed class PromptIndex
{
    /// <summary>So many words in a row are no chance.</summary>
    public const int Row = 10;

    private const int MostWords = 100_000;

    private readonly HashSet<ulong> _rows = [];

    public PromptIndex(IEnumerable<string> prompts)
    {
        foreach (var prompt in prompts)
        {
            var words = new List<PromptWord>();
            PromptWord.Read(prompt, 0, words, MostWords);
            for (var i = 0; i + Row <= words.Count; i++)
            {
                _rows.Add(Hash(words, i));
            }
        }
    }

    public bool IsEmpty => _rows.Count == 0;

    public bool HasRow(List<PromptWord> words, int first) => first + Row <= words.Count && _rows.Contains(Hash(words, first));

    private static ulong Hash(List<PromptWord> words, int first)
    {
        var hash = 14695981039346656037UL;
        for (var i = first; i < first + Row; i++)
        {
            hash = (hash ^ words[i].Hash) * 1099511628211UL;
        }

        return hash;
    }
}

/// <summary>A word: letters and digits in a row, without regard to case.</summary>
internal readonly record struct PromptWord(int Start, int End, ulong Hash)
{
    public const int Longest = 64;

    public static void Read(ReadOnlySpan<char> text, int from, List<PromptWord> words, int most)
    {
        for (var i = from; i < text.Length && words.Count < most;)
        {
            if (!char.IsLetterOrDigit(text[i]))
            {
                i++;
                continue;
            }

            var (start, hash) = (i, 14695981039346656037UL);
            for (; i < text.Length && i - start < Longest && char.IsLetterOrDigit(text[i]); i++)
            {
                hash = (hash ^ char.ToUpperInvariant(char.ToLowerInvariant(text[i]))) * 1099511628211UL;
            }

            words.Add(new PromptWord(start, i, hash));
        }
    }
}
