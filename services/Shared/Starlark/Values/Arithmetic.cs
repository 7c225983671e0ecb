using Gateway.Starlark.Execution;

namespace Gateway.Starlark.Values;

/// <summary>Operators on numbers. Integers have 64 bits, and a result beyond is an error, never a wrong number.</summary>
internal static class Arithmetic
{
    public static object Apply(BinaryOperator op, object a, object b)
    {
        if (ValueTypes.IsInteger(a, out var i) && ValueTypes.IsInteger(b, out var j))
        {
            try
            {
                return Integers(op, i, j);
            }
            catch (OverflowException)
            {
                throw TooLarge();
            }
        }

        ValueTypes.IsNumber(a, out var x);
        ValueTypes.IsNumber(b, out var y);
        return op switch
        {
            BinaryOperator.Add => x + y,
            BinaryOperator.Subtract => x - y,
            BinaryOperator.Multiply => x * y,
            BinaryOperator.Divide => y == 0 ? throw ByZero() : x / y,
            BinaryOperator.FloorDivide => y == 0 ? throw ByZero() : Math.Floor(x / y),
            BinaryOperator.Modulo => y == 0 ? throw ByZero() : x - (y * Math.Floor(x / y)),
            BinaryOperator.Power => Power(x, y),
            _ => throw ScriptException.Runtime("Bits are of integers only."),
        };
    }

    public static object Negate(object value) => value switch
    {
        long.MinValue => throw TooLarge(),
        long i => Boxes.Of(-i),
        double d => -d,
        bool b => Boxes.Of(b ? -1 : 0),
        _ => throw ScriptException.Runtime($"A {ValueTypes.NameOf(value)} has no negative."),
    };

    /// <summary>An integer of a float without what is behind its point.</summary>
    public static object Truncate(double value) => value is > -9.2233720368547e18 and < 9.2233720368547e18 ? Boxes.Of((long)value) : throw TooLarge();

    private static object Integers(BinaryOperator op, long i, long j) => op switch
    {
        BinaryOperator.Add => Boxes.Of(checked(i + j)),
        BinaryOperator.Subtract => Boxes.Of(checked(i - j)),
        BinaryOperator.Multiply => Boxes.Of(checked(i * j)),
        BinaryOperator.Divide => j == 0 ? throw ByZero() : (object)((double)i / j),
        BinaryOperator.FloorDivide => j == 0 ? throw ByZero() : Boxes.Of(FloorDivide(i, j)),
        BinaryOperator.Modulo => j == 0 ? throw ByZero() : Boxes.Of(j == -1 ? 0 : (i % j) + ((i % j != 0) && ((i % j < 0) != (j < 0)) ? j : 0)),
        BinaryOperator.Power => j < 0 ? (i == 0 ? throw ByZero() : (object)Power((double)i, j)) : Boxes.Of(Power(i, j)),
        BinaryOperator.And => Boxes.Of(i & j),
        BinaryOperator.Or => Boxes.Of(i | j),
        BinaryOperator.ExclusiveOr => Boxes.Of(i ^ j),
        BinaryOperator.ShiftLeft => Boxes.Of(j is < 0 or > 62 ? (i == 0 ? 0 : throw TooLarge()) : checked(i * (1L << (int)j))),
        _ => Boxes.Of(j < 0 ? throw ScriptException.Runtime("A shift is negative.") : i >> (int)Math.Min(j, 63)),
    };

    private static long FloorDivide(long i, long j)
    {
        var quotient = checked(i / j);
        return i % j != 0 && (i < 0) != (j < 0) ? quotient - 1 : quotient;
    }

    private static long Power(long value, long exponent)
    {
        var result = 1L;
        while (true)
        {
            if ((exponent & 1) == 1)
            {
                result = checked(result * value);
            }

            exponent >>= 1;
            if (exponent == 0)
            {
                return result;
            }

            value = value is 0 or 1 or -1 ? value * value : checked(value * value);
        }
    }

    private static double Power(double x, double y)
    {
        var result = Math.Pow(x, y);
        return double.IsNaN(result) && !double.IsNaN(x) && !double.IsNaN(y) ? throw ScriptException.Runtime("This power is no real number.") : result;
    }

    private static ScriptException ByZero() => ScriptException.Runtime("Nothing can be divided by zero.");

    private static ScriptException TooLarge() => ScriptException.Runtime("Integers have 64 bits; the result is larger.", "calculate with float()");
}
