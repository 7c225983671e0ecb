using System.Numerics;

namespace Gateway.Guardrails.Engine.Pii;

/// <summary>Words with what they mean, by sixty-four bits of hash: one look at two neighbouring places and no comparison of letters.</summary>
internal sealed class WordTable<T>
    where T : struct
{
    private const ulong Start = 14695981039346656037UL;
    private const ulong Prime = 1099511628211UL;
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
            var key = Hash(word);
            var slot = Slot(key);
            while (_keys[slot] != 0)
            {
                slot = (slot + 1) & (_keys.Length - 1);
            }

            (_keys[slot], _values[slot]) = (key, value);
        }
    }

    /// <summary>What a word means, whether its letters are small or not; the default where it is not known.</summary>
    public T Find(ReadOnlySpan<char> word)
    {
        var key = Hash(word);
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

    private static ulong Hash(ReadOnlySpan<char> word)
    {
        var hash = Start;
        foreach (var c in word)
        {
            var small = c < 0x80 ? (uint)(c - 'A') <= 'Z' - 'A' ? (char)(c | 0x20) : c : char.ToLowerInvariant(c);
            hash = (hash ^ small) * Prime;
        }

        return hash == 0 ? 1 : hash;
    }

    private int Slot(ulong key) => (int)((key ^ (key >> 29)) * 0x9E3779B97F4A7C15UL >> _shift);
}
