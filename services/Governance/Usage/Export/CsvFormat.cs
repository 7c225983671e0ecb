using System.Text;

namespace Gateway.Governance.Usage.Export;

/// <summary>A row for each record, with everything it says.</summary>
internal sealed class CsvFormat : IUsageFormat
{
    private static readonly string[] Columns =
    [
        "id", "startedAt", "durationMicros", "firstByteMicros", "edge", "key", "team", "user", "customer", "endUser", "tags", "budgets", "operation", "model", "route", "deployment",
        "provider", "credential", "tier", "status", "outcome", "errorCode", "stream", "attempts", "count", "input", "cacheRead", "cacheWrite", "cacheWriteHour", "output", "reasoning",
        "audioInput", "audioCacheRead", "audioOutput", "imageInput", "imageCacheRead", "imageOutput", "images", "pixels", "audioMilliseconds", "characters", "searches", "webSearches",
        "estimated", "continued", "costUsd", "costNanoUsd", "priceVersion", "session", "traceId", "cache", "savedUsd", "savedNanoUsd", "savedTokens",
    ];

    public string ContentType => "text/csv; charset=utf-8";

    public string Extension => "csv";

    public void Begin(StringBuilder to) => new CsvWriter(to).Header(Columns);

    public void Write(StringBuilder to, UsageRecordView record)
    {
        var t = record.Tokens;
        var u = record.Units;
        var row = new CsvWriter(to);
        row.Text(record.Id).Instant(record.StartedAt).Number(record.DurationMicros).Number(record.FirstByteMicros).Text(record.Edge).Text(record.Key).Text(record.Team)
            .Text(record.User).Text(record.Customer).Text(record.EndUser).Text(string.Join(' ', record.Tags)).Text(string.Join(' ', record.Budgets)).Text(record.Operation.ToString())
            .Text(record.Model).Text(record.Route).Text(record.Deployment).Text(record.Provider).Text(record.Credential).Text(record.Tier.ToString()).Number(record.Status)
            .Text(record.Outcome.ToString()).Text(record.ErrorCode).Flag(record.Stream).Number(record.Attempts).Number(record.Count)
            .Number(t.Input).Number(t.CacheRead).Number(t.CacheWrite).Number(t.CacheWriteHour).Number(t.Output).Number(t.Reasoning).Number(t.AudioInput).Number(t.AudioCacheRead)
            .Number(t.AudioOutput).Number(t.ImageInput).Number(t.ImageCacheRead).Number(t.ImageOutput).Number(u.Images).Number(u.Pixels).Number(u.AudioMilliseconds)
            .Number(u.Characters).Number(u.Searches).Number(u.WebSearches).Flag(record.Estimated).Flag(record.Continued).Usd(record.CostNanoUsd).Number(record.CostNanoUsd)
            .Text(record.PriceVersion).Text(record.Session).Text(record.TraceId).Text(record.Cache.ToString()).Usd(record.SavedNanoUsd).Number(record.SavedNanoUsd).Number(record.SavedTokens);
        row.End();
    }
}
