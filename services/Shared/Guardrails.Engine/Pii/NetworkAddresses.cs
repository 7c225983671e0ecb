using System.Net;

namespace Gateway.Guardrails.Engine.Pii;

/// <summary>Addresses of the network: e-mail, URLs, IP and MAC.</summary>
internal static class NetworkAddresses
{
    private const int LongestLocal = 64;
    private const int LongestUrl = 300;

    public static PiiMatch Email(in PiiScan scan)
    {
        var at = scan.First.Start;
        var start = at;
        while (at - start <= LongestLocal && IsLocal(scan.At(at)))
        {
            at++;
        }

        if (scan.At(at) != '@' || at == start || scan.Text[at - 1] == '.')
        {
            return PiiMatch.None;
        }

        // Labels of letters, digits and dashes; the last one has letters.
        var (end, label, dots, letters) = (at + 1, at + 1, 0, 0);
        var last = end;
        for (var i = at + 1; ; i++)
        {
            var c = scan.At(i);
            if (char.IsLetterOrDigit(c) || (c == '-' && i > label))
            {
                letters += char.IsLetter(c) ? 1 : 0;
                continue;
            }

            if (i == label)
            {
                break;
            }

            // A label ended; a domain may end with it.
            if (dots > 0 && letters >= 2 && scan.Text[i - 1] != '-')
            {
                last = i;
            }

            if (c != '.')
            {
                break;
            }

            dots++;
            label = i + 1;
            letters = 0;
        }

        return last > end ? new PiiMatch(start, last, "email", 0.99) : PiiMatch.None;
    }

    public static PiiMatch Url(in PiiScan scan)
    {
        var end = scan.First.End;
        var isWww = scan.First.Length == 3 && scan.At(end) == '.';
        if (!isWww && !(scan.At(end) == ':' && scan.At(end + 1) == '/' && scan.At(end + 2) == '/'))
        {
            return PiiMatch.None;
        }

        var at = end + (isWww ? 1 : 3);
        var start = at;
        while (at - start < LongestUrl && scan.At(at) is > ' ' and not ('"' or '<' or '>' or '\u00a0' or '`' or '{' or '}' or '|' or '\\' or '^'))
        {
            at++;
        }

        while (at > start && scan.Text[at - 1] is '.' or ',' or ';' or ':' or '!' or '?' or ')' or ']' or '\'')
        {
            at--;
        }

        return at > start + 2 ? new PiiMatch(scan.First.Start, at, "url", isWww ? 0.8 : 0.9) : PiiMatch.None;
    }

    public static PiiMatch IpOrMac(in PiiScan scan)
    {
        var start = scan.First.Start;
        if (start > scan.Floor && start > 0 && scan.Text[start - 1] == ':' && scan.At(start) is not '\0' && start > scan.Floor + 1 && scan.Text[start - 2] == ':')
        {
            // «::1» begins before its first word.
            start -= 2;
        }

        var (end, dots, colons, dashes, hex) = (start, 0, 0, 0, true);
        for (; end - start < 46; end++)
        {
            var c = scan.At(end);
            if (c == '.')
            {
                dots++;
            }
            else if (c == ':')
            {
                colons++;
            }
            else if (c == '-')
            {
                dashes++;
            }
            else if (!char.IsAsciiHexDigit(c))
            {
                hex = !char.IsLetterOrDigit(c) && c != '_';
                break;
            }
        }

        while (end > start && scan.Text[end - 1] is '.' or '-' || (end > start + 1 && scan.Text[end - 1] == ':' && scan.Text[end - 2] != ':'))
        {
            end--;
        }

        if (!hex || end - start < 7)
        {
            return colons < 2 || !hex || end - start < 3 ? PiiMatch.None : Version6(scan, start, end);
        }

        var text = scan.Text[start..end];
        if (dots >= 3 && colons == 0)
        {
            return Version4(scan, start, text);
        }

        if ((colons == 5 || dashes == 5) && text.Length == 17 && IsMac(text))
        {
            return new PiiMatch(start, end, "mac_address", 0.95);
        }

        return colons >= 2 ? Version6(scan, start, end) : PiiMatch.None;
    }

    private static PiiMatch Version4(in PiiScan scan, int start, ReadOnlySpan<char> text)
    {
        var (octets, value, digits, end) = (0, 0, 0, 0);
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && char.IsAsciiDigit(text[i]))
            {
                value = (value * 10) + (text[i] - '0');
                if (++digits > 3 || value > 255)
                {
                    return PiiMatch.None;
                }

                continue;
            }

            if (digits == 0 || (i < text.Length && text[i] != '.'))
            {
                return PiiMatch.None;
            }

            octets++;
            end = i;
            (value, digits) = (0, 0);
        }

        if (octets != 4 || (start > 0 && scan.Text[start - 1] is '.' or 'v'))
        {
            return PiiMatch.None;
        }

        return new PiiMatch(start, start + end, "ip_address", text.Length < 9 && (scan.CuesBefore(4) & Cue.NotPhone) != 0 ? 0.3 : text.Length < 8 ? 0.6 : 0.95);
    }

    private static PiiMatch Version6(in PiiScan scan, int start, int end)
    {
        var text = scan.Text[start..end];
        return IPAddress.TryParse(text, out var address) && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 && text.ContainsAnyInRange('0', '9')
            ? new PiiMatch(start, end, "ip_address", text.Length > 5 ? 0.95 : 0.5)
            : PiiMatch.None;
    }

    private static bool IsMac(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (i % 3 == 2 ? text[i] is not (':' or '-') : !char.IsAsciiHexDigit(text[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsLocal(char c) => char.IsLetterOrDigit(c) || c is '.' or '_' or '%' or '+' or '-' or '\'';
}
