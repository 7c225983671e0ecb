using Gateway.Contracts.Usage;
using Gateway.Governance.Entries;
using Gateway.Governance.Usage.Aggregates;

namespace Gateway.Governance.Usage.Reports;

/// <summary>Values of a group; null for what it is not grouped by.</summary>
internal sealed record UsageGroupKey(string? Key, string? Model, string? Team, string? Customer, string? User, string? Provider, string? Route, string? Tag)
{
    /// <summary>An order that does not change from question to question; for a single dimension its value.</summary>
    public string Sorted { get; } = string.Join('\n', ((string?[])[Key, Model, Team, Customer, User, Provider, Route, Tag]).Where(v => v is not null));

    public UsageGroup ToGroup(ConfigState names) => new()
    {
        Key = Key,
        KeyName = names.NameOfKey(Key),
        Model = Model,
        Team = Team,
        Customer = Customer,
        User = User,
        Provider = Provider,
        Route = Route,
        Tag = Tag,
        Totals = new UsageTotals { Tokens = new TokenUsage() },
    };
}

/// <summary>Sums of one point and group, as the store gives them.</summary>
internal sealed class UsageRow
{
    private UsageGroupKey? _group;

    public long Point { get; init; }

    public string? ByKey { get; init; }

    public string? ByModel { get; init; }

    public string? ByTeam { get; init; }

    public string? ByCustomer { get; init; }

    public string? ByUser { get; init; }

    public string? ByProvider { get; init; }

    public string? ByRoute { get; init; }

    public string? ByTag { get; init; }

    public long Requests { get; init; }

    public long Errors { get; init; }

    public long Estimated { get; init; }

    public long Unpriced { get; init; }

    public long Input { get; init; }

    public long CacheRead { get; init; }

    public long CacheWrite { get; init; }

    public long CacheWriteHour { get; init; }

    public long Output { get; init; }

    public long Reasoning { get; init; }

    public long AudioInput { get; init; }

    public long AudioCacheRead { get; init; }

    public long AudioOutput { get; init; }

    public long ImageInput { get; init; }

    public long ImageCacheRead { get; init; }

    public long ImageOutput { get; init; }

    public long Images { get; init; }

    public long AudioMs { get; init; }

    public long Characters { get; init; }

    public long Searches { get; init; }

    public long WebSearches { get; init; }

    public long Duration { get; init; }

    public long FirstByte { get; init; }

    public long Cost { get; init; }

    public long CacheExact { get; init; }

    public long CacheSemantic { get; init; }

    public long CacheShared { get; init; }

    public long Saved { get; init; }

    public long SavedTokens { get; init; }

    public UsageGroupKey Group => _group ??= new UsageGroupKey(ByKey, ByModel, ByTeam, ByCustomer, ByUser, ByProvider, ByRoute, ByTag);

    private long CacheHits => CacheExact + CacheSemantic + CacheShared;

    private long TotalTokens => Input + CacheRead + CacheWrite + CacheWriteHour + Output + Reasoning + AudioInput + AudioCacheRead + AudioOutput + ImageInput + ImageCacheRead + ImageOutput;

    /// <summary>Adds rows up.</summary>
    public static UsageTotals Totals(IEnumerable<UsageRow> found)
    {
        var rows = found as IReadOnlyList<UsageRow> ?? [.. found];
        var tokens = new TokenUsage
        {
            Input = rows.Sum(r => r.Input),
            CacheRead = rows.Sum(r => r.CacheRead),
            CacheWrite = rows.Sum(r => r.CacheWrite),
            CacheWriteHour = rows.Sum(r => r.CacheWriteHour),
            Output = rows.Sum(r => r.Output),
            Reasoning = rows.Sum(r => r.Reasoning),
            AudioInput = rows.Sum(r => r.AudioInput),
            AudioCacheRead = rows.Sum(r => r.AudioCacheRead),
            AudioOutput = rows.Sum(r => r.AudioOutput),
            ImageInput = rows.Sum(r => r.ImageInput),
            ImageCacheRead = rows.Sum(r => r.ImageCacheRead),
            ImageOutput = rows.Sum(r => r.ImageOutput),
        };
        var units = new UsageUnitTotals(rows.Sum(r => r.Images), rows.Sum(r => r.AudioMs), rows.Sum(r => r.Characters), rows.Sum(r => r.Searches), rows.Sum(r => r.WebSearches));
        var requests = rows.Sum(r => r.Requests);
        return new UsageTotals
        {
            Requests = requests,
            Errors = rows.Sum(r => r.Errors),
            EstimatedRequests = rows.Sum(r => r.Estimated),
            UnpricedRequests = rows.Sum(r => r.Unpriced),
            Tokens = tokens,
            TotalTokens = UsageSums.Tokens(tokens),
            Units = units == new UsageUnitTotals(0, 0, 0, 0, 0) ? null : units,
            MeanDurationMicros = requests == 0 ? 0 : rows.Sum(r => r.Duration) / requests,
            MeanFirstByteMicros = requests == 0 ? 0 : rows.Sum(r => r.FirstByte) / requests,
            CostNanoUsd = rows.Sum(r => r.Cost),
            Cache = rows.Sum(r => r.CacheHits) == 0
                ? null
                : new UsageCacheTotals
                {
                    Hits = rows.Sum(r => r.CacheHits), Exact = rows.Sum(r => r.CacheExact), Semantic = rows.Sum(r => r.CacheSemantic), Shared = rows.Sum(r => r.CacheShared),
                    SavedNanoUsd = rows.Sum(r => r.Saved), SavedTokens = rows.Sum(r => r.SavedTokens),
                },
        };
    }

    /// <summary>The rows by interval.</summary>
    public static IReadOnlyList<UsagePoint> Series(IEnumerable<UsageRow> rows, IReadOnlyList<long> starts) =>
    [
        .. rows.GroupBy(r => r.Point).OrderBy(g => g.Key).Select(g => new UsagePoint
        {
            Start = UsageTime.Instant(starts[(int)g.Key]),
            Requests = g.Sum(r => r.Requests),
            Errors = g.Sum(r => r.Errors),
            TotalTokens = g.Sum(r => r.TotalTokens),
            CostNanoUsd = g.Sum(r => r.Cost),
            CacheHits = g.Sum(r => r.CacheHits),
            SavedNanoUsd = g.Sum(r => r.Saved),
        }),
    ];
}
