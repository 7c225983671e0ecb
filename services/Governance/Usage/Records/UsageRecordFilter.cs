using Gateway.Contracts.Usage;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Partitions;

namespace Gateway.Governance.Usage.Records;

/// <summary>Which records are wanted; null for any.</summary>
internal sealed record UsageRecordFilter
{
    public string? Key { get; init; }

    public string? Model { get; init; }

    public string? Team { get; init; }

    public string? Customer { get; init; }

    public string? User { get; init; }

    public string? EndUser { get; init; }

    public string? Session { get; init; }

    public string? Trace { get; init; }

    public string? Provider { get; init; }

    public string? Route { get; init; }

    public string? Tag { get; init; }

    public int? Status { get; init; }

    /// <summary>Only those with a status of 400 or more.</summary>
    public bool Failed { get; init; }

    /// <summary>Where the answer came from.</summary>
    public CacheUse? Cache { get; init; }

    public long? MinCostNanoUsd { get; init; }

    public long? MaxCostNanoUsd { get; init; }

    public long? MinDurationMicros { get; init; }

    public long? MaxDurationMicros { get; init; }

    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? To { get; init; }

    /// <summary>Conditions that an index answers, at most one of them; with <see cref="Checked"/> they are all.</summary>
    public IReadOnlyList<string> Indexed
    {
        get
        {
            var equal = Equal().Where(e => e.Value is not null).Select(e => e.Column).ToHashSet(StringComparer.Ordinal);

            // The most telling one first.
            foreach (var column in (string[])["trace_id", "session_id", "end_user", "user_id", "key_id", "customer_id", "team_id", "model"])
            {
                if (equal.Contains(column))
                {
                    return RecordColumns.Indexed.Single(i => i.Column == column).IsPartial ? [$"{column} = @{column}", $"{column} <> ''"] : [$"{column} = @{column}"];
                }
            }

            return Failed || Status >= 400 ? [RecordColumns.Failed] : [];
        }
    }

    /// <summary>Conditions that each record is looked at for.</summary>
    public IReadOnlyList<string> Checked(SqlDialect dialect)
    {
        var conditions = Equal().Where(e => e.Value is not null).Select(e => $"{e.Column} = @{e.Column}").ToList();
        Only(Tag is not null, dialect.ContainsSql("tags", "@tag"));
        Only(Status is not null, "status = @status");
        Only(Failed, RecordColumns.Failed);
        Only(Cache is not null, "cache = @cache");
        Only(MinCostNanoUsd is not null, "cost >= @minCost");
        Only(MaxCostNanoUsd is not null, "cost <= @maxCost");
        Only(MinDurationMicros is not null, "duration >= @minDuration");
        Only(MaxDurationMicros is not null, "duration <= @maxDuration");
        var indexed = Indexed;
        return [.. conditions.Except(indexed)];

        void Only(bool wanted, string condition)
        {
            if (wanted)
            {
                conditions.Add(condition);
            }
        }
    }

    /// <summary>Conditions on the time.</summary>
    public IReadOnlyList<string> Times => [.. From is null ? (string[])[] : ["started_at >= @from"], .. To is null ? (string[])[] : ["started_at < @to"]];

    /// <summary>Whether a month can have any.</summary>
    public bool Touches(UsageMonth month)
        => (From is null || UsageTime.Micros(From.Value) < month.Past) && (To is null || UsageTime.Micros(To.Value) > month.First);

    /// <summary>Values by the names that the conditions have for them.</summary>
    public Dictionary<string, object?> Parameters()
    {
        var values = Equal().Where(e => e.Value is not null).ToDictionary(e => e.Column, e => (object?)UsageText.Clean(e.Value!), StringComparer.Ordinal);
        values["tag"] = Tag is null ? null : UsageText.List([Tag]);
        values["status"] = Status;
        values["cache"] = (int?)Cache;
        values["minCost"] = MinCostNanoUsd;
        values["maxCost"] = MaxCostNanoUsd;
        values["minDuration"] = MinDurationMicros;
        values["maxDuration"] = MaxDurationMicros;
        values["from"] = From is { } from ? UsageTime.Micros(from) : 0;
        values["to"] = To is { } to ? UsageTime.Micros(to) : 0;
        return values.Where(v => v.Value is not null).ToDictionary(StringComparer.Ordinal);
    }

    private (string Column, string? Value)[] Equal() =>
    [
        ("key_id", Key), ("model", Model), ("team_id", Team), ("customer_id", Customer), ("user_id", User), ("end_user", EndUser), ("session_id", Session), ("trace_id", Trace),
        ("provider_id", Provider), ("route", Route),
    ];
}
