using System.Globalization;
using Gateway.Starlark.Execution;
using Gateway.Starlark.Values;

namespace Gateway.Starlark.Library;

/// <summary>The format of a value in a text: <c>[[fill]align][sign][#][0][width][,|_][.precision][type]</c>, as Python describes it.</summary>
internal static class FormatSpec
{
    private const int MaxWidth = 10_000;
    private const int MaxPrecision = 100;

    public static string Apply(object value, string format, Meter meter)
    {
        var spec = Parse(format);
        meter.AllocateText(spec.Width + spec.Precision + 64);
        return spec.Type is 's' || (spec.Type is '\0' && value is not (long or double or bool) ) ? Text(value, spec, meter) : Number(value, spec, format);
    }

    private static string Text(object value, Spec spec, Meter meter)
    {
        var text = Show.Str(value, meter);
        text = spec.Precision >= 0 && spec.Precision < text.Length ? text[..spec.Precision] : text;
        return Fill("", text, spec, spec.Align == '\0' ? '<' : spec.Align);
    }

    private static string Number(object value, Spec spec, string format)
    {
        if (value is bool && spec.Type == '\0')
        {
            return Fill("", (bool)value ? "True" : "False", spec, spec.Align == '\0' ? '<' : spec.Align);
        }

        if (!ValueTypes.IsNumber(value, out var number))
        {
            throw ScriptException.Runtime($"The format {format} is for numbers, and this is a {ValueTypes.NameOf(value)}.", value is string ? "convert it with int() or float(), or leave the type out" : null);
        }

        var isInteger = ValueTypes.IsInteger(value, out var integer);
        string digits;
        switch (spec.Type)
        {
            case 'd' or 'n' when isInteger:
            case '\0' when isInteger:
                digits = Group(Magnitude(integer).ToString(CultureInfo.InvariantCulture), spec.Separator);
                break;
            case 'x' or 'X' or 'b' or 'o' when isInteger:
                digits = Radix(Magnitude(integer), spec);
                break;
            case 'c' when isInteger:
                return Fill("", integer is >= 0 and <= 0x10FFFF and not (>= 0xD800 and <= 0xDFFF) ? char.ConvertFromUtf32((int)integer) : throw ScriptException.Runtime("This is no character."), spec, spec.Align == '\0' ? '<' : spec.Align);
            case 'f' or 'F':
                digits = Fixed(Math.Abs(number), spec);
                break;
            case '%':
                digits = Fixed(Math.Abs(number) * 100, spec) + "%";
                break;
            case 'e' or 'E':
                digits = Exponent(Math.Abs(number), spec.Precision < 0 ? 6 : spec.Precision);
                break;
            case 'g' or 'G':
            case '\0' when spec.Precision >= 0:
                digits = General(Math.Abs(number), spec);
                break;
            case '\0':
                digits = Group(Show.Float(Math.Abs(number)), spec.Separator);
                break;
            default:
                throw ScriptException.Runtime($"The format type {spec.Type} does not fit a {ValueTypes.NameOf(value)}.", spec.Type == 'd' ? "round it with int(), or use f" : null);
        }

        digits = char.IsUpper(spec.Type) ? digits.ToUpperInvariant() : digits;
        var isNegative = isInteger ? integer < 0 : double.IsNegative(number) && !double.IsNaN(number);
        var sign = isNegative ? "-" : spec.Sign is '+' or ' ' ? spec.Sign.ToString() : "";
        return spec.IsZeroFilled && spec.Align == '\0' ? sign + digits.PadLeft(Math.Max(0, spec.Width - sign.Length), '0') : Fill(sign, digits, spec, spec.Align == '\0' ? '>' : spec.Align);
    }

    private static ulong Magnitude(long value) => value < 0 ? (ulong)-(value + 1) + 1 : (ulong)value;

    private static string Radix(ulong value, Spec spec)
    {
        var digits = spec.Type switch
        {
            'b' => value.ToString("b", CultureInfo.InvariantCulture),
            'o' => Octal(value),
            _ => value.ToString("x", CultureInfo.InvariantCulture),
        };
        return (spec.IsAlternate ? "0" + char.ToLowerInvariant(spec.Type) : "") + digits;
    }

    private static string Octal(ulong value)
    {
        var digits = "";
        do
        {
            digits = (char)('0' + (value & 7)) + digits;
            value >>= 3;
        }
        while (value > 0);
        return digits;
    }

    private static string Fixed(double value, Spec spec) => double.IsFinite(value) ? Group(value.ToString("F" + (spec.Precision < 0 ? 6 : spec.Precision).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture), spec.Separator) : Show.Float(value);

    private static string Exponent(double value, int precision)
    {
        if (!double.IsFinite(value))
        {
            return Show.Float(value);
        }

        var text = value.ToString("e" + precision.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        var at = text.IndexOf('e', StringComparison.Ordinal);
        return $"{text[..at]}e{text[at + 1]}{text[(at + 2)..].TrimStart('0').PadLeft(2, '0')}";
    }

    private static string General(double value, Spec spec)
    {
        var precision = spec.Precision switch { < 0 => 6, 0 => 1, var p => p };
        if (!double.IsFinite(value) || value == 0)
        {
            return value == 0 ? "0" : Show.Float(value);
        }

        var text = Exponent(value, precision - 1);
        var at = text.IndexOf('e', StringComparison.Ordinal);
        var exponent = int.Parse(text.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        if (exponent < -4 || exponent >= precision)
        {
            var mantissa = text[..at];
            return (mantissa.Contains('.', StringComparison.Ordinal) ? mantissa.TrimEnd('0').TrimEnd('.') : mantissa) + text[at..];
        }

        var shown = value.ToString("F" + (precision - 1 - exponent).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return Group(shown.Contains('.', StringComparison.Ordinal) ? shown.TrimEnd('0').TrimEnd('.') : shown, spec.Separator);
    }

    private static string Group(string digits, char separator)
    {
        if (separator == '\0')
        {
            return digits;
        }

        var point = digits.IndexOf('.', StringComparison.Ordinal);
        var (whole, rest) = point < 0 ? (digits, "") : (digits[..point], digits[point..]);
        for (var i = whole.Length - 3; i > 0; i -= 3)
        {
            whole = whole.Insert(i, separator.ToString());
        }

        return whole + rest;
    }

    private static string Fill(string sign, string text, Spec spec, char align)
    {
        var missing = spec.Width - sign.Length - text.Length;
        if (missing <= 0)
        {
            return sign + text;
        }

        var fill = spec.Fill == '\0' ? (spec.IsZeroFilled ? '0' : ' ') : spec.Fill;
        return align switch
        {
            '<' => sign + text + new string(fill, missing),
            '^' => new string(fill, missing / 2) + sign + text + new string(fill, missing - (missing / 2)),
            '=' => sign + new string(fill, missing) + text,
            _ => new string(fill, missing) + sign + text,
        };
    }

    private static Spec Parse(string format)
    {
        var i = 0;
        var spec = new Spec { Precision = -1 };
        if (format.Length > 1 && format[1] is '<' or '>' or '^' or '=')
        {
            (spec.Fill, spec.Align, i) = (format[0], format[1], 2);
        }
        else if (format.Length > 0 && format[0] is '<' or '>' or '^' or '=')
        {
            (spec.Align, i) = (format[0], 1);
        }

        if (i < format.Length && format[i] is '+' or '-' or ' ')
        {
            spec.Sign = format[i++];
        }

        if (i < format.Length && format[i] == '#')
        {
            (spec.IsAlternate, i) = (true, i + 1);
        }

        if (i < format.Length && format[i] == '0')
        {
            (spec.IsZeroFilled, i) = (true, i + 1);
        }

        spec.Width = Figure(format, ref i, MaxWidth, "width");
        if (i < format.Length && format[i] is ',' or '_')
        {
            spec.Separator = format[i++];
        }

        if (i < format.Length && format[i] == '.')
        {
            i++;
            var before = i;
            spec.Precision = Figure(format, ref i, MaxPrecision, "precision");
            if (i == before)
            {
                throw Bad(format);
            }
        }

        if (i < format.Length)
        {
            spec.Type = format[i++];
        }

        return i == format.Length && (spec.Type == '\0' || "sdnxXbocfFeEgG%".Contains(spec.Type, StringComparison.Ordinal)) ? spec : throw Bad(format);
    }

    private static int Figure(string format, ref int i, int most, string what)
    {
        var value = 0;
        for (; i < format.Length && char.IsAsciiDigit(format[i]); i++)
        {
            value = (value * 10) + (format[i] - '0');
            if (value > most)
            {
                throw ScriptException.Runtime($"The {what} of a format is at most {most}.");
            }
        }

        return value;
    }

    private static ScriptException Bad(string format) => ScriptException.Runtime($"\"{(format.Length <= 40 ? format : format[..40])}\" is no format.", "for example .2f, 5d, >10, ,");

    private struct Spec
    {
        public char Fill;
        public char Align;
        public char Sign;
        public bool IsAlternate;
        public bool IsZeroFilled;
        public int Width;
        public char Separator;
        public int Precision;
        public char Type;
    }
}
