using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Gateway.Guardrails.Engine.Normalization.Layers;

/// <summary>Base64, and bytes as hexadecimal or binary digits.</summary>
internal static class EncodedLayers
{
    private const int MinBase64 = 16;
    private const int MaxEncoded = 16_384;
    private static readonly SearchValues<char> _hexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    public static void Read(ReadOnlySpan<char> text, LayerList found)
    {
        for (var start = 0; start < text.Length && !found.IsFull;)
        {
            if (!IsBase64(text[start]))
            {
                start++;
                continue;
            }

            var end = start;
            while (end < text.Length && IsBase64(text[end]))
            {
                end++;
            }

            var padded = end;
            while (padded < text.Length && text[padded] == '=' && padded - end < 2)
            {
                padded++;
            }

            if (padded - start >= MinBase64)
            {
                Base64Run(text[start..end], start, padded - start, found);
            }

            start = Math.Max(padded, end);
        }

        DigitGroups(text, found);
    }

    private static void Base64Run(ReadOnlySpan<char> run, int start, int length, LayerList found)
    {
        run = run[..Math.Min(run.Length, MaxEncoded)];
        if (run.IndexOfAnyExcept(_hexDigits) < 0)
        {
            Bytes(HexBytes(run), LayerKind.Digits, start, length, found);
            return;
        }

        // A quarter of a group is left over when the run is a word rather than an encoding.
        var usable = run.Length - (run.Length % 4 == 1 ? 1 : 0);
        var chars = run[..usable].ToString().Replace('-', '+').Replace('_', '/');
        chars = chars.PadRight((chars.Length + 3) / 4 * 4, '=');
        var bytes = new byte[chars.Length / 4 * 3];
        if (Convert.TryFromBase64String(chars, bytes, out var written))
        {
            Bytes(bytes.AsSpan(0, written), LayerKind.Base64, start, length, found);
        }
    }

    private static void DigitGroups(ReadOnlySpan<char> text, LayerList found)
    {
        var bytes = new List<byte>();
        var (first, last) = (0, 0);
        for (var start = 0; start <= text.Length && !found.IsFull;)
        {
            var end = start;
            while (end < text.Length && char.IsAsciiLetterOrDigit(text[end]))
            {
                end++;
            }

            var group = text[start..end];
            var gap = start < text.Length && end == start;
            if (Byte(group) is { } value && bytes.Count < MaxEncoded)
            {
                first = bytes.Count == 0 ? start : first;
                last = end;
                bytes.Add(value);
            }
            else if (!gap || start >= text.Length || text[start] is not (' ' or ',' or '\\' or ':' or '-' or '\n'))
            {
                if (bytes.Count >= LayerReader.MinText)
                {
                    Bytes(bytes.ToArray(), LayerKind.Digits, first, last - first, found);
                }

                bytes.Clear();
            }

            start = Math.Max(end, start + 1);
        }
    }

    private static byte? Byte(ReadOnlySpan<char> group)
    {
        if (group.StartsWith("0x") || group.StartsWith("0b"))
        {
            group = group[2..];
        }
        else if (group.Length == 3 && group[0] == 'x')
        {
            group = group[1..];
        }

        return group.Length == 8 && group.IndexOfAnyExcept('0', '1') < 0 ? Binary(group)
            : group.Length == 2 && char.IsAsciiHexDigit(group[0]) && char.IsAsciiHexDigit(group[1]) ? (byte)((Hex(group[0]) * 16) + Hex(group[1])) : null;
    }

    private static byte Binary(ReadOnlySpan<char> digits)
    {
        var value = 0;
        foreach (var digit in digits)
        {
            value = (value * 2) + (digit - '0');
        }

        return (byte)value;
    }

    private static int Hex(char c) => c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;

    private static byte[] HexBytes(ReadOnlySpan<char> run) => Convert.FromHexString(run[..(run.Length / 2 * 2)]);

    private static void Bytes(ReadOnlySpan<byte> bytes, LayerKind kind, int start, int length, LayerList found)
    {
        // Pictures and keys are told from text by their first bytes.
        var printable = 0;
        var sample = bytes[..Math.Min(bytes.Length, 64)];
        foreach (var b in sample)
        {
            printable += b is >= 0x20 and < 0x7F or (byte)'\n' or (byte)'\r' or (byte)'\t' or >= 0xC2 or (>= 0x80 and < 0xC0) ? 1 : 0;
        }

        if (bytes.Length < LayerReader.MinText || printable < sample.Length)
        {
            return;
        }

        // A run that was cut off may end within a character.
        for (var cut = 0; cut < 4 && cut < bytes.Length; cut++)
        {
            if (Utf8.IsValid(bytes[..^cut]))
            {
                var text = Encoding.UTF8.GetString(bytes[..^cut]);
                if (LooksWritten(text))
                {
                    found.Add(text, kind, start, length);
                }

                return;
            }
        }
    }

    private static bool LooksWritten(string text)
    {
        var letters = 0;
        foreach (var c in text)
        {
            letters += char.IsLetter(c) || c == ' ' ? 1 : 0;
        }

        return letters * 10 >= text.Length * 7;
    }

    private static bool IsBase64(char c) => char.IsAsciiLetterOrDigit(c) || c is '+' or '/' or '-' or '_';
}
