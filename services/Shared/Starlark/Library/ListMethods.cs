using Gateway.Starlark.Execution;
using Gateway.Starlark.Values;

namespace Gateway.Starlark.Library;

/// <summary>Methods of lists, and the two that tuples have too.</summary>
internal static class ListMethods
{
    public static readonly Dictionary<string, Func<Invocation, object>> All = new()
    {
        ["append"] = static c => Changed(c, l => l.Items.Add(c.Bind("item")[0]!), 16),
        ["extend"] = static c => Changed(c, l => Sequences.Extend(l, c.Bind("items")[0]!, c.Meter), 0),
        ["insert"] = static c => Changed(c, l => c.Bind("index", "item") is var a ? () => l.Items.Insert(Place(c, a[0], l.Items.Count), a[1]!) : null, 16),
        ["pop"] = Pop,
        ["remove"] = static c => Changed(c, l => l.Items.RemoveAt(IndexOf(c, l.Items, "item")), 0),
        ["clear"] = static c => Changed(c, l => c.Bind() is null ? null : l.Items.Clear, 0),
        ["reverse"] = static c => Changed(c, l => c.Bind() is null ? null : l.Items.Reverse, 0),
        ["sort"] = static c => Changed(c, l => Sort(c, l), 0),
        ["copy"] = static c => c.Bind() is null ? None.Value : new ListValue(Iteration.ToList(c.Self, c.Meter)),
        ["index"] = static c => Boxes.Of(IndexOf(c, ((ListValue)c.Self).Items, "item")),
        ["count"] = static c => Boxes.Of(Count(c, ((ListValue)c.Self).Items)),
    };

    public static readonly Dictionary<string, Func<Invocation, object>> OfTuples = new()
    {
        ["index"] = static c => Boxes.Of(IndexOf(c, ((TupleValue)c.Self).Items, "item")),
        ["count"] = static c => Boxes.Of(Count(c, ((TupleValue)c.Self).Items)),
    };

    private static None Changed(Invocation call, Action<ListValue> change, long bytes)
    {
        var list = (ListValue)call.Self;
        call.Meter.Allocate(bytes);
        call.Meter.Step(bytes == 16 ? 0 : list.Items.Count / 16);
        change(list);
        list.Version++;
        return None.Value;
    }

    private static None Changed(Invocation call, Func<ListValue, Action?> change, long bytes) => Changed(call, l => change(l)?.Invoke(), bytes);

    private static void Sort(Invocation call, ListValue list)
    {
        var a = call.Bind("key?", "reverse?");
        var sorted = Sorting.Sorted(call, list.Items, a[0], a[1] is { } r && ValueTypes.IsTrue(r));
        list.Items.Clear();
        list.Items.AddRange(sorted);
    }

    private static object Pop(Invocation call)
    {
        var list = (ListValue)call.Self;
        var at = call.Bind("index?")[0];
        if (list.Items.Count == 0)
        {
            throw call.Error("the list is empty.");
        }

        var index = at is null ? list.Items.Count - 1 : Indexing.At(at, list.Items.Count, "list");
        call.Meter.Step((list.Items.Count - index) / 64);
        var item = list.Items[index];
        list.Items.RemoveAt(index);
        list.Version++;
        return item;
    }

    private static int Place(Invocation call, object? index, int count)
    {
        var i = call.Integer(index, "index");
        return (int)Math.Clamp(i < 0 ? i + count : i, 0, count);
    }

    private static int IndexOf(Invocation call, IReadOnlyList<object> items, string parameter)
    {
        var wanted = call.Bind(parameter)[0]!;
        for (var i = 0; i < items.Count; i++)
        {
            if (ValueComparer.AreEqual(items[i], wanted, call.Meter))
            {
                return i;
            }
        }

        throw call.Error($"{Show.Short(wanted)} is not in it.", "in tells whether it is");
    }

    private static long Count(Invocation call, IReadOnlyList<object> items)
    {
        var wanted = call.Bind("item")[0]!;
        return items.Count(item => ValueComparer.AreEqual(item, wanted, call.Meter));
    }
}
