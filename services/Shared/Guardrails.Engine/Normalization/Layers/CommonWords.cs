namespace Gateway.Guardrails.Engine.Normalization.Layers;

/// <summary>English words by which deciphered text is told from noise, and spelled-out words are set apart.</summary>
internal static class CommonWords
{
    private const string Words = """
        the and you are for not this that with have from they will would there their what about which when make can like time just know take people into year your good some could them see
        other than then now look only come its over think also back after use two how our work first well way even new want because any these give day most us is it in of to be as at by we
        do if or an my me on he she his her so up out all one get go no who say tell show print output reveal repeat ignore disregard forget previous prior above instructions instruction prompt
        system rules password secret key code message user assistant model following before act pretend answer respond response write send email list where does name please should must never
        always without here every word text says said was were has had did been being more very much many into per let see read open find help need using used world start begin end
        bomb build weapon hack malware virus steal drugs kill poison illegal human data file access account bank card number information content policy restrictions filter safe
        """;

    private const int SlotBits = 11;

    // Keys of the words; 0 is an empty place.
    private static readonly ulong[] _keys = Keys();

    /// <summary>The longest word in the list.</summary>
    public const int MaxLength = 12;

    public static bool Contains(ReadOnlySpan<char> word)
    {
        if (word.Length > MaxLength)
        {
            return false;
        }

        var key = 0UL;
        foreach (var c in word)
        {
            if (!char.IsAsciiLetter(c))
            {
                return false;
            }

            key = Extend(key, c);
        }

        return Contains(key);
    }

    /// <summary>One more letter of a word, small or not: five bits are enough to tell them apart.</summary>
    public static ulong Extend(ulong key, char letter) => (key << 5) | (letter & 31u);

    /// <summary>Whether a word is in the list.</summary>
    /// <param name="key">Its letters, ASCII and at most <see cref="MaxLength"/> of them.</param>
    public static bool Contains(ulong key)
    {
        for (var slot = Slot(key); _keys[slot] != 0; slot = (slot + 1) & (_keys.Length - 1))
        {
            if (_keys[slot] == key)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>How many of the words of a text are common ones, and how many words of ASCII letters there are.</summary>
    public static (int Common, int All) Count(ReadOnlySpan<char> text)
    {
        var (common, all) = (0, 0);
        for (var start = 0; start < text.Length;)
        {
            if (!char.IsAsciiLetter(text[start]))
            {
                start++;
                continue;
            }

            var end = start;
            while (end < text.Length && char.IsAsciiLetter(text[end]))
            {
                end++;
            }

            all++;
            common += Contains(text[start..end]) ? 1 : 0;
            start = end;
        }

        return (common, all);
    }

    private static int Slot(ulong key) => (int)((key * 0x9E3779B97F4A7C15UL) >> (64 - SlotBits));

    private static ulong[] Keys()
    {
        var keys = new ulong[1 << SlotBits];
        foreach (var word in Words.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal))
        {
            var key = word.Aggregate(0UL, Extend);
            var slot = Slot(key);
            while (keys[slot] != 0)
            {
                slot = (slot + 1) & (keys.Length - 1);
            }

            keys[slot] = key;
        }

        return keys;
    }
}
