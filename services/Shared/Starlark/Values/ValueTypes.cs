using Gateway.Starlark.Execution;

namespace Gateway.Starlark.Values;

/// <summary>What values are, and which count as true.</summary>
internal static class ValueTypes
{
    public static string NameOf(object value) => value switch
    {
        None => "NoneType",
        bool => "bool",
        long => "int",
        double => "float",
        string => "str",
        ListValue => "list",
        TupleValue => "tuple",
        DictValue => "dict",
        SetValue => "set",
        RangeValue => "range",
        FunctionValue => "function",
        BuiltinValue or ToolValue => "builtin_function_or_method",
        NamespaceValue => "namespace",
        PreparedCall => "call",
        ErrorValue => "error",
        SliceValue => "slice",
        _ => "object",
    };

    public static bool IsTrue(object value) => value switch
    {
        None => false,
        bool b => b,
        long i => i != 0,
        double d => d != 0,
        string s => s.Length > 0,
        ListValue l => l.Items.Count > 0,
        TupleValue t => t.Items.Length > 0,
        DictValue d => d.Items.Count > 0,
        SetValue s => s.Members.Items.Count > 0,
        RangeValue r => r.Count > 0,
        _ => true,
    };

    /// <summary>The length of what has one.</summary>
    public static long Length(object value) => value switch
    {
        string s => s.Length,
        ListValue l => l.Items.Count,
        TupleValue t => t.Items.Length,
        DictValue d => d.Items.Count,
        SetValue s => s.Members.Items.Count,
        RangeValue r => r.Count,
        _ => throw ScriptException.Runtime($"A {NameOf(value)} has no length."),
    };

    /// <summary>An integer, of a truth value 0 or 1.</summary>
    public static bool IsInteger(object value, out long integer)
    {
        (var isInteger, integer) = value switch { long i => (true, i), bool b => (true, b ? 1 : 0), _ => (false, 0) };
        return isInteger;
    }

    public static bool IsNumber(object value, out double number)
    {
        (var isNumber, number) = value switch { double d => (true, d), long i => (true, i), bool b => (true, b ? 1 : 0), _ => (false, 0d) };
        return isNumber;
    }
}
