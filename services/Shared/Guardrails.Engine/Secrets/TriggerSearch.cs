namespace Gateway.Guardrails.Engine.Secrets;

/// <summary>What begins at a place.</summary>
[Flags]
internal enum TriggerKind : byte
{
    None = 0,

    /// <summary>A literal part of a format.</summary>
    Format = 1,

    /// <summary>A name that secrets are assigned to.</summary>
    Name = 2,
}

/// <summary>
/// Finds where one of many short texts begins, in one pass. Five bits of each of three characters, in which small letters and capitals are alike, make one look into four kilobytes; only where that says
/// yes are the texts compared that begin so.
/// </summary>
internal sealed class TriggerSearch
{
    private const int Bits = 5;
    private const int Mask = (1 << Bits) - 1;
    private const int Keys = 1 << (3 * Bits);

    private readonly uint[] _begins = new uint[Keys / 32];
    private readonly ushort[] _places = new ushort[Keys];
    private readonly Trigger[][] _triggers;

    /// <summary>A search.</summary>
    /// <param name="formats">Of two characters or more, as they are written.</param>
    /// <param name="names">Of three characters or more, all ASCII, in any case.</param>
    public TriggerSearch(IEnumerable<string> formats, IEnumerable<string> names)
    {
        var triggers = new List<List<Trigger>> { new() };
        foreach (var trigger in formats.Select(static f => new Trigger(f, TriggerKind.Format)).Concat(names.Select(static n => new Trigger(n, TriggerKind.Name))))
        {
            // Of two characters the third may be any.
            for (var third = trigger.Text.Length > 2 ? trigger.Text[2] & Mask : 0; third <= Mask; third++)
            {
                var key = Key(trigger.Text[0], trigger.Text[1], (char)third);
                _begins[key >> 5] |= 1u << (key & 31);
                if (_places[key] == 0)
                {
                    _places[key] = (ushort)triggers.Count;
                    triggers.Add([]);
                }

                triggers[_places[key]].Add(trigger);
                if (trigger.Text.Length > 2)
                {
                    break;
                }
            }
        }

        _triggers = [.. triggers.Select(static t => t.ToArray())];
    }

    /// <summary>The next place from one on where something begins, and what; the length of the text where nothing does.</summary>
    public int Next(ReadOnlySpan<char> text, int from, out TriggerKind kind)
    {
        var begins = _begins;
        for (var i = from; i + 2 < text.Length; i++)
        {
            var key = Key(text[i], text[i + 1], text[i + 2]);
            if ((begins[key >> 5] >> (key & 31) & 1) != 0 && (kind = Compare(text[i..], key)) != TriggerKind.None)
            {
                return i;
            }
        }

        var last = Math.Max(from, text.Length - 2);
        if (last + 1 < text.Length && (kind = Compare(text[last..], Key(text[last], text[last + 1], '\0'))) != TriggerKind.None)
        {
            return last;
        }

        kind = TriggerKind.None;
        return text.Length;
    }

    private static int Key(char first, char second, char third) => ((first & Mask) << (2 * Bits)) | ((second & Mask) << Bits) | (third & Mask);

    private TriggerKind Compare(ReadOnlySpan<char> text, int key)
    {
        var kind = TriggerKind.None;
        foreach (var trigger in _triggers[_places[key]])
        {
            if ((kind & trigger.Kind) == 0 && text.StartsWith(trigger.Text, trigger.Kind == TriggerKind.Name ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal))
            {
                kind |= trigger.Kind;
            }
        }

        return kind;
    }

    private readonly record struct Trigger(string Text, TriggerKind Kind);
}
