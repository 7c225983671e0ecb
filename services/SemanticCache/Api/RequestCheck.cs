using System.Buffers;
using Gateway.Contracts.Cache;

namespace Gateway.SemanticCache.Api;

/// <summary>What JSON alone cannot say about a request. Each answers what is wrong, with its place; null when nothing is.</summary>
internal static class RequestCheck
{
    public const long MaxSeconds = 365L * 24 * 60 * 60;
    public const int MaxTextLength = 4 * 1024 * 1024;
    private const int MaxFactLength = 256;
    private const int MaxTags = 32;

    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    public static string? Fault(CacheLookupRequest request)
        => Hash(request.Partition, "$.partition")
            ?? (request.Domain is { } domain ? Hash(domain, "$.domain") : null)
            ?? Short(request.DomainName, "$.domainName")
            ?? Text(request.Text, "$.text")
            ?? Fault(request.Policy, "$.policy")
            ?? Range(request.BudgetMilliseconds, 1, 60_000, "$.budgetMilliseconds")
            ?? Range(request.MaxAgeSeconds ?? 0, 0, long.MaxValue, "$.maxAgeSeconds")
            ?? Range(request.MaxStaleSeconds, 0, MaxSeconds, "$.maxStaleSeconds");

    public static string? Fault(CacheStoreRequest request)
        => Hash(request.Partition, "$.partition")
            ?? Text(request.Text, "$.text")
            ?? (request.AnswerId is { } answer ? Hash(answer, "$.answerId") : null)
            ?? Range(request.TtlSeconds, 1, MaxSeconds, "$.ttlSeconds")
            ?? Range(request.StaleSeconds, 0, MaxSeconds, "$.staleSeconds")
            ?? (Enum.IsDefined(request.LongText) ? null : "$.longText must be \"skip\" or \"truncate\".")
            ?? Fault(request.Answer)
            ?? Fault(request.Facts);

    public static string? Fault(CacheObserveRequest request)
        => request.LookupId.Length is 0 or > 64 ? "$.lookupId must be the id that a look-up gave."
            : request.AnswerText is null && request.AnswerBody is null && request.Equivalent is null
                ? "$ needs answerText, answerBody or equivalent: there is nothing to compare."
                : null;

    public static string? Fault(CacheExplainRequest request)
        => Text(request.TextA, "$.textA") ?? Text(request.TextB, "$.textB") ?? Fault(request.Policy, "$.policy")
            ?? (request.Domain is { } domain ? Hash(domain, "$.domain") : null);

    public static string? Hash(string value, string path)
        => value.Length != 64 || value.AsSpan().ContainsAnyExcept(LowerHex) ? $"{path} must be 64 lower-case hex digits." : null;

    private static string? Fault(CacheMatchPolicy policy, string path)
        => !Enum.IsDefined(policy.Mode) ? $"{path}.mode must be \"learned\", \"verified\", \"threshold\" or \"shadow\"."
            : !Enum.IsDefined(policy.LongText) ? $"{path}.longText must be \"skip\" or \"truncate\"."
            : Within(policy.MaxWrongHitRate, 0.0001, 0.2, $"{path}.maxWrongHitRate")
                ?? Within(policy.Threshold, 0.5, 1, $"{path}.threshold")
                ?? Within(policy.ShadowRate, 0, 1, $"{path}.shadowRate")
                ?? Range(policy.ShadowPerHour, 0, 100_000, $"{path}.shadowPerHour");

    private static string? Fault(CacheAnswer answer)
        => Range(answer.PromptTokens, 0, long.MaxValue, "$.answer.promptTokens")
            ?? Range(answer.CompletionTokens, 0, long.MaxValue, "$.answer.completionTokens")
            ?? Range(answer.CostNano, 0, long.MaxValue, "$.answer.costNano")
            ?? Short(answer.ContentType, "$.answer.contentType")
            ?? Short(answer.Dialect, "$.answer.dialect");

    private static string? Fault(CacheEntryFacts facts)
    {
        if (facts.Tags.Count > MaxTags)
        {
            return $"$.facts.tags holds {facts.Tags.Count} tags; at most {MaxTags} are allowed.";
        }

        for (var i = 0; i < facts.Tags.Count; i++)
        {
            // The serializer's null checks stop at the list.
            if ((string?)facts.Tags[i] is null || facts.Tags[i].Length > MaxFactLength)
            {
                return $"$.facts.tags[{i}] must be a string of at most {MaxFactLength} characters.";
            }
        }

        return Short(facts.Scope, "$.facts.scope") ?? Short(facts.Key, "$.facts.key") ?? Short(facts.Team, "$.facts.team")
            ?? Short(facts.Customer, "$.facts.customer") ?? Short(facts.Route, "$.facts.route") ?? Short(facts.Model, "$.facts.model");
    }

    private static string? Text(string text, string path)
        => text.Length > MaxTextLength ? $"{path} has {text.Length} characters; at most {MaxTextLength} are allowed." : null;

    private static string? Short(string? value, string path)
        => value?.Length > MaxFactLength ? $"{path} has {value.Length} characters; at most {MaxFactLength} are allowed." : null;

    private static string? Range(long value, long min, long max, string path)
        => value < min || value > max ? $"{path} is {value}; {min} to {max} are allowed." : null;

    private static string? Within(double value, double min, double max, string path)
        => value >= min && value <= max ? null : FormattableString.Invariant($"{path} is {value}; {min} to {max} are allowed.");
}
