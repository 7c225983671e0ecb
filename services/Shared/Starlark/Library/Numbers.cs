using System.Globalization;
using Gateway.Starlark.Execution;
using Gateway.Starlark.Values;

namespace Gateway.Starlark.Library;

/// <summary>Functions of numbers, and those that choose among values.</summary>
internal static class Numbers
{
    public static void AddTo(Dictionary<string, Func<Invocation, object>> functions)
    {
        functions["int"] = Int;
        functions["float"] = static c => c.Bind("value?")[0] is { } v ? Float(c, v) : 0d;
        functions["abs"] = static c => c.Bind("value")[0] switch
        {
            long i => i < 0 ? Arithmetic.Negate(i) : Boxes.Of(i),
            double d => Math.Abs(d),
            var v => throw c.Error($"this is a {ValueTypes.NameOf(v!)}, not a number."),
        };
        functions["round"] = Round;
        functions["sum"] = Sum;
        functions["min"] = static c => Extreme(c, -1);
        functions["max"] = static c => Extreme(c, 1);
        functions["pow"] = static c => c.Bind("base", "exponent") is var a ? Operators.Apply(BinaryOperator.Power, a[0]!, a[1]!, c.Meter) : None.Value;
        functions["divmod"] = static c => c.Bind("a", "b") is var a
            ? new TupleValue([Operators.Apply(BinaryOperator.FloorDivide, a[0]!, a[1]!, c.Meter), Operators.Apply(BinaryOperator.Modulo, a[0]!, a[1]!, c.Meter)]) : None.Value;
        functions["hex"] = static c => FormatSpec.Apply(Boxes.Of(c.Integer(c.Bind("value")[0], "value")), "#x", c.Meter);
        functions["bin"] = static c => FormatSpec.Apply(Boxes.Of(c.Integer(c.Bind("value")[0], "value")), "#b", c.Meter);
    }

    private static object Int(Invocation call)
    {
        var a = call.Bind("value?", "base?");
        switch (a[0])
        {
            case null:
                return Boxes.Of(0);
            case string text when a[1] is null or 10L:
                return long.TryParse(text.Trim().Replace("_", "", StringComparison.Ordinal), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? Boxes.Of(value)
                    : throw call.Error($"{Show.Short(text)} is no integer of 64 bits.", double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _) ? "int(float(x)) takes what is before the point" : null);
            case string text:
                return Based(call, text, call.Integer(a[1], "base"));
            case double d:
                return double.IsFinite(d) ? Arithmetic.Truncate(d) : throw call.Error("infinity and nan are no integers.");
            default:
                return Boxes.Of(call.Integer(a[0], "value"));
        }
    }

    private static object Based(Invocation call, string text, long radix)
    {
        var digits = text.Trim().ToLowerInvariant();
        var isNegative = digits.StartsWith('-');
        digits = digits.TrimStart('-', '+');
        digits = (radix, digits) switch { (16, ['0', 'x', ..]) or (2, ['0', 'b', ..]) or (8, ['0', 'o', ..]) => digits[2..], _ => digits };
        if (radix is < 2 or > 36)
        {
            throw call.Error("the base is 2 to 36.");
        }

        var value = 0L;
        foreach (var c in digits)
        {
            var digit = char.IsAsciiDigit(c) ? c - '0' : char.IsAsciiLetterLower(c) ? c - 'a' + 10 : 99;
            if (digit >= radix || value > (long.MaxValue - digit) / radix)
            {
                throw call.Error($"{Show.Short(text)} is no integer of 64 bits in base {radix}.");
            }

            value = (value * radix) + digit;
        }

        return digits.Length == 0 ? throw call.Error("the text is empty.") : Boxes.Of(isNegative ? -value : value);
    }

    private static object Float(Invocation call, object value)
    {
        if (value is string text)
        {
            return double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) ? parsed
                : text.Trim().ToLowerInvariant() switch { "inf" or "+inf" => double.PositiveInfinity, "-inf" => double.NegativeInfinity, "nan" => double.NaN, _ => throw call.Error($"{Show.Short(text)} is no number.") };
        }

        return ValueTypes.IsNumber(value, out var number) ? number : throw call.Error($"this is a {ValueTypes.NameOf(value)}, not a number.");
    }

    private static object Round(Invocation call)
    {
        var a = call.Bind("value", "digits?");
        if (a[0] is not double d)
        {
            return Boxes.Of(call.Integer(a[0], "value"));
        }

        if (a[1] is null or None)
        {
            return double.IsFinite(d) ? Arithmetic.Truncate(Math.Round(d, MidpointRounding.ToEven)) : throw call.Error("infinity and nan cannot be rounded.");
        }

        var digits = call.Integer(a[1], "digits");
        if (digits < 0)
        {
            var unit = Math.Pow(10, Math.Min(-digits, 300));
            return Math.Round(d / unit, MidpointRounding.ToEven) * unit;
        }

        // By the decimal text, so that 2.675 is rounded by what it is and not by what it seems.
        return digits > 15 || Math.Abs(d) >= 1e15 || !double.IsFinite(d) ? d : double.Parse(d.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }

    private static object Sum(Invocation call)
    {
        var a = call.Bind("items", "start?");
        var total = a[1] ?? Boxes.Of(0);
        foreach (var item in Iteration.ToList(a[0]!, call.Meter))
        {
            call.Meter.Step();
            total = item is string ? throw call.Error("texts have no sum.", "\"\".join(items)") : Operators.Apply(BinaryOperator.Add, total, item, call.Meter);
        }

        return total;
    }

    private static object Extreme(Invocation call, int sign)
    {
        var (key, otherwise) = ((object?)null, (object?)null);
        for (var i = 0; i < call.Names.Length; i++)
        {
            (key, otherwise) = call.Names[i] switch
            {
                "key" => (call.Named[i], otherwise),
                "default" => (key, call.Named[i]),
                _ => throw call.Error($"there is no parameter {call.Names[i]}."),
            };
        }

        var items = call.Positional.Length == 1 ? Iteration.ToList(call.Positional[0], call.Meter) : [.. call.Positional];
        if (items.Count == 0)
        {
            return otherwise ?? throw call.Error("there is nothing to choose from.", "give a default");
        }

        var best = items[0];
        var bestKey = key is null or None ? best : call.Machine.Invoke(key, best);
        foreach (var item in items.Skip(1))
        {
            var itemKey = key is null or None ? item : call.Machine.Invoke(key, item);
            if (ValueComparer.Order(itemKey, bestKey, call.Meter) * sign > 0)
            {
                (best, bestKey) = (item, itemKey);
            }
        }

        return best;
    }
}
