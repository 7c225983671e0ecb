using System.Globalization;
using Gateway.Contracts.Usage;
using Gateway.Governance.Api;
using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Records;

namespace Gateway.Governance.Usage;

/// <summary>Reads the parameters of a query, each at most once but lists; unknown ones are errors that name the legal ones.</summary>
internal sealed class QueryReader(IQueryCollection query)
{
    private readonly List<string> _legal = [];

    /// <summary>Reads a cursor.</summary>
    public delegate bool TryRead<TPlace>(string cursor, out TPlace place);

    public FieldErrors Errors { get; } = new();

    /// <summary>A text, or null.</summary>
    public string? Text(string name)
    {
        _legal.Add(name);
        var values = query[name];
        if (values.Count > 1)
        {
            Errors.Add(name, "is there more than once.");
        }

        return values.Count == 0 ? null : values[0] ?? "";
    }

    /// <summary>Several texts, separated by commas or repeated.</summary>
    public IReadOnlyList<string> Texts(string name)
    {
        _legal.Add(name);
        return [.. query[name].SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Distinct()];
    }

    /// <summary>Several texts as they are, repeated: they may hold commas.</summary>
    public IReadOnlyList<string> Values(string name, int most)
    {
        _legal.Add(name);
        var values = query[name].Select(v => UsageText.Clean(v ?? "")).Distinct(StringComparer.Ordinal).ToList();
        if (values.Count > most)
        {
            Errors.Add(name, $"has more than {most} values.");
        }

        return values;
    }

    /// <summary>One of some values, or the first of them.</summary>
    public T Choice<T>(string name, params IReadOnlyList<(string Name, T Value)> choices)
    {
        var text = Text(name);
        if (text is null)
        {
            return choices[0].Value;
        }

        foreach (var choice in choices)
        {
            if (choice.Name == text)
            {
                return choice.Value;
            }
        }

        Errors.Add(name, $"'{text}' is unknown. Legal values: {string.Join(", ", choices.Select(c => c.Name))}.");
        return choices[0].Value;
    }

    /// <summary>A whole number, or null.</summary>
    public long? Number(string name, long least, long most)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
        {
            return value;
        }

        Errors.Add(name, $"must be a whole number from {least} to {most}.");
        return null;
    }

    /// <summary>An amount of US dollars as nano-dollars, or null.</summary>
    public long? Usd(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var usd) && usd <= 1_000_000)
        {
            return (long)Math.Ceiling(usd * 1_000_000_000m);
        }

        Errors.Add(name, "must be an amount of US dollars, 0 to 1,000,000.");
        return null;
    }

    /// <summary>An instant, or null.</summary>
    public DateTimeOffset? Instant(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var value))
        {
            return value.ToUniversalTime();
        }

        Errors.Add(name, "must be an instant like 2026-01-31T12:00:00Z.");
        return null;
    }

    /// <summary>A yes or no; no by default.</summary>
    public bool Flag(string name) => Choice(name, ("false", false), ("true", true));

    /// <summary>Which page is asked for; read after all else.</summary>
    public (int Limit, TPlace? After) Page<TPlace>(TryRead<TPlace> tryRead)
        where TPlace : struct
    {
        var limit = (int?)Number("limit", 1, ResourceEndpoints.MostItems) ?? ResourceEndpoints.DefaultLimit;
        var after = Text("after");
        Close();
        if (after is null)
        {
            return (limit, null);
        }

        if (!tryRead(after, out var place))
        {
            Errors.Add("after", "is no cursor: pass the next of the page before.");
        }

        return (limit, place);
    }

    /// <summary>The filters of records.</summary>
    public UsageRecordFilter Filter(DateTimeOffset? from, DateTimeOffset? to) => new()
    {
        Key = Text("key"),
        Model = Text("model"),
        Team = Text("team"),
        Customer = Text("customer"),
        User = Text("user"),
        EndUser = Text("endUser"),
        Session = Text("session"),
        Trace = Text("trace"),
        Provider = Text("provider"),
        Route = Text("route"),
        Tag = Text("tag"),
        Status = (int?)Number("status", 0, 999),
        Failed = Flag("failed"),
        Cache = Choice("cache", [("any", (CacheUse?)null), ("none", CacheUse.None), ("exact", CacheUse.Exact), ("semantic", CacheUse.Semantic), ("shared", CacheUse.Shared)]),
        MinCostNanoUsd = Usd("minCostUsd"),
        MaxCostNanoUsd = Usd("maxCostUsd"),
        MinDurationMicros = Number("minDurationMs", 0, 3_600_000_000) * 1000,
        MaxDurationMicros = Number("maxDurationMs", 0, 3_600_000_000) * 1000,
        From = from,
        To = to,
    };

    /// <summary>Start and end of a range; null where they are not given.</summary>
    public (DateTimeOffset? From, DateTimeOffset? To) Range()
    {
        var (from, to) = (Instant("from"), Instant("to"));
        if (from < DateTimeOffset.UnixEpoch)
        {
            Errors.Add("from", "must be 1970-01-01T00:00:00Z or later.");
        }

        if (to < (from ?? DateTimeOffset.UnixEpoch))
        {
            Errors.Add("to", "must not be before from.");
        }

        return (from, to);
    }

    /// <summary>An IANA time zone; UTC by default.</summary>
    public TimeZoneInfo TimeZone(string name)
    {
        if (Text(name) is not { } text)
        {
            return TimeZoneInfo.Utc;
        }

        if (TimeZoneInfo.TryFindSystemTimeZoneById(text, out var zone))
        {
            return zone;
        }

        Errors.Add(name, $"'{text}' is no time zone; name one like Europe/Berlin.");
        return TimeZoneInfo.Utc;
    }

    /// <summary>Dimensions, and one value for each that the question is limited to.</summary>
    public (IReadOnlyList<UsageDimension> GroupBy, IReadOnlyDictionary<UsageDimension, string> Filters) Dimensions(IReadOnlyDictionary<string, UsageDimension> known)
    {
        var groupBy = Texts("groupBy");
        foreach (var unknown in groupBy.Where(d => !known.ContainsKey(d)))
        {
            Errors.Add("groupBy", $"'{unknown}' is unknown. Legal values: {string.Join(", ", known.Keys)}.");
        }

        var filters = known.Select(d => (d.Value, Text: Text(d.Key))).Where(f => f.Text is not null).ToDictionary(f => f.Value, f => UsageText.Clean(f.Text!));
        return ([.. groupBy.Where(known.ContainsKey).Select(d => known[d])], filters);
    }

    /// <summary>To be called last: what was not asked for is unknown.</summary>
    public void Close()
    {
        foreach (var name in query.Keys.Where(k => !_legal.Contains(k, StringComparer.OrdinalIgnoreCase)))
        {
            Errors.Add(name, $"is unknown. Legal parameters: {string.Join(", ", _legal)}.");
        }
    }
}
