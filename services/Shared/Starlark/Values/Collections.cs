using Gateway.Starlark.Execution;

namespace Gateway.Starlark.Values;

/// <summary>A list. Its version changes with its length or order, so that iterating notices.</summary>
internal sealed class ListValue(List<object> items)
{
    public List<object> Items { get; } = items;

    public int Version { get; set; }
}

internal sealed class TupleValue(object[] items)
{
    public static readonly TupleValue Empty = new([]);

    public object[] Items { get; } = items;

    /// <summary>What was worked out of it as a key; it never changes.</summary>
    public int? Hash { get; set; }
}

/// <summary>A dict: members in the order in which they were put in.</summary>
internal sealed class DictValue
{
    public OrderedDictionary<object, object> Items { get; } = new(ValueComparer.Instance);

    public int Version { get; private set; }

    public void Set(object key, object value)
    {
        if (Items.TryAdd(key, value))
        {
            Version++;
        }
        else
        {
            Items[key] = value;
        }
    }

    public bool Remove(object key, Meter meter)
    {
        // What stands behind it moves up.
        meter.Step(Items.Count / 8);
        if (!Items.Remove(key))
        {
            return false;
        }

        Version++;
        return true;
    }

    public void Clear()
    {
        Items.Clear();
        Version++;
    }
}

/// <summary>A set: members in the order in which they were put in.</summary>
internal sealed class SetValue
{
    public DictValue Members { get; } = new();

    public bool Has(object value) => Members.Items.ContainsKey(value);

    public void Add(object value)
    {
        if (!Members.Items.ContainsKey(value))
        {
            Members.Set(value, None.Value);
        }
    }
}

/// <summary>The integers from start up to, or down to, and without stop.</summary>
internal sealed class RangeValue(long start, long stop, long step)
{
    public long Start { get; } = start;

    public long Stop { get; } = stop;

    public long Step { get; } = step;

    public long Count { get; } = Length(start, stop, step);

    public bool Has(long value) => Step > 0 ? value >= Start && value < Stop && Distance(value) % (ulong)Step == 0 : value <= Start && value > Stop && Distance(value) % ((ulong)-(Step + 1) + 1) == 0;

    private ulong Distance(long value) => value > Start ? (ulong)value - (ulong)Start : (ulong)Start - (ulong)value;

    private static long Length(long start, long stop, long step)
    {
        if (step > 0 ? start >= stop : start <= stop)
        {
            return 0;
        }

        var (distance, width) = step > 0 ? ((ulong)stop - (ulong)start, (ulong)step) : ((ulong)start - (ulong)stop, (ulong)-(step + 1) + 1);
        var count = ((distance - 1) / width) + 1;
        return count > long.MaxValue ? long.MaxValue : (long)count;
    }
}
