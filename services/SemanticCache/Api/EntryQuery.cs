using System.Globalization;
using Gateway.SemanticCache.Storing;

namespace Gateway.SemanticCache.Api;

/// <summary>The query of <c>/v1/entries</c>, read strictly: an unknown name is refused, since a filter that is passed over deletes too much.</summary>
internal sealed record EntryQuery
{
    private static readonly string[] Filters = ["partition", "scope", "key", "team", "customer", "route", "model", "tag", "answer", "olderThanSeconds"];

    public required EntryFilter Filter { get; init; }

    public string? Text { get; init; }

    public string? After { get; init; }

    public int Limit { get; init; } = 50;

    public bool All { get; init; }

    public static (EntryQuery? Query, string? Fault) Read(IQueryCollection query, bool deleting, DateTimeOffset now)
    {
        string[] legal = deleting ? [.. Filters, "all"] : [.. Filters, "text", "after", "limit"];
        foreach (var (name, values) in query)
        {
            if (!legal.Contains(name, StringComparer.Ordinal))
            {
                return (null, $"The query has '{name}'; it may have {string.Join(", ", legal)}.");
            }

            if (values.Count != 1 || string.IsNullOrEmpty(values[0]))
            {
                return (null, $"The query's '{name}' must be there once, with a value.");
            }
        }

        long? until = null;
        if (Value("olderThanSeconds") is { } age)
        {
            if (!long.TryParse(age, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > RequestCheck.MaxSeconds)
            {
                return (null, $"The query's 'olderThanSeconds' must be a whole number from 0 to {RequestCheck.MaxSeconds}.");
            }

            until = now.ToUnixTimeSeconds() - seconds;
        }

        if (Value("answer") is { } answer && RequestCheck.Hash(answer, "The query's 'answer'") is { } wrong)
        {
            return (null, wrong);
        }

        var limit = 50;
        if (Value("limit") is { } text && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > 200))
        {
            return (null, "The query's 'limit' must be a whole number from 1 to 200.");
        }

        var filter = new EntryFilter
        {
            Partition = Value("partition"),
            Scope = Value("scope"),
            Key = Value("key"),
            Team = Value("team"),
            Customer = Value("customer"),
            Route = Value("route"),
            Model = Value("model"),
            Tag = Value("tag"),
            Answer = Value("answer"),
            StoredUntil = until,
        };
        var all = Value("all") == "true";
        return deleting && filter.IsEmpty != all
            ? (null, all ? "The query has 'all=true' and a filter; it must have one of them." : "The query must have a filter, or 'all=true' for every entry.")
            : (new EntryQuery { Filter = filter, Text = Value("text"), After = Value("after"), Limit = limit, All = all }, null);

        string? Value(string name) => query.TryGetValue(name, out var values) ? values[0] : null;
    }
}
