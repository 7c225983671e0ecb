using System.Text;

namespace Gateway.Edge.Configuration.Building;

/// <summary>Replaces <c>${VARIABLE}</c> and <c>${file:PATH}</c>; <c>$${</c> stands for <c>${</c> itself. Messages name the variable or file, never a value.</summary>
internal sealed class Expansion(GatewayFileOptions options)
{
    private const int LongestFile = 64 * 1024;
    private readonly List<string> _files = [];

    /// <summary>The files read so far, also those that could not be.</summary>
    public IReadOnlyList<string> Files => _files;

    /// <summary>The text with everything replaced, or what is wrong.</summary>
    public (string? Text, string? Error) Expand(string text)
    {
        var at = text.IndexOf("${", StringComparison.Ordinal);
        if (at < 0)
        {
            return (text, null);
        }

        var result = new StringBuilder();
        var done = 0;
        for (; at >= 0; at = text.IndexOf("${", done, StringComparison.Ordinal))
        {
            if (at > done && text[at - 1] == '$')
            {
                result.Append(text, done, at - 1 - done).Append("${");
                done = at + 2;
                continue;
            }

            var end = text.IndexOf('}', at);
            if (end < 0)
            {
                return (null, "'${' without '}'. Write ${VARIABLE} or ${file:PATH}, or $${ for the characters themselves.");
            }

            var (value, error) = Resolve(text[(at + 2)..end]);
            if (error is not null)
            {
                return (null, error);
            }

            result.Append(text, done, at - done).Append(value);
            done = end + 1;
        }

        return (result.Append(text, done, text.Length - done).ToString(), null);
    }

    private (string? Value, string? Error) Resolve(string name)
    {
        if (name.StartsWith("file:", StringComparison.Ordinal))
        {
            return ReadFile(name["file:".Length..]);
        }

        if (name.Length == 0 || name.AsSpan().ContainsAnyExcept(VariableCharacters))
        {
            return (null, "'${' must be followed by the name of an environment variable (letters, digits, _) or by file: and a path.");
        }

        return options.GetEnvironmentVariable(name) is { Length: > 0 } value
            ? (value, null)
            : (null, $"The environment variable {name} is not set. Set it, or remove the key.");
    }

    private (string? Value, string? Error) ReadFile(string path)
    {
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
        {
            return (null, "'${file:' must be followed by a path.");
        }

        var full = Path.GetFullPath(path, options.BaseDirectory);
        _files.Add(full);
        try
        {
            var info = new FileInfo(full);
            if (info.Exists && info.Length > LongestFile)
            {
                return (null, $"The file {path} is larger than {LongestFile / 1024} KiB: too large for a secret.");
            }

            var value = File.ReadAllText(full).Trim();
            return value.Length > 0 ? (value, null) : (null, $"The file {path} is empty.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return (null, $"The file {path} cannot be read: {Reason(e)}.");
        }
    }

    private static string Reason(Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => "it does not exist",
        UnauthorizedAccessException => "access is denied or it is a folder",
        _ => "input/output error",
    };

    private static readonly System.Buffers.SearchValues<char> VariableCharacters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
}
