using System.Globalization;
using Gateway.LlmSimulator.Behaviour;

namespace Gateway.LlmSimulator.Native;

/// <summary>When a provider says to come back.</summary>
internal static class RateHeaders
{
    public static int? RetryAfter(int status, SimulatorBehaviour behaviour) => behaviour.RetryAfter ?? (status == StatusCodes.Status429TooManyRequests ? 1 : null);

    public static bool Wanted(int status, SimulatorBehaviour behaviour) => behaviour.RateHeaders || status == StatusCodes.Status429TooManyRequests;

    public static IEnumerable<KeyValuePair<string, string>> OpenAI(int status, SimulatorBehaviour behaviour)
    {
        foreach (var header in Retry(status, behaviour))
        {
            yield return header;
        }

        if (Wanted(status, behaviour))
        {
            var refused = status == StatusCodes.Status429TooManyRequests;
            var reset = Number(RetryAfter(status, behaviour) ?? 1) + "s";
            yield return new("x-ratelimit-limit-requests", "10000");
            yield return new("x-ratelimit-limit-tokens", "200000");
            yield return new("x-ratelimit-remaining-requests", refused ? "0" : "9999");
            yield return new("x-ratelimit-remaining-tokens", refused ? "0" : "199950");
            yield return new("x-ratelimit-reset-requests", reset);
            yield return new("x-ratelimit-reset-tokens", reset);
        }
    }

    public static IEnumerable<KeyValuePair<string, string>> Anthropic(int status, SimulatorBehaviour behaviour)
    {
        foreach (var header in Retry(status, behaviour))
        {
            yield return header;
        }

        if (Wanted(status, behaviour))
        {
            var refused = status == StatusCodes.Status429TooManyRequests;
            var reset = TimeProvider.System.GetUtcNow().AddSeconds(RetryAfter(status, behaviour) ?? 1).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
            foreach (var (kind, limit) in new[] { ("requests", 4000), ("input-tokens", 400_000), ("output-tokens", 80_000), ("tokens", 480_000) })
            {
                yield return new($"anthropic-ratelimit-{kind}-limit", Number(limit));
                yield return new($"anthropic-ratelimit-{kind}-remaining", refused ? "0" : Number(limit - 1));
                yield return new($"anthropic-ratelimit-{kind}-reset", reset);
            }
        }
    }

    public static IEnumerable<KeyValuePair<string, string>> Retry(int status, SimulatorBehaviour behaviour)
        => RetryAfter(status, behaviour) is { } seconds ? [new("retry-after", Number(seconds))] : [];

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
