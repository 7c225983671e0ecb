using Gateway.Contracts.Configuration;

namespace Gateway.Governance.Alerts;

/// <summary>When spend is far above the usual.</summary>
internal static class SpendRule
{
    /// <summary>The subject of what the whole gateway spends.</summary>
    public const string All = "all";

    /// <summary>Days that are the usual.</summary>
    public const int Days = 7;

    /// <summary>Hours of them.</summary>
    public const int Hours = Days * 24;

    /// <summary>True when an hour's spend is an anomaly. Where nothing was spent before there is no usual, and nothing is said.</summary>
    public static bool IsAnomaly(AlertSettings settings, long spent, long mean) =>
        settings.SpendFactor > 0 && mean > 0 && spent >= settings.SpendMinimumNanoUsd && spent >= mean * settings.SpendFactor;
}
