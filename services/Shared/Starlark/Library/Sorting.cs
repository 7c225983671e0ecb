using Gateway.Starlark.Execution;
using Gateway.Starlark.Values;

namespace Gateway.Starlark.Library;

/// <summary>A stable merge sort, whose comparisons are charged and may fail.</summary>
internal static class Sorting
{
    public static List<object> Sorted(Invocation call, List<object> items, object? key, bool isReverse)
    {
        call.Meter.AllocateItems(4L * items.Count);
        var pairs = new (object Key, object Item)[items.Count];
        for (var i = 0; i < pairs.Length; i++)
        {
            pairs[i] = (key is null or None ? items[i] : call.Machine.Invoke(key, items[i]), items[i]);
        }

        // Reversed before and after, equal ones keep their order.
        if (isReverse)
        {
            Array.Reverse(pairs);
        }

        var other = new (object Key, object Item)[pairs.Length];
        for (var width = 1; width < pairs.Length; width *= 2)
        {
            for (var start = 0; start < pairs.Length; start += 2 * width)
            {
                Merge(pairs, other, start, Math.Min(start + width, pairs.Length), Math.Min(start + (2 * width), pairs.Length), call.Meter);
            }

            (pairs, other) = (other, pairs);
        }

        if (isReverse)
        {
            Array.Reverse(pairs);
        }

        return [.. pairs.Select(static p => p.Item)];
    }

    private static void Merge((object Key, object Item)[] from, (object Key, object Item)[] to, int left, int middle, int end, Meter meter)
    {
        var (i, j) = (left, middle);
        for (var k = left; k < end; k++)
        {
            to[k] = j >= end || (i < middle && ValueComparer.Order(from[i].Key, from[j].Key, meter) <= 0) ? from[i++] : from[j++];
        }
    }
}
