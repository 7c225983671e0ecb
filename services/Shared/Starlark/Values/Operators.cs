using Gateway.Starlark.Execution;

namespace Gateway.Starlark.Values;

internal enum BinaryOperator
{
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Modulo,
    Power,
    And,
    Or,
    ExclusiveOr,
    ShiftLeft,
    ShiftRight,
}

internal enum ComparisonOperator
{
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
    Is,
    IsNot,
}

/// <summary>The operators between two values.</summary>
internal static class Operators
{
    private static readonly string[] _binary = ["+", "-", "*", "/", "//", "%", "**", "&", "|", "^", "<<", ">>"];
    private static readonly string[] _comparison = ["==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not"];

    public static BinaryOperator Binary(string symbol) => (BinaryOperator)Array.IndexOf(_binary, symbol);

    public static ComparisonOperator Comparison(string symbol) => (ComparisonOperator)Array.IndexOf(_comparison, symbol);

    public static object Apply(BinaryOperator op, object a, object b, Meter meter)
    {
        if (a is string format && op == BinaryOperator.Modulo)
        {
            return Library.PercentFormat.Apply(format, b, meter);
        }

        if (a is long or double or bool && b is long or double or bool)
        {
            return Arithmetic.Apply(op, a, b);
        }

        return Sequences.Apply(op, a, b, meter) ?? throw ScriptException.Runtime($"{_binary[(int)op]} is not possible between a {ValueTypes.NameOf(a)} and a {ValueTypes.NameOf(b)}.", Hint(op, a, b));
    }

    /// <summary><c>x op= y</c>: a list, dict or set is changed itself.</summary>
    public static object ApplyInPlace(BinaryOperator op, object a, object b, Meter meter)
    {
        switch (op, a, b)
        {
            case (BinaryOperator.Add, ListValue list, _):
                Sequences.Extend(list, b, meter);
                return list;
            case (BinaryOperator.Or, DictValue dict, DictValue other):
                meter.AllocateItems(other.Items.Count);
                foreach (var (key, value) in other.Items.ToArray())
                {
                    dict.Set(key, value);
                }

                return dict;
            default:
                return Apply(op, a, b, meter);
        }
    }

    public static bool Compare(ComparisonOperator op, object a, object b, Meter meter) => op switch
    {
        ComparisonOperator.Equal => ValueComparer.AreEqual(a, b, meter),
        ComparisonOperator.NotEqual => !ValueComparer.AreEqual(a, b, meter),
        ComparisonOperator.In => Sequences.Has(b, a, meter),
        ComparisonOperator.NotIn => !Sequences.Has(b, a, meter),
        ComparisonOperator.Is => IsSame(a, b),
        ComparisonOperator.IsNot => !IsSame(a, b),
        _ => Ordered(op, a, b, meter),
    };

    private static bool Ordered(ComparisonOperator op, object a, object b, Meter meter)
    {
        if (a is double.NaN || b is double.NaN)
        {
            return false;
        }

        if (a is SetValue s && b is SetValue t)
        {
            return Sequences.CompareSets(op, s, t, meter);
        }

        var order = ValueComparer.Order(a, b, meter);
        return op switch
        {
            ComparisonOperator.Less => order < 0,
            ComparisonOperator.LessOrEqual => order <= 0,
            ComparisonOperator.Greater => order > 0,
            _ => order >= 0,
        };
    }

    private static bool IsSame(object a, object b) => ReferenceEquals(a, b) || (a, b) switch
    {
        (bool x, bool y) => x == y,
        (long x, long y) => x == y,
        (string x, string y) => string.Equals(x, y, StringComparison.Ordinal),
        _ => false,
    };

    private static string? Hint(BinaryOperator op, object a, object b) => (op, a, b) switch
    {
        (BinaryOperator.Add, string, not string) or (BinaryOperator.Add, not string, string) => "make a text of the other with str(), or use a formatted text",
        (_, None, _) or (_, _, None) => "one of them is None: look whether it is there first",
        _ => null,
    };
}
