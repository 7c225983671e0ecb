using Gateway.Contracts.Usage;

namespace Gateway.Governance.Usage.Aggregates;

/// <summary>The figures that aggregates add up, in the order of their columns.</summary>
internal static class UsageSums
{
    /// <summary>Columns that aggregates were first created with.</summary>
    public static IReadOnlyList<string> First { get; } =
    [
        "requests", "errors", "estimated", "unpriced", "input", "cache_read", "cache_write", "cache_write_hour", "output", "reasoning", "audio_input", "audio_cache_read",
        "audio_output", "image_input", "image_cache_read", "image_output", "images", "audio_ms", "characters", "searches", "web_searches", "duration", "first_byte", "cost",
    ];

    /// <summary>Columns that came later, each 0 where it was not counted.</summary>
    public static IReadOnlyList<string> Later { get; } = ["cache_exact", "cache_semantic", "cache_shared", "saved", "saved_tokens"];

    /// <summary>Columns of every aggregate.</summary>
    public static IReadOnlyList<string> Columns { get; } = [.. First, .. Later];

    /// <summary>Position of the cost among the columns.</summary>
    public const int Cost = 23;

    /// <summary>Position of the requests without a price.</summary>
    public const int Unpriced = 3;

    /// <summary>What the first columns are called when they are created.</summary>
    public static string Declarations { get; } = string.Join(", ", First.Select(c => $"{c} BIGINT NOT NULL"));

    /// <summary>What an upsert does with them.</summary>
    public static string AddTo(string table) => $"UPDATE SET {string.Join(", ", Columns.Select(c => $"{c} = {table}.{c} + excluded.{c}"))}";

    /// <summary>What they are for rows of <c>usage_records</c>.</summary>
    public const string OfRecords =
        """
        request_count AS requests, CASE WHEN outcome IN (1, 6) THEN 0 ELSE request_count END AS errors, estimated * request_count AS estimated,
        CASE WHEN price_version = '' AND input + cache_read + cache_write + cache_write_hour + output + reasoning + audio_input + audio_cache_read + audio_output
            + image_input + image_cache_read + image_output > 0 THEN request_count ELSE 0 END AS unpriced,
        input, cache_read, cache_write, cache_write_hour, output, reasoning, audio_input, audio_cache_read, audio_output, image_input, image_cache_read, image_output,
        images, audio_ms, characters, searches, web_searches, duration * request_count AS duration, first_byte * request_count AS first_byte, cost,
        CASE WHEN cache = 1 THEN request_count ELSE 0 END AS cache_exact, CASE WHEN cache = 2 THEN request_count ELSE 0 END AS cache_semantic,
        CASE WHEN cache = 3 THEN request_count ELSE 0 END AS cache_shared, saved, saved_tokens
        """;

    /// <summary>All tokens of a record.</summary>
    public static long Tokens(TokenUsage t)
        => t.Input + t.CacheRead + t.CacheWrite + t.CacheWriteHour + t.Output + t.Reasoning + t.AudioInput + t.AudioCacheRead + t.AudioOutput + t.ImageInput + t.ImageCacheRead + t.ImageOutput;

    /// <summary>True for a request that did not end well through no wish of its caller.</summary>
    public static bool IsError(RequestOutcome outcome) => outcome is not (RequestOutcome.Completed or RequestOutcome.ClientCancelled);

    /// <summary>Requests of the record that used tokens without a known price.</summary>
    public static long UnpricedOf(UsageRecord record) => record.PriceVersion.Length == 0 && Tokens(record.Tokens) > 0 ? record.Count : 0;

    /// <summary>Adds a record.</summary>
    public static void Add(long[] sums, UsageRecord record)
    {
        var t = record.Tokens;
        var u = record.Units;
        ReadOnlySpan<long> values =
        [
            record.Count, IsError(record.Outcome) ? record.Count : 0, record.Estimated ? record.Count : 0, UnpricedOf(record),
            t.Input, t.CacheRead, t.CacheWrite, t.CacheWriteHour, t.Output, t.Reasoning, t.AudioInput, t.AudioCacheRead,
            t.AudioOutput, t.ImageInput, t.ImageCacheRead, t.ImageOutput, u.Images, u.AudioMilliseconds, u.Characters, u.Searches, u.WebSearches,
            record.DurationMicros * record.Count, record.FirstByteMicros * record.Count, record.CostNanoUsd,
            Cached(CacheUse.Exact), Cached(CacheUse.Semantic), Cached(CacheUse.Shared), record.SavedNanoUsd, record.SavedTokens,
        ];
        Add(sums, values);

        long Cached(CacheUse use) => record.Cache == use ? record.Count : 0;
    }

    /// <summary>Adds other sums.</summary>
    public static void Add(long[] sums, ReadOnlySpan<long> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            sums[i] += values[i];
        }
    }
}
