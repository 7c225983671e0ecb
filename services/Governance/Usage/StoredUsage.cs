using Gateway.Contracts.Usage;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Usage;

/// <summary>A usage record and the edge it came from, as the table <c>usage_records</c> takes it.</summary>
internal sealed record StoredUsage(string EdgeId, UsageRecord Record)
{
    /// <summary>Columns of <c>usage_records</c>; written to the table of a month.</summary>
    public static BulkTable<StoredUsage> Table { get; } = new(
        "usage_records",
        ["id"],
        [
            BulkColumn<StoredUsage>.Of("id", r => r.Record.Id),
            BulkColumn<StoredUsage>.Of("edge_id", r => UsageText.Clean(r.EdgeId)),
            BulkColumn<StoredUsage>.Of("started_at", r => r.Record.StartedAtMicros),
            BulkColumn<StoredUsage>.Of("duration", r => r.Record.DurationMicros),
            BulkColumn<StoredUsage>.Of("first_byte", r => r.Record.FirstByteMicros),
            BulkColumn<StoredUsage>.Of("key_id", r => UsageText.Clean(r.Record.KeyId)),
            BulkColumn<StoredUsage>.Of("team_id", r => UsageText.Clean(r.Record.TeamId)),
            BulkColumn<StoredUsage>.Of("operation", r => (long)r.Record.Operation),
            BulkColumn<StoredUsage>.Of("model", r => UsageText.Clean(r.Record.Model)),
            BulkColumn<StoredUsage>.Of("deployment_id", r => UsageText.Clean(r.Record.DeploymentId)),
            BulkColumn<StoredUsage>.Of("provider_id", r => UsageText.Clean(r.Record.ProviderId)),
            BulkColumn<StoredUsage>.Of("status", r => r.Record.Status),
            BulkColumn<StoredUsage>.Of("outcome", r => (long)r.Record.Outcome),
            BulkColumn<StoredUsage>.Of("error_code", r => UsageText.Clean(r.Record.ErrorCode)),
            BulkColumn<StoredUsage>.Of("stream", r => r.Record.Stream ? 1 : 0),
            BulkColumn<StoredUsage>.Of("attempts", r => r.Record.Attempts),
            BulkColumn<StoredUsage>.Of("input", r => r.Record.Tokens.Input),
            BulkColumn<StoredUsage>.Of("cache_read", r => r.Record.Tokens.CacheRead),
            BulkColumn<StoredUsage>.Of("cache_write", r => r.Record.Tokens.CacheWrite),
            BulkColumn<StoredUsage>.Of("output", r => r.Record.Tokens.Output),
            BulkColumn<StoredUsage>.Of("reasoning", r => r.Record.Tokens.Reasoning),
            BulkColumn<StoredUsage>.Of("audio_input", r => r.Record.Tokens.AudioInput),
            BulkColumn<StoredUsage>.Of("audio_output", r => r.Record.Tokens.AudioOutput),
            BulkColumn<StoredUsage>.Of("estimated", r => r.Record.Estimated ? 1 : 0),
            BulkColumn<StoredUsage>.Of("cost", r => r.Record.CostNanoUsd),
            BulkColumn<StoredUsage>.Of("price_version", r => UsageText.Clean(r.Record.PriceVersion)),
            BulkColumn<StoredUsage>.Of("user_id", r => UsageText.Clean(r.Record.UserId)),
            BulkColumn<StoredUsage>.Of("customer_id", r => UsageText.Clean(r.Record.CustomerId)),
            BulkColumn<StoredUsage>.Of("end_user", r => UsageText.Clean(r.Record.EndUser)),
            BulkColumn<StoredUsage>.Of("tags", r => UsageText.List(r.Record.Tags)),
            BulkColumn<StoredUsage>.Of("budgets", r => UsageText.List(r.Record.Budgets)),
            BulkColumn<StoredUsage>.Of("epoch", r => r.Record.Epoch),
            BulkColumn<StoredUsage>.Of("route", r => UsageText.Clean(r.Record.Route)),
            BulkColumn<StoredUsage>.Of("credential_id", r => UsageText.Clean(r.Record.CredentialId)),
            BulkColumn<StoredUsage>.Of("cache_write_hour", r => r.Record.Tokens.CacheWriteHour),
            BulkColumn<StoredUsage>.Of("image_input", r => r.Record.Tokens.ImageInput),
            BulkColumn<StoredUsage>.Of("image_cache_read", r => r.Record.Tokens.ImageCacheRead),
            BulkColumn<StoredUsage>.Of("image_output", r => r.Record.Tokens.ImageOutput),
            BulkColumn<StoredUsage>.Of("audio_cache_read", r => r.Record.Tokens.AudioCacheRead),
            BulkColumn<StoredUsage>.Of("images", r => r.Record.Units.Images),
            BulkColumn<StoredUsage>.Of("pixels", r => r.Record.Units.Pixels),
            BulkColumn<StoredUsage>.Of("image_quality", r => (long)r.Record.Units.ImageQuality),
            BulkColumn<StoredUsage>.Of("audio_ms", r => r.Record.Units.AudioMilliseconds),
            BulkColumn<StoredUsage>.Of("characters", r => r.Record.Units.Characters),
            BulkColumn<StoredUsage>.Of("searches", r => r.Record.Units.Searches),
            BulkColumn<StoredUsage>.Of("web_searches", r => r.Record.Units.WebSearches),
            BulkColumn<StoredUsage>.Of("web_search_size", r => (long)r.Record.Units.WebSearchSize),
            BulkColumn<StoredUsage>.Of("tier", r => (long)r.Record.Tier),
            BulkColumn<StoredUsage>.Of("trace_id", r => UsageText.Clean(r.Record.TraceId)),
            BulkColumn<StoredUsage>.Of("session_id", r => UsageText.Clean(r.Record.SessionId)),
            BulkColumn<StoredUsage>.Of("continued", r => r.Record.Continued ? 1 : 0),
            BulkColumn<StoredUsage>.Of("request_count", r => r.Record.Count),
            BulkColumn<StoredUsage>.Of("cache", r => (long)r.Record.Cache),
            BulkColumn<StoredUsage>.Of("saved", r => r.Record.SavedNanoUsd),
            BulkColumn<StoredUsage>.Of("saved_tokens", r => r.Record.SavedTokens),
        ],
        "NOTHING",
        r => r.Record.Id);
}

/// <summary>Makes texts of callers storable.</summary>
internal static class UsageText
{
    /// <summary>Longest text kept. Ids are shorter by validation, so only a model name ever reaches it and an index entry of Postgres (2,704 bytes) holds all.</summary>
    public const int Most = 256;

    /// <summary>Items of a list as the ledger keeps them: a space before and after each, so that one is found as <c>% item %</c>.</summary>
    public static string List(IReadOnlyList<string> items) => items.Count == 0 ? "" : $" {string.Join(' ', items.Select(Item))} ";

    /// <summary>One item of a list.</summary>
    public static string Item(string item) => Clean(item).Replace(' ', '_');

    /// <summary>
    /// The text without what a database refuses (NUL, lone surrogates) and other control characters. Cleaned rather than refused:
    /// the record is a fact that must be counted, whatever a caller wrote as its model.
    /// </summary>
    public static string Clean(string text)
    {
        if (text.Length <= Most && text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0)
        {
            return text;
        }

        var kept = text.Length <= Most ? text : text[..Most];
        return string.Create(kept.Length, kept, static (span, source) =>
        {
            for (var i = 0; i < source.Length; i++)
            {
                var c = source[i];
                var isPair = (char.IsHighSurrogate(c) && i + 1 < source.Length && char.IsLowSurrogate(source[i + 1]))
                    || (char.IsLowSurrogate(c) && i > 0 && char.IsHighSurrogate(source[i - 1]));
                span[i] = char.IsControl(c) || (char.IsSurrogate(c) && !isPair) ? '\uFFFD' : c;
            }
        });
    }
}
