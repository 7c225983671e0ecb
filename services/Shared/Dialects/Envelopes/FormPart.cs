using System.Text;

namespace Gateway.Dialects.Envelopes;

/// <summary>One part of a form, by its place in the body.</summary>
/// <param name="Name">Its name as sent.</param>
/// <param name="FileName">The file's name, or null when it is no file.</param>
/// <param name="ContentType">The type it says it has, or null.</param>
/// <param name="Start">Where its content begins.</param>
/// <param name="Length">Length of its content.</param>
public sealed record FormPart(string Name, string? FileName, string? ContentType, int Start, int Length)
{
    /// <summary>True for a file.</summary>
    public bool IsFile => FileName is not null;

    /// <summary>The name without the brackets that mark one of several.</summary>
    public string Member => Name.EndsWith("[]", StringComparison.Ordinal) ? Name[..^2] : Name;
}

/// <summary>The headers of one part.</summary>
internal sealed record FormPartHead(string Name, string? FileName, string? ContentType)
{
    /// <summary>Null when they name no part of a form.</summary>
    public static FormPartHead? Read(ReadOnlySpan<byte> head)
    {
        string? disposition = null, contentType = null;
        foreach (var line in Encoding.UTF8.GetString(head).Split("\r\n"))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var (name, value) = colon < 0 ? ("", "") : (line[..colon].Trim(), line[(colon + 1)..].Trim());
            disposition ??= name.Equals("Content-Disposition", StringComparison.OrdinalIgnoreCase) ? value : null;
            contentType ??= name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase) ? value : null;
        }

        if (disposition is null || !disposition.StartsWith("form-data", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var parameters = Parameters(disposition["form-data".Length..]);
        return parameters.TryGetValue("name", out var own) && own.Length > 0
            ? new FormPartHead(own, parameters.GetValueOrDefault("filename") ?? (parameters.ContainsKey("filename*") ? "file" : null), contentType)
            : null;
    }

    private static Dictionary<string, string> Parameters(string text)
    {
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (var at = 0; at < text.Length;)
        {
            var equals = text.IndexOf('=', at);
            if (equals < 0)
            {
                break;
            }

            var name = text[at..equals].Trim(' ', '\t', ';');
            parameters.TryAdd(name, Value(text, equals + 1, out at));
        }

        return parameters;
    }

    private static string Value(string text, int start, out int next)
    {
        while (start < text.Length && text[start] is ' ' or '\t')
        {
            start++;
        }

        if (start >= text.Length || text[start] != '"')
        {
            var end = text.IndexOf(';', Math.Min(start, text.Length));
            next = end < 0 ? text.Length : end + 1;
            return text[Math.Min(start, text.Length)..(end < 0 ? text.Length : end)].Trim();
        }

        var value = new StringBuilder();
        for (next = start + 1; next < text.Length && text[next] != '"'; next++)
        {
            // Browsers and clients escape a quote only; a backslash before anything else is one of Windows's paths.
            if (text[next] == '\\' && next + 1 < text.Length && text[next + 1] is '"' or '\\')
            {
                next++;
            }

            value.Append(text[next]);
        }

        next++;
        return value.ToString();
    }
}
