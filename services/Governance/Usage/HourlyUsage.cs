using Gateway.Governance.Usage.Aggregates;

namespace Gateway.Governance.Usage;

/// <summary>Hours as the ledger counts them.</summary>
internal static class HourlyUsage
{
    /// <summary>Microseconds of an hour.</summary>
    public const long HourMicros = UsageTime.Hour;
}
