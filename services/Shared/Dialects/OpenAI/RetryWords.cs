using System.Globalization;

namespace Gateway.Dialects.OpenAI;

/// <summary>How long to wait, from the words of an error: "Please try again in 1m30.5s.", "Please retry in 35 seconds."</summary>
internal static class RetryWords
{
    private const double MostSeconds = 1e7;

    private static readonly string[] _phrases = ["try again in ", "retry in ", "retry after "];

    public static TimeSpan? Find(string? message)
    {
        foreach (var phrase in _phrases)
        {
            if (message?.IndexOf(phrase, StringComparison.OrdinalIgnoreCase) is { } at and >= 0 && Duration(message.AsSpan(at + phrase.Length)) is { } wait)
            {
                return wait;
            }
        }

        return null;
    }

    /// <summary>Numbers with their units at the start of <paramref name="text"/>; null when there is none.</summary>
    public static TimeSpan? Duration(ReadOnlySpan<char> text)
    {
        double? seconds = null;
        while (true)
        {
            var digits = 0;
            while (digits < text.Length && (char.IsAsciiDigit(text[digits]) || text[digits] == '.'))
            {
                digits++;
            }

            if (digits == 0 || !double.TryParse(text[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                break;
            }

            text = text[digits..].TrimStart(' ');
            var letters = 0;
            while (letters < text.Length && char.IsAsciiLetter(text[letters]))
            {
                letters++;
            }

            if (Unit(text[..letters]) is not { } factor)
            {
                break;
            }

            seconds = (seconds ?? 0) + (number * factor);
            text = text[letters..].TrimStart(' ');
        }

        return seconds is >= 0 and < MostSeconds ? TimeSpan.FromSeconds(seconds.Value) : null;
    }

    private static double? Unit(ReadOnlySpan<char> unit) => unit switch
    {
        "ms" or "milliseconds" => 0.001,
        "s" or "sec" or "secs" or "second" or "seconds" => 1,
        "m" or "min" or "mins" or "minute" or "minutes" => 60,
        "h" or "hour" or "hours" => 3_600,
        "d" or "day" or "days" => 86_400,
        _ => null,
    };
}
