namespace Gateway.Guardrails.Engine.Injection;

/// <summary>Keys of features; used again for the next text.</summary>
internal sealed class KeyList
{
    private uint[] _keys = new uint[256];

    public int Count { get; private set; }

    public ReadOnlySpan<uint> Keys => _keys.AsSpan(0, Count);

    public void Clear() => Count = 0;

    public void Add(uint key)
    {
        if (Count == _keys.Length)
        {
            Array.Resize(ref _keys, Count * 2);
        }

        _keys[Count++] = key;
    }

    /// <summary>Room for so many more, to be written at once.</summary>
    public Span<uint> Take(int count)
    {
        if (Count + count > _keys.Length)
        {
            Array.Resize(ref _keys, Math.Max(_keys.Length * 2, Count + count));
        }

        Count += count;
        return _keys.AsSpan(Count - count, count);
    }

    /// <summary>Gives back room that was taken last and not needed.</summary>
    public void GiveBack(int count) => Count -= count;
}

/// <summary>Features of a sentence or a window, by how much they count. Words count by how many of them there are; the others hold in any language.</summary>
internal sealed class FeatureList
{
    /// <summary>What <see cref="Strong"/> features count.</summary>
    public const float StrongValue = 0.5f;

    /// <summary>What <see cref="Weak"/> features count.</summary>
    public const float WeakValue = 0.35f;

    /// <summary>Words, beginnings of words and pairs of words, which a window has of all its sentences; of a window, the pairs between two of them.</summary>
    public KeyList Words { get; } = new();

    /// <summary>What words are to the sentence alone.</summary>
    public KeyList Order { get; } = new();

    /// <summary>Groups of words by meaning and pairs of them, as <see cref="Words"/>.</summary>
    public KeyList Meanings { get; } = new();

    public KeyList Strong { get; } = new();

    public KeyList Weak { get; } = new();

    /// <summary>What each of so many words counts.</summary>
    public static float WordValue(int words) => 1f / MathF.Sqrt(Math.Max(1, words));

    public void Clear()
    {
        Words.Clear();
        Order.Clear();
        Meanings.Clear();
        Strong.Clear();
        Weak.Clear();
    }
}
