using System.Globalization;
using System.Text;

namespace Gateway.Governance.Usage.Export;

/// <summary>
/// Rows of RFC 4180: commas, CRLF, quotes where a text needs them. A text that a spreadsheet would take for a formula gets an apostrophe in front: callers choose model names and tags,
/// and whoever opens the file must not run what they wrote.
/// </summary>
internal sealed class CsvWriter(StringBuilder to)
{
    private bool _first = true;

    /// <summary>Writes the names of columns.</summary>
    public void Header(IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            Text(name);
        }

        End();
    }

    /// <summary>Writes a text.</summary>
    public CsvWriter Text(string? value)
    {
        Separate();
        if (string.IsNullOrEmpty(value))
        {
            return this;
        }

        var guarded = value[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" + value : value;
        if (guarded.AsSpan().IndexOfAny(",\"\r\n") < 0)
        {
            to.Append(guarded);
        }
        else
        {
            to.Append('"').Append(guarded.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
        }

        return this;
    }

    /// <summary>Writes a whole number.</summary>
    public CsvWriter Number(long value)
    {
        Separate();
        to.Append(CultureInfo.InvariantCulture, $"{value}");
        return this;
    }

    /// <summary>Writes nano-US-dollars as US dollars, exact.</summary>
    public CsvWriter Usd(long nanos)
    {
        Separate();
        to.Append(Money.Usd(nanos));
        return this;
    }

    /// <summary>Writes a yes or no.</summary>
    public CsvWriter Flag(bool value) => Text(value ? "true" : "false");

    /// <summary>Writes an instant to the microsecond.</summary>
    public CsvWriter Instant(DateTimeOffset value) => Text(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));

    /// <summary>Ends the row.</summary>
    public void End()
    {
        to.Append("\r\n");
        _first = true;
    }

    private void Separate()
    {
        if (!_first)
        {
            to.Append(',');
        }

        _first = false;
    }
}
