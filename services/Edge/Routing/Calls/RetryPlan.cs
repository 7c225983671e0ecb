using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Routing.Calls;

/// <summary>How long to wait before the same deployment is asked again.</summary>
internal static class RetryPlan
{
    /// <summary>The wait before retry <paramref name="retry"/> (from 0), or null when there is none: the retries are used up, or the provider asks for longer.</summary>
    /// <param name="settings">The route's settings.</param>
    /// <param name="retry">Retries made so far.</param>
    /// <param name="asked">What the provider asks for, or null.</param>
    /// <param name="draw">A number of 0 or more and below 1.</param>
    public static TimeSpan? Wait(RetryEntry settings, int retry, TimeSpan? asked, double draw)
    {
        if (retry >= settings.Count || asked?.TotalMilliseconds > settings.MaxMs)
        {
            return null;
        }

        // Full jitter: callers that failed together must not come back together.
        var bound = Math.Min(settings.MaxMs, settings.BaseMs * Math.Pow(2, retry));
        return (asked ?? TimeSpan.Zero) + TimeSpan.FromMilliseconds(asked is null ? bound * draw : Math.Min(settings.BaseMs, settings.MaxMs - asked.Value.TotalMilliseconds) * draw);
    }
}
