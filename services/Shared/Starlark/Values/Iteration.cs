using Gateway.Starlark.Execution;

namespace Gateway.Starlark.Values;

/// <summary>Walks over the members of a value.</summary>
internal abstract class ValueIterator
{
    /// <summary>The next member, or null at the end.</summary>
    public abstract object? Next();
}

internal static class Iteration
{
    public static ValueIterator Start(object value) => value switch
    {
        ListValue list => new OfList(list),
        TupleValue tuple => new OfArray(tuple.Items),
        DictValue dict => new OfDict(dict),
        SetValue set => new OfDict(set.Members),
        RangeValue range => new OfRange(range),
        string text => new OfText(text),
        _ => throw ScriptException.Runtime($"A {ValueTypes.NameOf(value)} has no members to go through.", value is None ? "look whether it is there first" : value is long ? "range(n) counts" : null),
    };

    /// <summary>All members, in a list of its own.</summary>
    public static List<object> ToList(object value, Meter meter)
    {
        var length = value is string or ListValue or TupleValue or DictValue or SetValue or RangeValue ? ValueTypes.Length(value) : 0;
        meter.AllocateItems(Math.Min(length, int.MaxValue));
        var items = new List<object>((int)Math.Min(length, int.MaxValue));
        var iterator = Start(value);
        while (iterator.Next() is { } item)
        {
            items.Add(item);
        }

        return items;
    }

    private sealed class OfList(ListValue list) : ValueIterator
    {
        private readonly int version = list.Version;
        private int index;

        public override object? Next()
        {
            if (version != list.Version)
            {
                throw Changed("list");
            }

            return index < list.Items.Count ? list.Items[index++] : null;
        }
    }

    private sealed class OfArray(object[] items) : ValueIterator
    {
        private int index;

        public override object? Next() => index < items.Length ? items[index++] : null;
    }

    private sealed class OfDict(DictValue dict) : ValueIterator
    {
        private readonly int version = dict.Version;
        private int index;

        public override object? Next()
        {
            if (version != dict.Version)
            {
                throw Changed("dict or set");
            }

            return index < dict.Items.Count ? dict.Items.GetAt(index++).Key : null;
        }
    }

    private sealed class OfRange(RangeValue range) : ValueIterator
    {
        private long index;

        public override object? Next() => index < range.Count ? Boxes.Of(range.Start + (range.Step * index++)) : null;
    }

    private sealed class OfText(string text) : ValueIterator
    {
        private int index;

        public override object? Next() => index < text.Length ? Texts.OfCharacter(text[index++]) : null;
    }

    private static ScriptException Changed(string what) => ScriptException.Runtime($"The {what} changes while the program goes through it.", "go through list(x), or collect what is to change");
}

/// <summary>Texts of one character.</summary>
internal static class Texts
{
    private static readonly string[] _ascii = [.. Enumerable.Range(0, 128).Select(static i => ((char)i).ToString())];

    public static string OfCharacter(char c) => c < _ascii.Length ? _ascii[c] : c.ToString();
}
