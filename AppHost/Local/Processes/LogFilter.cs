namespace Gateway.AppHost.Local.Processes;

/// <summary>
/// Picks the lines of a process that belong on the console: warnings and worse, with the lines that continue them, and what
/// it writes to standard error without saying how bad it is. Understands .NET's simple and JSON console formats.
/// </summary>
internal sealed class LogFilter(bool everything)
{
    private const string JsonLevel = "\"LogLevel\":\"";
    private bool _lastShown;

    /// <summary>Whether this line, the next one of the process, is shown.</summary>
    public bool Shows(string line, bool isError)
    {
        if (everything)
        {
            return true;
        }

        // A continuation belongs to the line above it.
        if (line.Length == 0 || !char.IsWhiteSpace(line[0]))
        {
            _lastShown = Level(line) is { } severe ? severe : isError && line.Length > 0;
        }

        return _lastShown;
    }

    private static bool? Level(string line)
    {
        if (line.StartsWith('{'))
        {
            var at = line.IndexOf(JsonLevel, StringComparison.Ordinal);
            if (at >= 0)
            {
                var level = line.AsSpan(at + JsonLevel.Length);
                return level.StartsWith("Warning", StringComparison.Ordinal) || level.StartsWith("Error", StringComparison.Ordinal) || level.StartsWith("Critical", StringComparison.Ordinal);
            }
        }

        return line.AsSpan().Trim() switch
        {
            ['w', 'a', 'r', 'n', ':', ..] or ['f', 'a', 'i', 'l', ':', ..] or ['c', 'r', 'i', 't', ':', ..] => true,
            ['i', 'n', 'f', 'o', ':', ..] or ['d', 'b', 'u', 'g', ':', ..] or ['t', 'r', 'c', 'e', ':', ..] => false,
            _ => null,
        };
    }
}
