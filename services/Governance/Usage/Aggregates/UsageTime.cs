namespace Gateway.Governance.Usage.Aggregates;

/// <summary>Hours and days of aggregates: in UTC, named by their start in microseconds since 1970-01-01.</summary>
internal static class UsageTime
{
    public const long Hour = 3_600_000_000;

    public const long Day = 24 * Hour;

    public static long Floor(long micros, long unit) => micros - (((micros % unit) + unit) % unit);

    public static long Ceiling(long micros, long unit) => Floor(micros + unit - 1, unit);

    /// <summary>Microseconds since 1970-01-01 UTC.</summary>
    public static long Micros(DateTimeOffset instant) => (instant.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset Instant(long micros) => DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);
}
