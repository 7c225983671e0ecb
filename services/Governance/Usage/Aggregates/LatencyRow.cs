using System.Globalization;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Usage.Aggregates;

/// <summary>What a row of a histogram is of.</summary>
internal readonly record struct LatencyKey(UsageDimension Dimension, long Start, string Value, int Bin);

/// <summary>
/// Requests whose duration, and whose wait for the first byte, lies in a bin. Of everything, models and providers a row of <c>usage_latency_hour</c>, <c>_day</c> or <c>_month</c>, which lie by time: reports
/// list them. Of the others, of which there may be very many, a row of <c>usage_latency_of_hour</c> or <c>_day</c>, which lie by value: reports ask for one.
/// </summary>
internal sealed class LatencyRow(LatencyKey key)
{
    /// <summary>Dimensions whose histograms lie by time.</summary>
    public static IReadOnlyList<UsageDimension> ByStart { get; } = [UsageDimension.Total, UsageDimension.Model, UsageDimension.Provider];

    public static BulkTable<LatencyRow> Hourly { get; } = TableOf("usage_latency_hour", "start", "value");

    public static BulkTable<LatencyRow> Daily { get; } = TableOf("usage_latency_day", "start", "value");

    public static BulkTable<LatencyRow> Monthly { get; } = TableOf("usage_latency_month", "start", "value");

    public static BulkTable<LatencyRow> HourlyOf { get; } = TableOf("usage_latency_of_hour", "value", "start");

    public static BulkTable<LatencyRow> DailyOf { get; } = TableOf("usage_latency_of_day", "value", "start");

    public LatencyKey Key => key;

    public long Durations { get; set; }

    public long FirstBytes { get; set; }

    private static BulkTable<LatencyRow> TableOf(string name, string first, string second) => new(
        name,
        ["dimension", first, second, "bin"],
        [
            BulkColumn<LatencyRow>.Of("dimension", r => (long)r.Key.Dimension),
            BulkColumn<LatencyRow>.Of("start", r => r.Key.Start),
            BulkColumn<LatencyRow>.Of("value", r => r.Key.Value),
            BulkColumn<LatencyRow>.Of("bin", r => r.Key.Bin),
            BulkColumn<LatencyRow>.Of("durations", r => r.Durations),
            BulkColumn<LatencyRow>.Of("first_bytes", r => r.FirstBytes),
        ],
        $"UPDATE SET durations = {name}.durations + excluded.durations, first_bytes = {name}.first_bytes + excluded.first_bytes",
        r => ((int)r.Key.Dimension).ToString(CultureInfo.InvariantCulture));
}
