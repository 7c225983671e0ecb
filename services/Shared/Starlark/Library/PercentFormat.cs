using System.Text;
using Gateway.Starlark.Execution;
using Gateway.Starlark.Values;

namespace Gateway.Starlark.Library;

/// <summary><c>"%s of %d" % (a, b)</c>.</summary>
internal static class PercentFormat
{
    public static object Apply(string format, object values, Meter meter)
    {
        var result = new StringBuilder();
        var items = values is TupleValue tuple ? tuple.Items : [values];
        var next = 0;
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                result.Append(format[i]);
                continue;
            }

            if (++i < format.Length && format[i] == '%')
            {
                result.Append('%');
                continue;
            }

            object? value = null;
            if (i < format.Length && format[i] == '(' && format.IndexOf(')', i) is > 0 and var close)
            {
                var key = format[(i + 1)..close];
                value = values is DictValue dict && dict.Items.TryGetValue(key, out var found) ? found : throw ScriptException.Runtime($"There is no value {key} for the text.");
                i = close + 1;
            }

            var start = i;
            while (i < format.Length && format[i] is '-' or '+' or ' ' or '0' or '#' or '.' or (>= '1' and <= '9'))
            {
                i++;
            }

            if (i >= format.Length)
            {
                throw ScriptException.Runtime("A % stands at the end of the text.", "write %% for a per cent sign");
            }

            value ??= next < items.Length ? items[next++] : throw ScriptException.Runtime("There are fewer values than the text has places.");
            var text = One(format[start..i], format[i], value, meter);
            meter.Allocate(2L * text.Length);
            result.Append(text);
        }

        if (values is not DictValue && next < items.Length)
        {
            throw ScriptException.Runtime("There are more values than the text has places.");
        }

        meter.AllocateText(result.Length);
        return result.ToString();
    }

    private static string One(string flags, char type, object value, Meter meter)
    {
        var isLeft = flags.Contains('-', StringComparison.Ordinal);
        var rest = flags.Replace("-", "", StringComparison.Ordinal);
        switch (type)
        {
            case 's' or 'r':
                var text = type == 'r' ? Show.Repr(value, meter) : Show.Str(value, meter);
                return FormatSpec.Apply(text, (isLeft ? "<" : ">") + rest.TrimStart('0', '+', ' ', '#') + "s", meter);
            case 'd' or 'i':
                return FormatSpec.Apply(value is double d ? Arithmetic.Truncate(d) : value, (isLeft ? "<" : "") + rest + "d", meter);
            case 'x' or 'X' or 'o' or 'e' or 'E' or 'f' or 'F' or 'g' or 'G':
                return FormatSpec.Apply(value, (isLeft ? "<" : "") + rest + type, meter);
            default:
                throw ScriptException.Runtime($"%{type} is no format.", "%s shows everything");
        }
    }
}
