using System.Globalization;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Usage.Aggregates;

/// <summary>What a row of the cube is of. All but the model and the time are ids of configured things, so their number is bounded by the configuration.</summary>
internal readonly record struct CubeKey(long Start, string KeyId, string TeamId, string CustomerId, string UserId, string Model, string Route, string ProviderId);

/// <summary>Sums by all dimensions together: a row of <c>usage_cube_hour</c>, <c>usage_cube_day</c> or <c>usage_cube_month</c>.</summary>
internal sealed class CubeRow(CubeKey key)
{
    /// <summary>Columns of the dimensions.</summary>
    public static IReadOnlyList<string> Dimensions { get; } = ["key_id", "team_id", "customer_id", "user_id", "model", "route", "provider_id"];

    public static BulkTable<CubeRow> Hourly { get; } = TableOf("usage_cube_hour");

    public static BulkTable<CubeRow> Daily { get; } = TableOf("usage_cube_day");

    public static BulkTable<CubeRow> Monthly { get; } = TableOf("usage_cube_month");

    public CubeKey Key => key;

    public long[] Sums { get; } = new long[UsageSums.Columns.Count];

    /// <summary>How long requests took. Of hours that records are added to; rows of days and months have none.</summary>
    public LatencyCounts Latencies { get; } = new();

    private static BulkTable<CubeRow> TableOf(string name) => new(
        name,
        ["start", .. Dimensions],
        [
            BulkColumn<CubeRow>.Of("start", r => r.Key.Start),
            BulkColumn<CubeRow>.Of("key_id", r => r.Key.KeyId),
            BulkColumn<CubeRow>.Of("team_id", r => r.Key.TeamId),
            BulkColumn<CubeRow>.Of("customer_id", r => r.Key.CustomerId),
            BulkColumn<CubeRow>.Of("user_id", r => r.Key.UserId),
            BulkColumn<CubeRow>.Of("model", r => r.Key.Model),
            BulkColumn<CubeRow>.Of("route", r => r.Key.Route),
            BulkColumn<CubeRow>.Of("provider_id", r => r.Key.ProviderId),
            .. UsageSums.Columns.Select((column, i) => BulkColumn<CubeRow>.Of(column, r => r.Sums[i])),
        ],
        UsageSums.AddTo(name),
        r => r.Key.Start.ToString(CultureInfo.InvariantCulture));
}

/// <summary>What a row of one dimension is of.</summary>
internal readonly record struct DimensionKey(UsageDimension Dimension, long Start, string Value);

/// <summary>Sums by one dimension: a row of <c>usage_by_hour</c>, <c>usage_by_day</c> or <c>usage_by_month</c>.</summary>
internal sealed class DimensionRow(DimensionKey key)
{
    public static BulkTable<DimensionRow> Hourly { get; } = TableOf("usage_by_hour");

    public static BulkTable<DimensionRow> Daily { get; } = TableOf("usage_by_day");

    public static BulkTable<DimensionRow> Monthly { get; } = TableOf("usage_by_month");

    public DimensionKey Key => key;

    public long[] Sums { get; } = new long[UsageSums.Columns.Count];

    private static BulkTable<DimensionRow> TableOf(string name) => new(
        name,
        ["dimension", "start", "value"],
        [
            BulkColumn<DimensionRow>.Of("dimension", r => (long)r.Key.Dimension),
            BulkColumn<DimensionRow>.Of("start", r => r.Key.Start),
            BulkColumn<DimensionRow>.Of("value", r => r.Key.Value),
            .. UsageSums.Columns.Select((column, i) => BulkColumn<DimensionRow>.Of(column, r => r.Sums[i])),
        ],
        UsageSums.AddTo(name),
        r => ((int)r.Key.Dimension).ToString(CultureInfo.InvariantCulture));
}
