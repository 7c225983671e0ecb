using System.Globalization;
using System.Net;
using System.Text;

namespace Gateway.Guardrails.Engine.Normalization.Layers;

/// <summary>Escapes of addresses (<c>%49</c>), HTML (<c>&amp;#73;</c>) and programming languages (<c>\u0049</c>), wherever in the text they are.</summary>
internal static class EscapeLayers
{
    private const int MinEscapes = 4;

    // Around the escapes what is written plainly belongs to the same text, within this many characters.
    private const int MaxGap = 24;

    public static void Read(ReadOnlySpan<char> text, LayerList found)
    {
        var (output, bytes) = (new StringBuilder(), new List<byte>());
        var (first, last, escapes) = (0, 0, 0);
        for (var i = 0; i <= text.Length && !found.IsFull;)
        {
            var length = i < text.Length ? Escape(text[i..], bytes, output) : 0;
            if (length > 0)
            {
                first = escapes == 0 ? i : first;
                escapes++;
                i += length;
                last = i;
                continue;
            }

            Flush(bytes, output);
            if (i >= text.Length || (escapes > 0 && i - last > MaxGap))
            {
                if (escapes >= MinEscapes)
                {
                    found.Add(output.ToString(), LayerKind.Escapes, first, last - first);
                }

                output.Clear();
                escapes = 0;
            }

            if (escapes > 0 && i < text.Length)
            {
                output.Append(text[i]);
            }

            i++;
        }
    }

    private static int Escape(ReadOnlySpan<char> at, List<byte> bytes, StringBuilder output)
    {
        if (at[0] == '%' && at.Length > 2 && byte.TryParse(at.Slice(1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            bytes.Add(value);
            return 3;
        }

        if (at[0] == '\\' && at.Length > 3 && at[1] == 'x' && byte.TryParse(at.Slice(2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value))
        {
            bytes.Add(value);
            return 4;
        }

        if (at[0] == '\\' && at.Length > 5 && at[1] == 'u' && ushort.TryParse(at.Slice(2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit))
        {
            Flush(bytes, output);
            output.Append((char)unit);
            return 6;
        }

        if (at[0] == '&' && at.Length > 3 && at[1] == '#' && at[..Math.Min(at.Length, 12)].IndexOf(';') is > 2 and var end)
        {
            Flush(bytes, output);
            var decoded = WebUtility.HtmlDecode(at[..(end + 1)].ToString());
            if (!decoded.StartsWith('&'))
            {
                output.Append(decoded);
                return end + 1;
            }
        }

        return 0;
    }

    private static void Flush(List<byte> bytes, StringBuilder output)
    {
        if (bytes.Count > 0)
        {
            output.Append(Encoding.UTF8.GetString(bytes.ToArray()));
            bytes.Clear();
        }
    }
}
