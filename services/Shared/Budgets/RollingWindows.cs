namespace Gateway.Budgets;

/// <summary>How rolling windows are counted: in parts that are numbered from 1970-01-01 UTC.</summary>
public static class RollingWindows
{
    /// <summary>Parts in the length of a window.</summary>
    public const int Parts = 60;

    /// <summary>The part an instant lies in.</summary>
    public static long PartOf(long micros, long partLength) => WindowCalendar.FloorDiv(micros, partLength);

    /// <summary>
    /// From when on a part no longer counts: once no instant of it lies within the window. So up to 61 parts count at a time, and the window errs to the safe side by at
    /// most a sixtieth of its length.
    /// </summary>
    public static long CountsUntil(long part, long partLength) => checked((part + 1 + Parts) * partLength);
}
