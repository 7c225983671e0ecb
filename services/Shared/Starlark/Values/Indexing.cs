using Gateway.Starlark.Execution;

namespace Gateway.Starlark.Values;

/// <summary><c>x[i]</c> and <c>x[a:b:c]</c>.</summary>
internal static class Indexing
{
    public static object Get(object target, object index, Meter meter)
    {
        if (index is SliceValue slice)
        {
            return Slice(target, slice, meter);
        }

        switch (target)
        {
            case DictValue dict:
                return dict.Items.TryGetValue(index, out var value) ? value : throw ScriptException.Runtime($"The dict has no key {Show.Short(index)}.", Keys(dict));
            case ListValue list:
                return list.Items[At(index, list.Items.Count, "list")];
            case TupleValue tuple:
                return tuple.Items[At(index, tuple.Items.Length, "tuple")];
            case string text:
                return Texts.OfCharacter(text[At(index, text.Length, "text")]);
            case RangeValue range:
                var at = ValueTypes.IsInteger(index, out var i) ? i < 0 ? i + range.Count : i : throw NoIndex(index, "range");
                return at >= 0 && at < range.Count ? Boxes.Of(range.Start + (range.Step * at)) : throw Outside(i, range.Count, "range");
            default:
                throw ScriptException.Runtime($"A {ValueTypes.NameOf(target)} has no members in brackets.", target is None ? "it is None: look whether it is there first" : null);
        }
    }

    public static void Set(object target, object index, object value, Meter meter)
    {
        switch (target)
        {
            case DictValue dict:
                meter.Allocate(48);
                dict.Set(index, value);
                break;
            case ListValue list:
                list.Items[At(index, list.Items.Count, "list")] = value;
                break;
            default:
                throw ScriptException.Runtime($"A {ValueTypes.NameOf(target)} cannot be changed.", target is TupleValue ? "make a list of it" : null);
        }
    }

    public static void Delete(object target, object index, Meter meter)
    {
        switch (target)
        {
            case DictValue dict:
                if (!dict.Remove(index, meter))
                {
                    throw ScriptException.Runtime($"The dict has no key {Show.Short(index)}.");
                }

                break;
            case ListValue list:
                meter.Step(list.Items.Count / 64);
                list.Items.RemoveAt(At(index, list.Items.Count, "list"));
                list.Version++;
                break;
            default:
                throw ScriptException.Runtime($"A {ValueTypes.NameOf(target)} cannot be changed.");
        }
    }

    /// <summary>The place that an index means, counted from the end where it is negative.</summary>
    public static int At(object index, int count, string what)
    {
        if (!ValueTypes.IsInteger(index, out var i))
        {
            throw NoIndex(index, what);
        }

        var at = i < 0 ? i + count : i;
        return at >= 0 && at < count ? (int)at : throw Outside(i, count, what);
    }

    private static object Slice(object target, SliceValue slice, Meter meter)
    {
        var count = target is string or ListValue or TupleValue or RangeValue ? ValueTypes.Length(target) : throw ScriptException.Runtime($"A {ValueTypes.NameOf(target)} cannot be sliced.", target is DictValue ? "slice list(d.items())" : null);
        var step = Bound(slice.Step) ?? 1;
        if (step == 0)
        {
            throw ScriptException.Runtime("The step of a slice is zero.");
        }

        var (low, high) = step > 0 ? (0L, count) : (-1L, count - 1);
        var start = Clamp(Bound(slice.Start), count, low, high) ?? (step > 0 ? low : high);
        var stop = Clamp(Bound(slice.Stop), count, low, high) ?? (step > 0 ? high : low);
        var range = new RangeValue(start, stop, step);
        if (range.Count > int.MaxValue)
        {
            meter.Allocate(long.MaxValue / 2);
        }

        switch (target)
        {
            case string text:
                meter.AllocateText(range.Count);
                return step == 1 ? text.Substring((int)start, (int)range.Count) : string.Create((int)range.Count, (text, range), static (span, state) =>
                {
                    for (var i = 0; i < span.Length; i++)
                    {
                        span[i] = state.text[(int)(state.range.Start + (state.range.Step * i))];
                    }
                });
            case ListValue list:
                meter.AllocateItems(range.Count);
                return new ListValue([.. Picked(list.Items, range)]);
            case TupleValue tuple:
                meter.AllocateItems(range.Count);
                return new TupleValue([.. Picked(tuple.Items, range)]);
            default:
                var source = (RangeValue)target;
                meter.AllocateItems(range.Count);
                return new ListValue([.. Numbers(source, range)]);
        }
    }

    private static IEnumerable<object> Picked(IReadOnlyList<object> items, RangeValue range)
    {
        for (var i = 0; i < range.Count; i++)
        {
            yield return items[(int)(range.Start + (range.Step * i))];
        }
    }

    private static IEnumerable<object> Numbers(RangeValue source, RangeValue range)
    {
        for (var i = 0L; i < range.Count; i++)
        {
            yield return Boxes.Of(source.Start + (source.Step * (range.Start + (range.Step * i))));
        }
    }

    private static long? Bound(object bound) => bound is None ? null : ValueTypes.IsInteger(bound, out var i) ? i : throw ScriptException.Runtime($"A bound of a slice is a {ValueTypes.NameOf(bound)}, not an integer.");

    private static long? Clamp(long? bound, long count, long low, long high) => bound is { } b ? Math.Clamp(b < 0 ? Math.Max(b, -count - 1) + count : b, low, high) : null;

    private static string? Keys(DictValue dict) =>
        dict.Items.Count == 0 ? "it is empty" : "its keys: " + string.Join(", ", dict.Items.Keys.Take(12).Select(Show.Short)) + (dict.Items.Count > 12 ? ", …" : "") + "; get(key) gives None instead of an error";

    private static ScriptException NoIndex(object index, string what) => ScriptException.Runtime($"A {what} is indexed by integers, and this is a {ValueTypes.NameOf(index)}.", index is string ? "a dict has names, and this is none; json.loads makes values of JSON text" : null);

    private static ScriptException Outside(long i, long count, string what) => ScriptException.Runtime($"The index {i} is outside of the {what}, which has {count} members.");
}
