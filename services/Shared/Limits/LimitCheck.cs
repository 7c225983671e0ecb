using Gateway.Contracts.Configuration;

namespace Gateway.Limits;

/// <summary>What a rate limit may say; the same for a file, the admin API and a snapshot.</summary>
public static class LimitCheck
{
    /// <summary>Most of what is limited in a window.</summary>
    public const long MostAmount = 1_000_000_000_000;

    /// <summary>Longest window in seconds.</summary>
    public const int MostWindowSeconds = 86_400;

    /// <summary>Longest wait in milliseconds.</summary>
    public const int MostWaitMs = 60_000;

    /// <summary>Most requests in a queue.</summary>
    public const int MostQueue = 10_000;

    /// <summary>Most counters of one limit.</summary>
    public const int MostCounters = 100_000;

    /// <summary>What is wrong with a limit, by field.</summary>
    public static IEnumerable<(string Field, string Message)> Problems(LimitEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (entry.Amount is < 1 or > MostAmount)
        {
            yield return ("amount", "is 1 to 1,000,000,000,000.");
        }

        if (entry.WindowSeconds is < 1 or > MostWindowSeconds)
        {
            yield return ("windowSeconds", "is 1 to 86,400.");
        }

        if (entry.Burst is < 1 or > MostAmount)
        {
            yield return ("burst", "is 1 to 1,000,000,000,000.");
        }

        if (entry.Metric == LimitMetric.ConcurrentRequests && entry.Burst is not null)
        {
            yield return ("burst", "means nothing for concurrent requests; leave it out.");
        }

        if (entry.NormalPercent is < 1 or > 100)
        {
            yield return ("normalPercent", "is 1 to 100.");
        }

        if (entry.LowPercent is < 1 or > 100 || entry.LowPercent > entry.NormalPercent)
        {
            yield return ("lowPercent", "is 1 to 100 and not above normalPercent.");
        }

        if (entry.MaxWaitMs is < 0 or > MostWaitMs)
        {
            yield return ("maxWaitMs", "is 0 to 60,000.");
        }

        if (entry.MaxQueue is < 1 or > MostQueue)
        {
            yield return ("maxQueue", "is 1 to 10,000.");
        }

        if (entry.MostCounters is < 1 or > MostCounters)
        {
            yield return ("mostCounters", "is 1 to 100,000.");
        }

        if (entry.Each && Members(entry.Scope).All(static m => m.Value is null))
        {
            yield return ("each", "needs a scope: it makes one counter for each value that a member of the scope matches.");
        }

        foreach (var (name, value) in Members(entry.Scope))
        {
            if (value is { Length: 0 or > 256 })
            {
                yield return ("scope." + name, "has 1 to 256 characters.");
            }
        }
    }

    /// <summary>The members of a scope, by the name they have on the wire.</summary>
    public static IEnumerable<(string Name, string? Value)> Members(LimitScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        yield return ("key", scope.Key);
        yield return ("team", scope.Team);
        yield return ("customer", scope.Customer);
        yield return ("user", scope.User);
        yield return ("tag", scope.Tag);
        yield return ("model", scope.Model);
        yield return ("provider", scope.Provider);
        yield return ("endUser", scope.EndUser);
    }

    /// <summary>True for a value that stands for several.</summary>
    public static bool IsPattern(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.EndsWith('*');
    }

    /// <summary>True when a pattern of a scope stands for a value. Nothing stands for an empty value.</summary>
    public static bool Matches(string pattern, string value)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        ArgumentNullException.ThrowIfNull(value);
        return value.Length > 0 && (IsPattern(pattern) ? value.AsSpan().StartsWith(pattern.AsSpan(0, pattern.Length - 1), StringComparison.Ordinal) : pattern == value);
    }
}
