using System.Globalization;

namespace Gateway.Edge.Admission.Limits;

/// <summary>Texts of the headers of one counter, made anew only when the figure has changed.</summary>
internal sealed class LimitTexts
{
    private static readonly string?[] _numbers = new string?[10_000];
    private static readonly string?[] _seconds = new string?[3_601];
    private static readonly string?[] _milliseconds = new string?[100];

    private Kept? _limit;
    private Kept? _left;

    public string Limit(long value) => Text(ref _limit, value);

    /// <summary>What is left; large figures are rounded down to three digits, so that they need not be written for each answer.</summary>
    public string Left(long value)
    {
        var unit = 1L;
        while (value / unit >= _numbers.Length)
        {
            unit *= 10;
        }

        return Text(ref _left, unit == 1 ? value : value / (unit * 10) * (unit * 10));
    }

    /// <summary>A time as OpenAI writes it: <c>250ms</c>, <c>12s</c>, <c>6m0s</c>, <c>1h2m3s</c>; never shorter than it is.</summary>
    public static string Duration(TimeSpan time)
    {
        if (time <= TimeSpan.Zero)
        {
            return "0s";
        }

        if (time.TotalMilliseconds <= 990)
        {
            var tens = (int)Math.Ceiling(time.TotalMilliseconds / 10);
            return _milliseconds[tens] ??= string.Create(CultureInfo.InvariantCulture, $"{tens * 10}ms");
        }

        var seconds = (long)Math.Ceiling(time.TotalSeconds);
        return seconds < _seconds.Length ? _seconds[seconds] ??= Write(seconds) : Write(seconds);
    }

    private static string Write(long seconds) =>
        seconds < 60 ? string.Create(CultureInfo.InvariantCulture, $"{seconds}s")
        : seconds < 3_600 ? string.Create(CultureInfo.InvariantCulture, $"{seconds / 60}m{seconds % 60}s")
        : string.Create(CultureInfo.InvariantCulture, $"{seconds / 3_600}h{seconds / 60 % 60}m{seconds % 60}s");

    private static string Text(ref Kept? kept, long value)
    {
        if (value >= 0 && value < _numbers.Length)
        {
            return _numbers[value] ??= value.ToString(CultureInfo.InvariantCulture);
        }

        if (Volatile.Read(ref kept) is not { } known || known.Value != value)
        {
            known = new Kept(value, value.ToString(CultureInfo.InvariantCulture));
            Volatile.Write(ref kept, known);
        }

        return known.Text;
    }

    private sealed record Kept(long Value, string Text);
}
