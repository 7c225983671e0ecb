namespace Gateway.Guardrails.Engine.Secrets;

/// <summary>Values that are assigned to a name which says that they are secret: «API_KEY = "…"», «password is …», «Authorization: Bearer …».</summary>
internal static class Assignments
{
    private const int LongestName = 40;
    private const int LongestValue = 300;
    private const double LeastEntropy = 3.2;

    private static readonly string[] _placeholders = ["example", "your", "xxxx", "placeholder", "changeme", "change_me", "dummy", "sample", "redacted", "todo", "undefined", "insert", "secret", "password", "token", "1234567890", "abcdef", "00000", "*****", "....", "test"];

    /// <summary>Where a value begins and ends that is assigned to the name at a place.</summary>
    public static bool TryValue(ref SecretText text, int name, out int start, out int end, out bool isSaid)
    {
        (start, end, isSaid) = (0, 0, false);
        var at = name;
        while (at - name < LongestName && (char.IsLetterOrDigit(text.At(at)) || text.At(at) is '_' or '-' or '.'))
        {
            at++;
        }

        at = Skip(ref text, at, "\"'`]) ", 4);
        var operators = at;
        while (at - operators < 3 && text.At(at) is '=' or ':' or '>')
        {
            at++;
        }

        if (at == operators)
        {
            // «my password is …», «bearer …», «--token …»
            isSaid = text.At(at) == 'i' && text.At(at + 1) == 's' && text.At(at + 2) is ' ' or ':' && text.At(at - 1) == ' ';
            if (isSaid)
            {
                at += 3;
            }
            else if (text.At(at - 1) != ' ' || (text.Text[name] | ' ') != 'b')
            {
                return false;
            }
        }

        at = Skip(ref text, at, " \t", 4);
        at = Skip(ref text, at, "\"'`([{", 2);
        if ((text.At(at) | ' ') == 'b' && (text.At(at + 1) | ' ') is 'e' or 'a' && text.At(at + 6) == ' ')
        {
            at += 7;
        }

        start = at;
        while (at - start < LongestValue && text.At(at) is > ' ' and < (char)127 and not ('"' or '\'' or '`' or ',' or ';' or '<' or '>' or '(' or ')' or '{' or '}' or '[' or ']' or '\\' or '|'))
        {
            at++;
        }

        while (at > start && text.Text[at - 1] is '.' or ':' or '!' or '?')
        {
            at--;
        }

        end = at;
        return end > start;
    }

    public static bool IsPassword(ReadOnlySpan<char> value, bool isSaid)
    {
        if (value.Length is < 6 or > 128 || IsPlaceholder(value) || value[0] is '$' or '%' or '@' or '/' || value.Contains("://", StringComparison.Ordinal))
        {
            return false;
        }

        var (digits, letters, others) = Count(value);
        return isSaid ? digits > 0 && letters > 0 : (digits > 0 && letters > 0 && others == 0 && value.Length >= 8 && Entropy(value) > 2.5) || (digits > 0 && letters > 0 && others > 0 && !value.ContainsAny("(/") && !value.Contains("::", StringComparison.Ordinal) && !value.Contains("${", StringComparison.Ordinal) && value[0] is not ('.' or '-' or '_') && (value.ContainsAny("!?#*+=~^&$%@") || !LooksLikeCode(value)));
    }

    public static bool IsGeneric(ReadOnlySpan<char> value)
    {
        if (value.Length is < 16 or > 200 || IsPlaceholder(value) || LooksLikeCode(value))
        {
            return false;
        }

        var (digits, letters, _) = Count(value);
        return digits >= 1 && letters >= 2 && Entropy(value) >= LeastEntropy;
    }

    public static double Entropy(ReadOnlySpan<char> value)
    {
        Span<int> counts = stackalloc int[128];
        counts.Clear();
        foreach (var c in value)
        {
            counts[c & 127]++;
        }

        var entropy = 0.0;
        foreach (var count in counts)
        {
            if (count > 0)
            {
                var share = (double)count / value.Length;
                entropy -= share * Math.Log2(share);
            }
        }

        return entropy;
    }

    public static bool IsPlaceholder(ReadOnlySpan<char> value)
    {
        foreach (var placeholder in _placeholders)
        {
            if (value.Contains(placeholder, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    // Calls, paths, dotted names and words joined by dashes are code and no secrets.
    private static bool LooksLikeCode(ReadOnlySpan<char> value)
    {
        if (value.ContainsAny("$%(@") || value.Contains("::", StringComparison.Ordinal) || value[0] is '.' or '/' or '-' or '_')
        {
            return true;
        }

        // Secrets change between letters and digits often; names have digits at their ends.
        var (changes, humps) = (0, 0);
        for (var i = 1; i < value.Length; i++)
        {
            changes += char.IsAsciiDigit(value[i]) != char.IsAsciiDigit(value[i - 1]) ? 1 : 0;
            humps += char.IsAsciiLetterUpper(value[i]) != char.IsAsciiLetterUpper(value[i - 1]) ? 1 : 0;
        }

        return (changes < 3 && humps + changes < value.Length * 0.4) || (value.Contains('.') && changes < 6);
    }

    private static (int Digits, int Letters, int Others) Count(ReadOnlySpan<char> value)
    {
        var (digits, letters) = (0, 0);
        foreach (var c in value)
        {
            digits += char.IsAsciiDigit(c) ? 1 : 0;
            letters += char.IsAsciiLetter(c) ? 1 : 0;
        }

        return (digits, letters, value.Length - digits - letters);
    }

    private static int Skip(ref SecretText text, int at, string characters, int most)
    {
        var from = at;
        while (at - from < most && text.At(at) is not '\0' and var c && characters.Contains(c, StringComparison.Ordinal))
        {
            at++;
        }

        return at;
    }
}
