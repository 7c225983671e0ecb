using System.Globalization;
using Gateway.Governance.Usage.Partitions;

namespace Gateway.Governance.RequestLog.Storage;

/// <summary>Where an entry lies: its time, and a few bits of its id below, so that one number orders entries and finds one.</summary>
internal static class LogPlace
{
    private const int Below = 10;

    /// <summary>Times must lie before this one, in the year 2255.</summary>
    public const long MostMicros = 1L << (63 - Below);

    /// <summary>The place that an entry is to have; where it is taken, the next one that is free.</summary>
    public static long Of(long startedAt, string id) => First(startedAt) | (long)(ulong.Parse(id.AsSpan(id.Length - 3), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) & 0x3FF);

    /// <summary>The first place of an instant.</summary>
    public static long First(long micros) => micros << Below;

    public static long Micros(long place) => place >> Below;

    public static UsageMonth Month(long place) => UsageMonth.Of(Micros(place));
}
