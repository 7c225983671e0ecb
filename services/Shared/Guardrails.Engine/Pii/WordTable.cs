using System.Numerics;

namespace Gateway.Guardrails.Engine.Pii;

/// <summary>Sixty-four bits of hash of a word, whether its letters are small or not.</summary>
internal static class WordHash
{
    public const ulong Start = 14695981039346656037UL;

    private const ulong Prime = 1099511628211UL;

    /// <summary>One more character.</summary>
    public static ulong Extend(ulong hash, char c) => (hash ^ (c < 0x80 ? (uint)(c - 'A') <= 'Z' - 'A' ? (char)(c | 0x20) : c : char.ToLowerInvariant(c))) * Prime;

    /// <summary>More characters.</summary>
    public static ulong Extend(ulong hash, ReadOnlySpan<char> characters)
    {
        foreach (var c in characters)
        {
            hash = Extend(hash, c);
        }

        return hash;
    }

    /// <summary>The hash of a whole word.</summary>
    public static ulong Of(ReadOnlySpan<char> word) => Extend(Start, word);
}

/// <summary>Words with what they mean, by <see cref="WordHash"/>: one look at two neighbouring places and no comparison of letters.</summary>
internal sealed class WordTable<T>
    where T : struct
{
    private readonly ulong[] _keys;
    private readonly T[] _values;
    private readonly int _shift;

    public WordTable(IReadOnlyDictionary<string, T> words)
    {
        ArgumentNullException.ThrowIfNull(words);
        var bits = 66 - BitOperations.LeadingZeroCount((ulong)Math.Max(1, words.Count));
        _keys = new ulong[1 << bits];
        _values = new T[1 << bits];
        _shift = 64 - bits;
        foreach (var (word, value) in words)
        {
            var key = Key(WordHash.Of(word));
            var slot = Slot(key);
            while (_keys[slot] != 0)
            {
                slot = (slot + 1) & (_keys.Length - 1);
            }

            (_keys[slot], _values[slot]) = (key, value);
        }
    }

    /// <summary>What a word means; the default where it is not known.</summary>
    /// <param name="hash">The word's hash.</param>
    public T Find(ulong hash)
    {
        var key = Key(hash);
        for (var slot = Slot(key); ; slot = (slot + 1) & (_keys.Length - 1))
        {
            if (_keys[slot] == key)
            {
                return _values[slot];
            }

            if (_keys[slot] == 0)
            {
                return default;
            }
        }
    }

    // No word has the key of an empty place.
    private static ulong Key(ulong hash) => hash == 0 ? 1 : hash;

    private int Slot(ulong key) => (int)((key ^ (key >> 29)) * 0x9E3779B97F4A7C15UL >> _shift);
}
