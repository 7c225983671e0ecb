using Gateway.Starlark.Compilation;
using Gateway.Starlark.Execution;
using Gateway.Starlark.Values;

namespace Gateway.Starlark.Library;

/// <summary>What stands behind a dot. Values have the methods of these tables and nothing else: no name reaches anything of the host.</summary>
internal static class Attributes
{
    public static object Get(object target, string name, Meter meter) => Find(target, name, meter) ?? throw Missing(target, name);

    /// <summary>The attribute, or null.</summary>
    public static object? Find(object target, string name, Meter meter)
    {
        meter.Allocate(32);
        if (target is NamespaceValue space)
        {
            return space.Members.GetValueOrDefault(name);
        }

        if (target is ErrorValue error)
        {
            return name is "message" ? error.Message : name is "kind" ? error.Kind.ToString() : null;
        }

        return Methods(target)?.TryGetValue(name, out var body) == true ? new BuiltinValue(name, body, target) : null;
    }

    public static IEnumerable<string> NamesOf(object target) => target switch
    {
        NamespaceValue space => space.Members.Keys,
        ErrorValue => ["message", "kind"],
        _ => Methods(target) is { } methods ? methods.Keys : [],
    };

    private static Dictionary<string, Func<Invocation, object>>? Methods(object target) => target switch
    {
        string => TextMethods.All,
        ListValue => ListMethods.All,
        DictValue => DictMethods.All,
        SetValue => SetMethods.All,
        TupleValue => ListMethods.OfTuples,
        _ => null,
    };

    private static ScriptException Missing(object target, string name)
    {
        if (target is None)
        {
            return ScriptException.Runtime($"None has no {name}.", "look whether the value is there first");
        }

        var hint = target is DictValue dict && dict.Items.ContainsKey(name) ? $"write [\"{name}\"]"
            : NameHints.Nearest(name, NamesOf(target)) is { } nearest ? $"did you mean {nearest}?"
            : target is NamespaceValue space ? $"{space.Name} has {string.Join(", ", space.Members.Keys.Take(12))}" : null;
        return ScriptException.Runtime($"A {(target is NamespaceValue n ? n.Name : ValueTypes.NameOf(target))} has no {name}.", hint);
    }
}
