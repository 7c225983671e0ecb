using System.Globalization;
using System.Text;
using Gateway.Starlark.Execution;

namespace Gateway.Starlark.Syntax;

/// <summary>Escape sequences of texts.</summary>
internal static class Escapes
{
    public static string Decode(string content, int line, int column)
    {
        if (!content.Contains('\\', StringComparison.Ordinal))
        {
            return content;
        }

        var text = new StringBuilder(content.Length);
        for (var i = 0; i < content.Length; i++)
        {
            if (content[i] != '\\' || i + 1 >= content.Length)
            {
                text.Append(content[i]);
                continue;
            }

            i++;
            switch (content[i])
            {
                case '\n':
                    break;
                case '\r':
                    i += i + 1 < content.Length && content[i + 1] == '\n' ? 1 : 0;
                    break;
                case 'n':
                    text.Append('\n');
                    break;
                case 't':
                    text.Append('\t');
                    break;
                case 'r':
                    text.Append('\r');
                    break;
                case '0':
                    text.Append('\0');
                    break;
                case 'a' or 'b' or 'f' or 'v':
                    text.Append(content[i] switch { 'a' => '\a', 'b' => '\b', 'f' => '\f', _ => '\v' });
                    break;
                case 'x' or 'u' or 'U':
                    i = Code(content, i, text, line, column);
                    break;
                case '\\' or '\'' or '"':
                    text.Append(content[i]);
                    break;
                default:
                    // Unknown escapes stand for themselves, as in Python: models write patterns without the r.
                    text.Append('\\').Append(content[i]);
                    break;
            }
        }

        return text.ToString();
    }

    private static int Code(string content, int i, StringBuilder text, int line, int column)
    {
        var digits = content[i] switch { 'x' => 2, 'u' => 4, _ => 8 };
        if (i + digits >= content.Length || !int.TryParse(content.AsSpan(i + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) || code is < 0 or > 0x10FFFF)
        {
            throw ScriptException.Syntax(line, column, $"The escape \\{content[i]} wants {digits} hex digits of a character.");
        }

        if (code > 0xFFFF)
        {
            text.Append(char.ConvertFromUtf32(code));
        }
        else
        {
            text.Append((char)code);
        }

        return i + digits;
    }
}
