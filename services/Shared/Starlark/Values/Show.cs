using System.Globalization;
using System.Text;
using Gateway.Starlark.Execution;

namespace Gateway.Starlark.Values;

/// <summary>Values as text: <c>str</c> and <c>repr</c>.</summary>
internal static class Show
{
    private const int MaxDepth = 100;

    public static string Str(object value, Meter meter) => value is string text ? text : Repr(value, meter);

    public static string Repr(object value, Meter meter)
    {
        var text = new StringBuilder();
        Write(value, text, meter, 0);
        return text.ToString();
    }

    /// <summary>A value in an error: short, whatever it is.</summary>
    public static string Short(object value) => value switch
    {
        string s => s.Length <= 60 ? Quoted(s) : Quoted(s[..60]) + "…",
        long or double or bool or None => Scalar(value),
        _ => $"of type {ValueTypes.NameOf(value)}",
    };

    /// <summary>A float as Python shows it: as short as it can be read back, with a point or an exponent.</summary>
    public static string Float(double value)
    {
        if (double.IsNaN(value) || double.IsInfinity(value))
        {
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }

        var sign = double.IsNegative(value) ? "-" : "";
        var parts = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture).Split('E');
        var point = parts[0].IndexOf('.', StringComparison.Ordinal);
        var all = parts[0].Replace(".", "", StringComparison.Ordinal);
        var digits = all.TrimStart('0');
        if (digits.Length == 0)
        {
            return sign + "0.0";
        }

        var exponent = (parts.Length > 1 ? int.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : 0) + (point < 0 ? parts[0].Length : point) - 1 - (all.Length - digits.Length);
        digits = digits.TrimEnd('0');
        return sign + exponent switch
        {
            < -4 or >= 16 => digits[..1] + (digits.Length > 1 ? "." + digits[1..] : "") + (exponent < 0 ? "e-" : "e+") + Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture),
            < 0 => "0." + new string('0', -exponent - 1) + digits,
            _ when digits.Length <= exponent + 1 => digits.PadRight(exponent + 1, '0') + ".0",
            _ => digits[..(exponent + 1)] + "." + digits[(exponent + 1)..],
        };
    }

    private static string Scalar(object value) => value switch
    {
        None => "None",
        bool b => b ? "True" : "False",
        long i => i.ToString(CultureInfo.InvariantCulture),
        _ => Float((double)value),
    };

    private static void Write(object value, StringBuilder text, Meter meter, int depth)
    {
        meter.Allocate(16);
        if (depth > MaxDepth)
        {
            text.Append('…');
            return;
        }

        switch (value)
        {
            case string s:
                meter.AllocateText(s.Length);
                Quote(s, text);
                break;
            case ListValue list:
                Members(list.Items, "[", "]", text, meter, depth);
                break;
            case TupleValue tuple:
                Members(tuple.Items, "(", tuple.Items.Length == 1 ? ",)" : ")", text, meter, depth);
                break;
            case SetValue set when set.Members.Items.Count > 0:
                Members(set.Members.Items.Keys, "{", "}", text, meter, depth);
                break;
            case SetValue:
                text.Append("set()");
                break;
            case DictValue dict:
                Pairs(dict, text, meter, depth);
                break;
            case RangeValue range:
                text.Append(CultureInfo.InvariantCulture, $"range({range.Start}, {range.Stop}{(range.Step == 1 ? "" : $", {range.Step}")})");
                break;
            case FunctionValue function:
                text.Append(CultureInfo.InvariantCulture, $"<function {function.Code.Name}>");
                break;
            case BuiltinValue builtin:
                text.Append(CultureInfo.InvariantCulture, $"<built-in function {builtin.Name}>");
                break;
            case ToolValue tool:
                text.Append(CultureInfo.InvariantCulture, $"<tool {tool.Tool.FullName}>");
                break;
            case PreparedCall call:
                text.Append(CultureInfo.InvariantCulture, $"<call of {call.Tool.FullName}>");
                break;
            case NamespaceValue space:
                text.Append(CultureInfo.InvariantCulture, $"<namespace {space.Name}>");
                break;
            case ErrorValue error:
                meter.AllocateText(error.Message.Length);
                text.Append(error.Message);
                break;
            case SliceValue:
                text.Append("slice");
                break;
            default:
                text.Append(Scalar(value));
                break;
        }
    }

    private static void Members(IEnumerable<object> items, string before, string after, StringBuilder text, Meter meter, int depth)
    {
        text.Append(before);
        var isFirst = true;
        foreach (var item in items)
        {
            text.Append(isFirst ? "" : ", ");
            isFirst = false;
            Write(item, text, meter, depth + 1);
        }

        text.Append(after);
    }

    private static void Pairs(DictValue dict, StringBuilder text, Meter meter, int depth)
    {
        text.Append('{');
        var isFirst = true;
        foreach (var (key, item) in dict.Items)
        {
            text.Append(isFirst ? "" : ", ");
            isFirst = false;
            Write(key, text, meter, depth + 1);
            text.Append(": ");
            Write(item, text, meter, depth + 1);
        }

        text.Append('}');
    }

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder();
        Quote(text, quoted);
        return quoted.ToString();
    }

    private static void Quote(string value, StringBuilder text)
    {
        var quote = value.Contains('\'', StringComparison.Ordinal) && !value.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        text.Append(quote);
        foreach (var c in value)
        {
            switch (c)
            {
                case '\n':
                    text.Append("\\n");
                    break;
                case '\r':
                    text.Append("\\r");
                    break;
                case '\t':
                    text.Append("\\t");
                    break;
                case '\\':
                    text.Append("\\\\");
                    break;
                case < ' ' or '\u007f':
                    text.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}");
                    break;
                default:
                    text.Append(c == quote ? "\\" : "").Append(c);
                    break;
            }
        }

        text.Append(quote);
    }
}
