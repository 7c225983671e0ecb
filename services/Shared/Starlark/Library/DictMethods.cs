using Gateway.Starlark.Execution;
using Gateway.Starlark.Values;

namespace Gateway.Starlark.Library;

/// <summary>Methods of dicts. Keys, values and items are lists of their own.</summary>
internal static class DictMethods
{
    public static readonly Dictionary<string, Func<Invocation, object>> All = new()
    {
        ["get"] = static c => c.Bind("key", "default?") is var a && Self(c).Items.TryGetValue(a[0]!, out var value) ? value : a[1] ?? None.Value,
        ["keys"] = static c => List(c, 1, static d => d.Items.Keys),
        ["values"] = static c => List(c, 1, static d => d.Items.Values),
        ["items"] = static c => List(c, 5, static d => d.Items.Select(static p => new TupleValue([p.Key, p.Value]))),
        ["copy"] = static c => Copy(c),
        ["clear"] = Clear,
        ["setdefault"] = SetDefault,
        ["pop"] = Pop,
        ["popitem"] = PopItem,
        ["update"] = Update,
    };

    private static DictValue Self(Invocation call) => (DictValue)call.Self;

    private static ListValue List(Invocation call, long weight, Func<DictValue, IEnumerable<object>> members)
    {
        call.Bind();
        call.Meter.AllocateItems(Self(call).Items.Count * weight);
        return new ListValue([.. members(Self(call))]);
    }

    private static DictValue Copy(Invocation call)
    {
        call.Bind();
        var copy = new DictValue();
        Fill(call, copy, Self(call));
        return copy;
    }

    private static None Clear(Invocation call)
    {
        call.Bind();
        Self(call).Clear();
        return None.Value;
    }

    private static object SetDefault(Invocation call)
    {
        var a = call.Bind("key", "default?");
        if (Self(call).Items.TryGetValue(a[0]!, out var value))
        {
            return value;
        }

        call.Meter.Allocate(48);
        value = a[1] ?? None.Value;
        Self(call).Set(a[0]!, value);
        return value;
    }

    private static object Pop(Invocation call)
    {
        var a = call.Bind("key", "default?");
        if (!Self(call).Items.TryGetValue(a[0]!, out var value))
        {
            return a[1] ?? throw call.Error($"the dict has no key {Show.Short(a[0]!)}.");
        }

        Self(call).Remove(a[0]!, call.Meter);
        return value;
    }

    private static TupleValue PopItem(Invocation call)
    {
        call.Bind();
        var items = Self(call).Items;
        var last = items.Count > 0 ? items.GetAt(items.Count - 1) : throw call.Error("the dict is empty.");
        Self(call).Remove(last.Key, call.Meter);
        return new TupleValue([last.Key, last.Value]);
    }

    private static None Update(Invocation call)
    {
        if (call.Positional.Length > 1)
        {
            throw call.Error("at most one dict or list of pairs is taken.");
        }

        if (call.Positional.Length == 1)
        {
            Fill(call, Self(call), call.Positional[0]);
        }

        for (var i = 0; i < call.Names.Length; i++)
        {
            call.Meter.Allocate(48);
            Self(call).Set(call.Names[i], call.Named[i]);
        }

        return None.Value;
    }

    /// <summary>Puts the members of a dict, or of something of pairs, into another dict.</summary>
    public static void Fill(Invocation call, DictValue into, object source)
    {
        if (source is DictValue dict)
        {
            call.Meter.AllocateItems(3L * dict.Items.Count);
            foreach (var (key, value) in dict.Items.ToArray())
            {
                into.Set(key, value);
            }

            return;
        }

        foreach (var pair in Iteration.ToList(source, call.Meter))
        {
            var items = Iteration.ToList(pair, call.Meter);
            if (items.Count != 2)
            {
                throw call.Error("each member must be a pair of key and value.");
            }

            call.Meter.Allocate(48);
            into.Set(items[0], items[1]);
        }
    }
}
