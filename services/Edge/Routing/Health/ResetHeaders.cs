using System.Globalization;
using System.Net.Http.Headers;

namespace Gateway.Edge.Routing.Health;

/// <summary>Reads from a provider's response how long it wants to be left alone.</summary>
internal static class ResetHeaders
{
    private static readonly string[] _openAI = ["x-ratelimit-reset-requests", "x-ratelimit-reset-tokens", "x-ratelimit-reset"];
    private static readonly string[] _openAIRemaining = ["x-ratelimit-remaining-requests", "x-ratelimit-remaining-tokens", "x-ratelimit-remaining"];
    private static readonly string[] _anthropic =
        ["anthropic-ratelimit-requests-reset", "anthropic-ratelimit-tokens-reset", "anthropic-ratelimit-input-tokens-reset", "anthropic-ratelimit-output-tokens-reset"];

    /// <summary>What <c>retry-after-ms</c> or <c>retry-after</c> says, or null.</summary>
    public static TimeSpan? RetryAfter(HttpResponseHeaders headers, DateTimeOffset now)
    {
        if (Find(headers, "retry-after-ms") is { } ms && TryNumber(ms, out var milliseconds))
        {
            return Wait(milliseconds / 1000);
        }

        if (Find(headers, "Retry-After") is not { } text)
        {
            return null;
        }

        return TryNumber(text, out var seconds) ? Wait(seconds)
            : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? Positive(at - now)
            : null;
    }

    /// <summary>When the limit that a 429 reports is reset, or null when it does not say.</summary>
    public static TimeSpan? Reset(HttpResponseHeaders headers, DateTimeOffset now)
    {
        if (RetryAfter(headers, now) is { } wait)
        {
            return wait;
        }

        TimeSpan? longest = null;
        for (var i = 0; i < _openAI.Length; i++)
        {
            // The limit that still has room is not the one that was reached.
            if (Find(headers, _openAIRemaining[i]) is not { } left || left.Trim() == "0")
            {
                longest = Longer(longest, Find(headers, _openAI[i]) is { } text ? Duration(text, now) : null);
            }
        }

        foreach (var name in _anthropic)
        {
            var remaining = Find(headers, name.Replace("-reset", "-remaining", StringComparison.Ordinal));
            if ((remaining is null || remaining.Trim() == "0") && Find(headers, name) is { } at
                && DateTimeOffset.TryParse(at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var when))
            {
                longest = Longer(longest, Positive(when - now));
            }
        }

        return longest;
    }

    /// <summary>A duration such as <c>1s</c>, <c>6m0s</c>, <c>120ms</c>, a number of seconds, or a moment in seconds or milliseconds since 1970.</summary>
    internal static TimeSpan? Duration(string text, DateTimeOffset now)
    {
        if (TryNumber(text, out var number))
        {
            return number > 1e11 ? Positive(TimeSpan.FromMilliseconds(Math.Min(number, 1e14) - now.ToUnixTimeMilliseconds()))
                : number > 1e9 ? Positive(TimeSpan.FromSeconds(number - now.ToUnixTimeSeconds()))
                : Wait(number);
        }

        var (seconds, at) = (0d, 0);
        while (at < text.Length)
        {
            var start = at;
            while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.'))
            {
                at++;
            }

            var unit = at;
            while (at < text.Length && char.IsAsciiLetter(text[at]))
            {
                at++;
            }

            if (!TryNumber(text[start..unit], out var part) || Unit(text.AsSpan(unit, at - unit)) is not { } factor)
            {
                return null;
            }

            seconds += part * factor;
        }

        return at == 0 ? null : Wait(seconds);
    }

    private static double? Unit(ReadOnlySpan<char> unit) => unit switch
    {
        "ms" => 0.001,
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "us" or "µs" => 1e-6,
        "ns" => 1e-9,
        _ => null,
    };

    private static bool TryNumber(string text, out double number) =>
        double.TryParse(text.AsSpan().Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);

    private static TimeSpan Wait(double seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 31_536_000));

    private static TimeSpan Positive(TimeSpan span) => span > TimeSpan.Zero ? span : TimeSpan.Zero;

    private static TimeSpan? Longer(TimeSpan? a, TimeSpan? b) => a is { } x && b is { } y ? (x > y ? x : y) : a ?? b;

    private static string? Find(HttpResponseHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;
}
