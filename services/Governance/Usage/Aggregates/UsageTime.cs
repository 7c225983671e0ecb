namespace Gateway.Governance.Usage.Aggregates;

/// <summary>Hours, days and months of aggregates: in UTC, named by their start in microseconds since 1970-01-01.</summary>
internal static class UsageTime
{
    public const long Minute = 60_000_000;

    public const long Hour = 60 * Minute;

    public const long Day = 24 * Hour;

    public static long Floor(long micros, long unit) => micros - (((micros % unit) + unit) % unit);

    public static long Ceiling(long micros, long unit) => Floor(micros + unit - 1, unit);

    /// <summary>Start of the day.</summary>
    public static long FloorDay(long micros) => Floor(micros, Day);

    /// <summary>Start of the month.</summary>
    public static long FloorMonth(long micros)
        => FloorDay(micros) - ((Instant(micros).Day - 1) * Day);

    /// <summary>Start of the month that begins at or after it; past all time where the calendar ends before one does.</summary>
    public static long CeilingMonth(long micros)
    {
        var (floor, instant) = (FloorMonth(micros), Instant(micros));
        return floor == micros ? micros
            : instant is { Year: 9999, Month: 12 } ? long.MaxValue
            : floor + (DateTime.DaysInMonth(instant.Year, instant.Month) * Day);
    }

    /// <summary>Microseconds since 1970-01-01 UTC.</summary>
    public static long Micros(DateTimeOffset instant) => (instant.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset Instant(long micros) => DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);
}
