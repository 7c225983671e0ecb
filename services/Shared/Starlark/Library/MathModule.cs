using Gateway.Starlark.Execution;
using Gateway.Starlark.Values;

namespace Gateway.Starlark.Library;

/// <summary>The names behind <c>math.</c>.</summary>
internal static class MathModule
{
    public static readonly NamespaceValue Namespace = new("math", new Dictionary<string, object>
    {
        ["pi"] = Math.PI,
        ["e"] = Math.E,
        ["inf"] = double.PositiveInfinity,
        ["nan"] = double.NaN,
        ["floor"] = Whole("floor", Math.Floor),
        ["ceil"] = Whole("ceil", Math.Ceiling),
        ["trunc"] = Whole("trunc", Math.Truncate),
        ["sqrt"] = Of("sqrt", static x => x < 0 ? throw ScriptException.Runtime("A negative number has no real root.") : Math.Sqrt(x)),
        ["exp"] = Of("exp", Math.Exp),
        ["log"] = new BuiltinValue("log", static c => c.Bind("value", "base?") is var a && Number(c, a[0]!) is > 0 and var x ? a[1] is { } b ? Math.Log(x, Number(c, b)) : Math.Log(x) : throw c.Error("the value is not above zero.")),
        ["log10"] = Of("log10", static x => x <= 0 ? throw ScriptException.Runtime("log10: the value is not above zero.") : Math.Log10(x)),
        ["log2"] = Of("log2", static x => x <= 0 ? throw ScriptException.Runtime("log2: the value is not above zero.") : Math.Log2(x)),
        ["fabs"] = Of("fabs", Math.Abs),
        ["sin"] = Of("sin", Math.Sin),
        ["cos"] = Of("cos", Math.Cos),
        ["tan"] = Of("tan", Math.Tan),
        ["atan2"] = new BuiltinValue("atan2", static c => c.Bind("y", "x") is var a ? Math.Atan2(Number(c, a[0]!), Number(c, a[1]!)) : 0d),
        ["radians"] = Of("radians", static x => x * Math.PI / 180),
        ["isnan"] = new BuiltinValue("isnan", static c => Boxes.Of(double.IsNaN(Number(c, c.Bind("value")[0]!)))),
        ["isinf"] = new BuiltinValue("isinf", static c => Boxes.Of(double.IsInfinity(Number(c, c.Bind("value")[0]!)))),
    });

    private static BuiltinValue Of(string name, Func<double, double> function) => new(name, c => function(Number(c, c.Bind("value")[0]!)));

    private static BuiltinValue Whole(string name, Func<double, double> function) => new(name, c => c.Bind("value")[0] is { } v && ValueTypes.IsInteger(v, out var i) ? Boxes.Of(i) : Arithmetic.Truncate(function(Number(c, c.Bind("value")[0]!))));

    private static double Number(Invocation call, object value) => ValueTypes.IsNumber(value, out var number) ? number : throw call.Error($"this is a {ValueTypes.NameOf(value)}, not a number.");
}
