using System.Globalization;
using System.Text;
using Gateway.Starlark.Execution;
using Gateway.Starlark.Values;

namespace Gateway.Starlark.Library;

/// <summary><c>"{} {name:.2f}".format(…)</c>.</summary>
internal static class TextFormat
{
    public static object Apply(Invocation call)
    {
        var format = TextMethods.Self(call);
        var result = new StringBuilder();
        var next = 0;
        for (var i = 0; i < format.Length; i++)
        {
            var c = format[i];
            if (c is '{' or '}' && i + 1 < format.Length && format[i + 1] == c)
            {
                result.Append(c);
                i++;
            }
            else if (c == '{')
            {
                var end = format.IndexOf('}', i);
                if (end < 0)
                {
                    throw call.Error("braces do not end.", "write {{ for a brace");
                }

                var text = Field(call, format[(i + 1)..end], ref next);
                call.Meter.Allocate(2L * text.Length);
                result.Append(text);
                i = end;
            }
            else
            {
                result.Append(c == '}' ? throw call.Error("a single } stands in the text.", "write }} for a brace") : c);
            }
        }

        call.Meter.AllocateText(result.Length + format.Length);
        return result.ToString();
    }

    private static string Field(Invocation call, string field, ref int next)
    {
        var colon = field.IndexOf(':', StringComparison.Ordinal);
        var (name, spec) = colon < 0 ? (field, "") : (field[..colon], field[(colon + 1)..]);
        var isRepr = name.EndsWith("!r", StringComparison.Ordinal);
        name = isRepr || name.EndsWith("!s", StringComparison.Ordinal) ? name[..^2] : name;
        object value;
        if (name.Length == 0 || int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            var index = name.Length == 0 ? next++ : int.Parse(name, CultureInfo.InvariantCulture);
            value = index < call.Positional.Length ? call.Positional[index] : throw call.Error($"there is no argument {index}.");
        }
        else
        {
            var index = Array.IndexOf(call.Names, name);
            value = index >= 0 ? call.Named[index] : throw call.Error($"there is no argument {name}.", "only plain names and numbers may stand in the braces; a formatted text, f\"{…}\", takes any expression");
        }

        value = isRepr ? Show.Repr(value, call.Meter) : value;
        return spec.Length == 0 ? Show.Str(value, call.Meter) : FormatSpec.Apply(value, spec, call.Meter);
    }
}
