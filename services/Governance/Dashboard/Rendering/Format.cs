using System.Globalization;

namespace Gateway.Dashboard.Rendering;

/// <summary>
/// Figures as texts. The server knows no reader's locale (it runs without culture data), so these are the forms without scripts; <c>app.js</c> writes them anew in the
/// browser's own.
/// </summary>
public static class Format
{
    private const decimal NanosPerUsd = 1_000_000_000m;
    private const long LeastNanos = 100_000;

    public static string Count(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>Three significant digits with a suffix: 1.23M.</summary>
    public static string Compact(double value) => Math.Abs(value) switch
    {
        >= 1e12 => Digits(value / 1e12) + "T",
        >= 1e9 => Digits(value / 1e9) + "B",
        >= 1e6 => Digits(value / 1e6) + "M",
        >= 1e4 => Digits(value / 1e3) + "K",
        _ => value.ToString("#,0.##", CultureInfo.InvariantCulture),
    };

    /// <summary>Dollars of nano-dollars: cents from a dollar on, below that as many digits as say something.</summary>
    public static string Usd(long nanos)
    {
        var usd = nanos / NanosPerUsd;
        return Math.Abs(usd) switch
        {
            0 => "$0.00",
            >= 1_000_000 => Sign(usd) + "$" + Digits((double)Math.Abs(usd) / 1e6) + "M",
            >= 1 => Sign(usd) + "$" + Math.Abs(usd).ToString("#,0.00", CultureInfo.InvariantCulture),
            >= 0.01m => Sign(usd) + "$" + Math.Abs(usd).ToString("0.000", CultureInfo.InvariantCulture),
            _ => Sign(usd) + "$" + Math.Abs(usd).ToString("0.#########", CultureInfo.InvariantCulture),
        };
    }

    public static string Duration(double micros) => micros switch
    {
        <= 0 => "–",
        < 1_000 => $"{micros.ToString("0", CultureInfo.InvariantCulture)} µs",
        < 10_000 => $"{(micros / 1_000).ToString("0.0", CultureInfo.InvariantCulture)} ms",
        < 1_000_000 => $"{(micros / 1_000).ToString("0", CultureInfo.InvariantCulture)} ms",
        < 60_000_000 => $"{(micros / 1_000_000).ToString("0.00", CultureInfo.InvariantCulture)} s",
        < 3_600_000_000 => $"{(micros / 60_000_000).ToString("0.0", CultureInfo.InvariantCulture)} min",
        _ => $"{(micros / 3_600_000_000).ToString("0.0", CultureInfo.InvariantCulture)} h",
    };

    /// <summary>The same where many stand below each other: what is less than a hundredth of a cent is only said to be that.</summary>
    public static string ShortUsd(long nanos) => nanos is > 0 and < LeastNanos ? "<$0.0001" : Usd(nanos);

    /// <summary>A name of the code's as words: <c>UpstreamError</c> and <c>upstream_error</c> are "upstream error".</summary>
    public static string Words(string name) => name.Contains('_', StringComparison.Ordinal) ? name.Replace('_', ' ') : string.Concat(name.Select((c, i) => char.IsAsciiLetterUpper(c) ? (i > 0 ? " " : "") + char.ToLowerInvariant(c) : c.ToString()));

    /// <summary>A share, from 0 to 1, in per cent.</summary>
    public static string Percent(double share) => share switch
    {
        0 => "0%",
        > 0 and < 0.0005 => "<0.1%",
        _ => (share * 100).ToString("0.#", CultureInfo.InvariantCulture) + "%",
    };

    public static string Bytes(long bytes) => bytes switch
    {
        < 1024 => $"{bytes} B",
        < 1024 * 1024 => $"{(bytes / 1024.0).ToString("0.0", CultureInfo.InvariantCulture)} KiB",
        < 1024L * 1024 * 1024 => $"{(bytes / 1048576.0).ToString("0.0", CultureInfo.InvariantCulture)} MiB",
        _ => $"{(bytes / 1073741824.0).ToString("0.00", CultureInfo.InvariantCulture)} GiB",
    };

    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " UTC";

    /// <summary>How a moment lies to another: "3 min ago", "in 2 h".</summary>
    public static string Ago(DateTimeOffset at, DateTimeOffset now)
    {
        var span = now - at;
        var text = Span(span.Duration());
        return text.Length == 0 ? "just now" : span < TimeSpan.Zero ? $"in {text}" : $"{text} ago";
    }

    private static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 5 } => "",
        { TotalMinutes: < 1 } => $"{span.TotalSeconds:0} s",
        { TotalHours: < 1 } => $"{span.TotalMinutes:0} min",
        { TotalDays: < 1 } => $"{span.TotalHours:0} h",
        { TotalDays: < 60 } => $"{span.TotalDays:0} d",
        _ => $"{span.TotalDays / 30:0} months",
    };

    private static string Sign(decimal value) => value < 0 ? "−" : "";

    private static string Digits(double value) => value.ToString(Math.Abs(value) >= 100 ? "0" : Math.Abs(value) >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture);
}
