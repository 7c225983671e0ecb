using System.Globalization;

namespace Gateway.Edge.Configuration;

/// <summary>Something wrong in the configuration file: where, what, and what would be legal. Never holds a secret.</summary>
/// <param name="Path">Key path, for example <c>providers.openai.timeouts.connectMs</c>; empty for the file as a whole.</param>
/// <param name="Line">Line from 1, or 0 when the file could not be read at all.</param>
/// <param name="Column">Column from 1, or 0.</param>
/// <param name="Message">A sentence or two.</param>
internal sealed record ConfigurationProblem(string Path, int Line, int Column, string Message)
{
    /// <summary><c>12:19: providers.openai.timeouts.connectMs: …</c>, as compilers write it, for a file name to be put before.</summary>
    public override string ToString()
    {
        var place = Line > 0 ? string.Create(CultureInfo.InvariantCulture, $"{Line}:{Column}: ") : "";
        return Printable(Path.Length > 0 ? $"{place}{Path}: {Message}" : place + Message);
    }

    // A file may hold anything; a terminal or a log must not be steered by it.
    private static string Printable(string text)
        => text.AsSpan().IndexOfAnyInRange('\0', '\x1f') < 0 && !text.Contains('\x7f', StringComparison.Ordinal)
            ? text
            : string.Create(text.Length, text, static (span, source) =>
            {
                for (var i = 0; i < span.Length; i++)
                {
                    span[i] = char.IsControl(source[i]) ? '\uFFFD' : source[i];
                }
            });
}
