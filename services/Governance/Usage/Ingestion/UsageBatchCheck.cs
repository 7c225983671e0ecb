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
        Require(Enum.IsDefined(record.Operation), "operation", $"must be one of {string.Join(", ", Enum.GetNames<Operation>())}.");
        Require(Enum.IsDefined(record.Outcome), "outcome", $"must be one of {string.Join(", ", Enum.GetNames<RequestOutcome>())}.");
        Require(record.Status is >= 0 and <= 999, "status", "must be an HTTP status.");
        Require(record.Attempts is >= 0 and <= 1000, "attempts", "must be 0 to 1,000.");
        Require(record.CostNanoUsd is >= 0 and <= MostNanoUsd, "costNanoUsd", $"must be 0 to {MostNanoUsd}.");
        foreach (var (name, text) in ((string, string)[])
            [("keyId", record.KeyId), ("teamId", record.TeamId), ("providerId", record.ProviderId), ("errorCode", record.ErrorCode), ("priceVersion", record.PriceVersion),
                ("userId", record.UserId), ("customerId", record.CustomerId), ("credentialId", record.CredentialId), ("sessionId", record.SessionId)])
        {
            Require(text.Length <= IdLength, name, $"must have at most {IdLength} characters.");
        }

        var t = record.Tokens;
        foreach (var (name, count) in ((string, long)[])
            [("input", t.Input), ("cacheRead", t.CacheRead), ("cacheWrite", t.CacheWrite), ("output", t.Output), ("reasoning", t.Reasoning), ("audioInput", t.AudioInput), ("audioOutput", t.AudioOutput),
                ("cacheWriteHour", t.CacheWriteHour), ("imageInput", t.ImageInput), ("imageCacheRead", t.ImageCacheRead), ("imageOutput", t.ImageOutput), ("audioCacheRead", t.AudioCacheRead)])
        {
            Require(count is >= 0 and <= MostTokens, $"tokens.{name}", $"must be 0 to {MostTokens}.");
        }

        var u = record.Units;
        foreach (var (name, count) in ((string, long)[])
            [("images", u.Images), ("pixels", u.Pixels), ("audioMilliseconds", u.AudioMilliseconds), ("characters", u.Characters), ("searches", u.Searches), ("webSearches", u.WebSearches)])
        {
            Require(count is >= 0 and <= MostTokens, $"units.{name}", $"must be 0 to {MostTokens}.");
        }

        Require(record.EndUser.Length <= EndUserLength, "endUser", $"must have at most {EndUserLength} characters.");
        Require(record.Epoch is >= 0 and < MostMicros, "epoch", "must be microseconds since 1970-01-01 UTC, before the year 3000.");
        Require(record.TraceId.Length == 0 || (record.TraceId.Length == 32 && record.TraceId.AsSpan().IndexOfAnyExcept(Hex) < 0), "traceId", "must be 32 lower-case hex digits.");
        Require(Enum.IsDefined(record.Tier), "tier", $"must be one of {string.Join(", ", Enum.GetNames<ServiceTier>())}.");
        Require(record.Count is >= 1 and <= MostRequests, "count", $"must be 1 to {MostRequests}.");
        Require(record.Tags.Count <= MostItems, "tags", $"must have at most {MostItems} items.");
        Require(record.Budgets.Count <= MostItems, "budgets", $"must have at most {MostItems} items.");

        void Require(bool good, string field, string message)
        {
            if (!good)
            {
                errors.Add($"records[{index}].{field}", message);
            }
        }
    }
}
