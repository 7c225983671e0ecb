using System.Buffers;
using Gateway.Contracts.Usage;
using Gateway.Governance.Api;

namespace Gateway.Governance.Usage.Ingestion;

/// <summary>What a batch must look like. A batch with one wrong record is refused whole: its edge has a fault to mend.</summary>
internal static class UsageBatchCheck
{
    public const int MostRecords = 5_000;
    private const int IdLength = 128;
    private const long MostMicros = 32_503_680_000_000_000;
    private const long MostTokens = 1_000_000_000_000;
    private const int EndUserLength = 256;
    private const int MostItems = 512;
    private const int MostRequests = 1_000_000;
    private const long MostDuration = 31L * 24 * 3600 * 1_000_000;
    private const long MostNanoUsd = 1_000_000_000_000_000;
    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");

    // Made once: every record of every batch is held against them, and nearly all are good.
    private static readonly string LongText = $"must have at most {IdLength} characters.";
    private static readonly string LongEndUser = $"must have at most {EndUserLength} characters.";
    private static readonly string ManyTokens = $"must be 0 to {MostTokens}.";
    private static readonly string ManyRequests = $"must be 1 to {MostRequests}.";
    private static readonly string ManyItems = $"must have at most {MostItems} items.";
    private static readonly string MuchMoney = $"must be 0 to {MostNanoUsd}; below 0 only for batches, which give back what was charged beforehand.";
    private static readonly string Operations = $"must be one of {string.Join(", ", Enum.GetNames<Operation>())}.";
    private static readonly string Outcomes = $"must be one of {string.Join(", ", Enum.GetNames<RequestOutcome>())}.";
    private static readonly string CacheUses = $"must be one of {string.Join(", ", Enum.GetNames<CacheUse>())}.";
    private static readonly string Tiers = $"must be one of {string.Join(", ", Enum.GetNames<ServiceTier>())}.";

    public static FieldErrors Check(UsageBatch batch)
    {
        var errors = new FieldErrors();
        if (batch.EdgeId.Length is 0 or > IdLength)
        {
            errors.Add("edgeId", $"must have 1 to {IdLength} characters.");
        }

        if (batch.Records.Count > MostRecords)
        {
            errors.Add("records", $"has {batch.Records.Count} entries; at most {MostRecords} are taken at once.");
            return errors;
        }

        if (batch.Summed is { } span && (span.Writer.Length != 16 || span.Writer.AsSpan().IndexOfAnyExcept(Hex) >= 0 || span.First < 0 || span.Last < span.First))
        {
            errors.Add("summed", "must have a writer of 16 hex digits, and a last place not before the first.");
        }

        for (var i = 0; i < batch.Records.Count; i++)
        {
            Check(batch.Records[i], i, errors);
        }

        return errors;
    }

    private static void Check(UsageRecord record, int index, FieldErrors errors)
    {
        Require(record.Id.Length == 32 && record.Id.AsSpan().IndexOfAnyExcept(Hex) < 0, "id", "must be 32 lower-case hex digits.");
        Require(record.StartedAtMicros is >= 0 and < MostMicros, "startedAtMicros", "must be microseconds since 1970-01-01 UTC, before the year 3000.");
        Require(record.DurationMicros is >= 0 and <= MostDuration, "durationMicros", "must be 0 to 31 days.");
        Require(record.FirstByteMicros is >= 0 and <= MostDuration, "firstByteMicros", "must be 0 to 31 days.");
        Require(Enum.IsDefined(record.Operation), "operation", Operations);
        Require(Enum.IsDefined(record.Outcome), "outcome", Outcomes);
        Require(record.Status is >= 0 and <= 999, "status", "must be an HTTP status.");
        Require(record.Attempts is >= 0 and <= 1000, "attempts", "must be 0 to 1,000.");
        Require(record.CostNanoUsd is >= -MostNanoUsd and <= MostNanoUsd && (record.CostNanoUsd >= 0 || record.Operation == Operation.Batch), "costNanoUsd", MuchMoney);
        foreach (var (name, text) in (ReadOnlySpan<(string, string)>)
            [("keyId", record.KeyId), ("teamId", record.TeamId), ("providerId", record.ProviderId), ("errorCode", record.ErrorCode), ("priceVersion", record.PriceVersion),
                ("userId", record.UserId), ("customerId", record.CustomerId), ("credentialId", record.CredentialId), ("sessionId", record.SessionId)])
        {
            Require(text.Length <= IdLength, name, LongText);
        }

        var t = record.Tokens;
        foreach (var (name, count) in (ReadOnlySpan<(string, long)>)
            [("tokens.input", t.Input), ("tokens.cacheRead", t.CacheRead), ("tokens.cacheWrite", t.CacheWrite), ("tokens.output", t.Output), ("tokens.reasoning", t.Reasoning), ("tokens.audioInput", t.AudioInput), ("tokens.audioOutput", t.AudioOutput),
                ("tokens.cacheWriteHour", t.CacheWriteHour), ("tokens.imageInput", t.ImageInput), ("tokens.imageCacheRead", t.ImageCacheRead), ("tokens.imageOutput", t.ImageOutput), ("tokens.audioCacheRead", t.AudioCacheRead)])
        {
            Require(count is >= 0 and <= MostTokens, name, ManyTokens);
        }

        var u = record.Units;
        foreach (var (name, count) in (ReadOnlySpan<(string, long)>)
            [("units.images", u.Images), ("units.pixels", u.Pixels), ("units.audioMilliseconds", u.AudioMilliseconds), ("units.characters", u.Characters), ("units.searches", u.Searches), ("units.webSearches", u.WebSearches)])
        {
            Require(count is >= 0 and <= MostTokens, name, ManyTokens);
        }

        Require(record.EndUser.Length <= EndUserLength, "endUser", LongEndUser);
        Require(record.Epoch is >= 0 and < MostMicros, "epoch", "must be microseconds since 1970-01-01 UTC, before the year 3000.");
        Require(record.TraceId.Length == 0 || (record.TraceId.Length == 32 && record.TraceId.AsSpan().IndexOfAnyExcept(Hex) < 0), "traceId", "must be 32 lower-case hex digits.");
        Require(Enum.IsDefined(record.Tier), "tier", Tiers);
        Require(Enum.IsDefined(record.Cache), "cache", CacheUses);
        Require(record.SavedNanoUsd is >= 0 and <= MostNanoUsd, "savedNanoUsd", MuchMoney);
        Require(record.SavedTokens is >= 0 and <= MostTokens, "savedTokens", ManyTokens);
        Require(record.Count is >= 1 and <= MostRequests, "count", ManyRequests);
        Require(record.Tags.Count <= MostItems, "tags", ManyItems);
        Require(record.Budgets.Count <= MostItems, "budgets", ManyItems);

        void Require(bool good, string field, string message)
        {
            if (!good)
            {
                errors.Add($"records[{index}].{field}", message);
            }
        }
    }
}
