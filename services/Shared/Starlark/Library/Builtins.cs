using Gateway.Starlark.Execution;
using Gateway.Starlark.Values;

namespace Gateway.Starlark.Library;

/// <summary>The functions that are there from the start, by name.</summary>
internal static class Builtins
{
    public static IReadOnlyDictionary<string, object> All { get; } = Make();

    public static SetValue SetOf(Invocation call, object source)
    {
        if (source is SetValue { Members.Items.Count: var count })
        {
            call.Meter.AllocateItems(2L * count);
        }

        var set = new SetValue();
        foreach (var item in Iteration.ToList(source, call.Meter))
        {
            call.Meter.Allocate(32);
            set.Add(item);
        }

        return set;
    }

    private static Dictionary<string, object> Make()
    {
        var functions = new Dictionary<string, Func<Invocation, object>>
        {
            ["len"] = static c => Boxes.Of(ValueTypes.Length(c.Bind("value")[0]!)),
            ["range"] = Range,
            ["enumerate"] = Enumerate,
            ["zip"] = Zip,
            ["sorted"] = static c => c.Bind("items", "key?", "reverse?") is var a ? new ListValue(Sorting.Sorted(c, Iteration.ToList(a[0]!, c.Meter), a[1], a[2] is { } r && ValueTypes.IsTrue(r))) : null!,
            ["reversed"] = static c => Iteration.ToList(c.Bind("items")[0]!, c.Meter) is var l ? Reversed(l) : null!,
            ["any"] = static c => Boxes.Of(Iteration.ToList(c.Bind("items")[0]!, c.Meter).Exists(ValueTypes.IsTrue)),
            ["all"] = static c => Boxes.Of(Iteration.ToList(c.Bind("items")[0]!, c.Meter).TrueForAll(ValueTypes.IsTrue)),
            ["map"] = Map,
            ["filter"] = Filter,
            ["print"] = Print,
            ["type"] = static c => ValueTypes.NameOf(c.Bind("value")[0]!),
            ["isinstance"] = IsInstance,
            ["callable"] = static c => Boxes.Of(c.Bind("value")[0] is FunctionValue or BuiltinValue or ToolValue),
            ["str"] = static c => c.Bind("value?")[0] is { } v ? Show.Str(v, c.Meter) : "",
            ["repr"] = static c => Show.Repr(c.Bind("value")[0]!, c.Meter),
            ["format"] = static c => c.Bind("value", "format?") is var a && a[1] is { } f ? FormatSpec.Apply(a[0]!, c.Text(f, "format"), c.Meter) : Show.Str(a[0]!, c.Meter),
            ["bool"] = static c => Boxes.Of(c.Bind("value?")[0] is { } v && ValueTypes.IsTrue(v)),
            ["list"] = static c => new ListValue(c.Bind("items?")[0] is { } v ? Iteration.ToList(v, c.Meter) : []),
            ["tuple"] = static c => c.Bind("items?")[0] is { } v ? new TupleValue([.. Iteration.ToList(v, c.Meter)]) : TupleValue.Empty,
            ["set"] = static c => c.Bind("items?")[0] is { } v ? SetOf(c, v) : new SetValue(),
            ["frozenset"] = static c => c.Bind("items?")[0] is { } v ? SetOf(c, v) : new SetValue(),
            ["dict"] = Dict,
            ["hasattr"] = static c => c.Bind("value", "name") is var a ? Boxes.Of(Attributes.Find(a[0]!, c.Text(a[1], "name"), c.Meter) is not null) : None.Value,
            ["getattr"] = static c => c.Bind("value", "name", "default?") is var a ? Attributes.Find(a[0]!, c.Text(a[1], "name"), c.Meter) ?? a[2] ?? Attributes.Get(a[0]!, c.Text(a[1], "name"), c.Meter) : None.Value,
            ["dir"] = static c => new ListValue([.. Attributes.NamesOf(c.Bind("value")[0]!).Order(StringComparer.Ordinal)]),
            ["chr"] = static c => c.Integer(c.Bind("code")[0], "code") is >= 0 and <= 0x10FFFF and not (>= 0xD800 and <= 0xDFFF) and var i ? char.ConvertFromUtf32((int)i) : throw c.Error("this is no character."),
            ["ord"] = static c => c.Text(c.Bind("text")[0], "text") is { Length: 1 or 2 } t && (t.Length == 1 || char.IsSurrogatePair(t, 0)) ? Boxes.Of(t.Length == 1 ? t[0] : char.ConvertToUtf32(t, 0)) : throw c.Error("the text is not one character."),
            ["fail"] = static c => throw ScriptException.Runtime(string.Join(' ', c.Positional.Select(v => Show.Str(v, c.Meter)))),
        };
        Numbers.AddTo(functions);
        var all = functions.ToDictionary(static f => f.Key, static f => (object)new BuiltinValue(f.Key, f.Value));
        foreach (var error in new[] { "Exception", "ValueError", "TypeError", "KeyError", "IndexError", "RuntimeError", "AttributeError", "ZeroDivisionError" })
        {
            all.Add(error, new BuiltinValue(error, static c => new ErrorValue(string.Join(' ', c.Positional.Select(v => Show.Str(v, c.Meter))), ScriptErrorKind.Runtime)));
        }

        all.Add("gather", new BuiltinValue("gather", Tools.Gather));
        all.Add("call", new BuiltinValue("call", Tools.Call));
        all.Add("json", JsonModule.Namespace);
        all.Add("math", MathModule.Namespace);
        return all;
    }

    private static ListValue Reversed(List<object> items)
    {
        items.Reverse();
        return new ListValue(items);
    }

    private static object Range(Invocation call)
    {
        var a = call.Bind("start", "stop?", "step?");
        var first = call.Integer(a[0], "start");
        var step = a[2] is null ? 1 : call.Integer(a[2], "step");
        return step == 0 ? throw call.Error("the step is zero.") : a[1] is null ? new RangeValue(0, first, 1) : new RangeValue(first, call.Integer(a[1], "stop"), step);
    }

    private static object Enumerate(Invocation call)
    {
        var a = call.Bind("items", "start?");
        var items = Iteration.ToList(a[0]!, call.Meter);
        var start = a[1] is null ? 0 : call.Integer(a[1], "start");
        call.Meter.AllocateItems(4L * items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            items[i] = new TupleValue([Boxes.Of(start + i), items[i]]);
        }

        return new ListValue(items);
    }

    private static object Zip(Invocation call)
    {
        var all = call.Positional.Select(p => Iteration.ToList(p, call.Meter)).ToArray();
        var count = all.Length == 0 ? 0 : all.Min(static l => l.Count);
        call.Meter.AllocateItems((3L + all.Length) * count);
        return new ListValue([.. Enumerable.Range(0, count).Select(i => new TupleValue([.. all.Select(l => l[i])]))]);
    }

    private static object Map(Invocation call)
    {
        if (call.Positional.Length < 2)
        {
            throw call.Error("a function and something to go through are needed.");
        }

        var all = call.Positional[1..].Select(p => Iteration.ToList(p, call.Meter)).ToArray();
        var results = new List<object>();
        for (var i = 0; i < all.Min(static l => l.Count); i++)
        {
            results.Add(call.Machine.Invoke(call.Positional[0], [.. all.Select(l => l[i])]));
        }

        return new ListValue(results);
    }

    private static object Filter(Invocation call)
    {
        var a = call.Bind("function", "items");
        return new ListValue(Iteration.ToList(a[1]!, call.Meter).FindAll(item => ValueTypes.IsTrue(a[0] is None ? item : call.Machine.Invoke(a[0]!, item))));
    }

    private static object Print(Invocation call)
    {
        var separator = Array.IndexOf(call.Names, "sep") is >= 0 and var s ? call.Text(call.Named[s], "sep") : " ";
        var end = Array.IndexOf(call.Names, "end") is >= 0 and var e ? call.Text(call.Named[e], "end") : "\n";
        call.Machine.Print(string.Join(separator, call.Positional.Select(v => Show.Str(v, call.Meter))) + end);
        return None.Value;
    }

    private static object IsInstance(Invocation call)
    {
        var a = call.Bind("value", "type");
        var types = a[1] is TupleValue tuple ? tuple.Items : [a[1]!];
        var name = ValueTypes.NameOf(a[0]!);
        return Boxes.Of(Array.Exists(types, t => t is BuiltinValue { Name: var wanted } ? wanted == name || (wanted == "int" && name == "bool") || (wanted == "Exception" && name == "error")
            : throw call.Error("the type is none of str, int, float, bool, list, tuple, dict, set.")));
    }

    private static object Dict(Invocation call)
    {
        var dict = new DictValue();
        if (call.Positional.Length > 1)
        {
            throw call.Error("at most one dict or list of pairs is taken.");
        }

        if (call.Positional.Length == 1)
        {
            DictMethods.Fill(call, dict, call.Positional[0]);
        }

        for (var i = 0; i < call.Names.Length; i++)
        {
            call.Meter.Allocate(48);
            dict.Set(call.Names[i], call.Named[i]);
        }

        return dict;
    }
}
