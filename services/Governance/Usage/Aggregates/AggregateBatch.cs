using System.Runtime.InteropServices;
using Gateway.Contracts.Usage;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Usage.Aggregates;

/// <summary>
/// What a number of records adds to the aggregates. Each record is looked at once, for the hourly cube; everything else follows from the cube's rows, which are few.
/// </summary>
internal sealed class AggregateBatch
{
    private readonly Dictionary<CubeKey, CubeRow> _cube = [];
    private readonly Dictionary<DimensionKey, DimensionRow> _tags = [];

    /// <summary>True when there is nothing to add.</summary>
    public bool IsEmpty => _cube.Count == 0;

    /// <summary>Adds a record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="names">Gives callers' words the value that they count under.</param>
    public void Add(UsageRecord record, IAggregateNames names)
    {
        var row = Cube(record, names);
        UsageSums.Add(row.Sums, record);
        foreach (var tag in Tags(record))
        {
            UsageSums.Add(TagRow(row.Key.Start, tag, names).Sums, record);
        }

        row.Latencies.Add(LatencyBins.Of(record.DurationMicros), record.Count, 0);
        row.Latencies.Add(LatencyBins.Of(record.FirstByteMicros), 0, record.Count);
    }

    /// <summary>Adds a difference to a record that has been added before.</summary>
    public void Adjust(UsageRecord record, long cost, long unpriced, IAggregateNames names)
    {
        var row = Cube(record, names);
        Apply(row.Sums);
        foreach (var tag in Tags(record))
        {
            Apply(TagRow(row.Key.Start, tag, names).Sums);
        }

        void Apply(long[] sums)
        {
            sums[UsageSums.Cost] += cost;
            sums[UsageSums.Unpriced] += unpriced;
        }
    }

    /// <summary>
    /// Writes it. Rows go in an order that all writers share: two transactions that add to the same rows then never wait for each other in a circle.
    /// </summary>
    public async Task WriteAsync(DbSession session)
    {
        var hours = Ordered(_cube.Values);
        var days = Ordered(Coarser(hours, UsageTime.FloorDay));
        await session.BulkInsertAsync(CubeRow.Hourly, hours).ConfigureAwait(false);
        await session.BulkInsertAsync(CubeRow.Daily, days).ConfigureAwait(false);
        await session.BulkInsertAsync(CubeRow.Monthly, Ordered(Coarser(days, UsageTime.FloorMonth))).ConfigureAwait(false);

        var dimensionHours = Ordered(ByDimension());
        var dimensionDays = Ordered(Coarser(dimensionHours, UsageTime.FloorDay));
        await session.BulkInsertAsync(DimensionRow.Hourly, dimensionHours).ConfigureAwait(false);
        await session.BulkInsertAsync(DimensionRow.Daily, dimensionDays).ConfigureAwait(false);
        await session.BulkInsertAsync(DimensionRow.Monthly, Ordered(Coarser(dimensionDays, UsageTime.FloorMonth))).ConfigureAwait(false);

        var latencyHours = Latencies();
        var latencyDays = Coarser(latencyHours, UsageTime.FloorDay);
        await session.BulkInsertAsync(LatencyRow.Hourly, ByStart(latencyHours)).ConfigureAwait(false);
        await session.BulkInsertAsync(LatencyRow.Daily, ByStart(latencyDays)).ConfigureAwait(false);
        await session.BulkInsertAsync(LatencyRow.Monthly, ByStart(Coarser(latencyDays, UsageTime.FloorMonth))).ConfigureAwait(false);
        await session.BulkInsertAsync(LatencyRow.HourlyOf, ByValue(latencyHours)).ConfigureAwait(false);
        await session.BulkInsertAsync(LatencyRow.DailyOf, ByValue(latencyDays)).ConfigureAwait(false);
    }

    private static IEnumerable<string> Tags(UsageRecord record)
        => record.Tags.Count == 0 ? [] : record.Tags.Select(UsageText.Item).Distinct(StringComparer.Ordinal);

    private static List<CubeRow> Ordered(IEnumerable<CubeRow> rows)
        => [.. rows.OrderBy(r => r.Key.Start).ThenBy(r => r.Key.KeyId, StringComparer.Ordinal).ThenBy(r => r.Key.TeamId, StringComparer.Ordinal)
            .ThenBy(r => r.Key.CustomerId, StringComparer.Ordinal).ThenBy(r => r.Key.UserId, StringComparer.Ordinal).ThenBy(r => r.Key.Model, StringComparer.Ordinal)
            .ThenBy(r => r.Key.Route, StringComparer.Ordinal).ThenBy(r => r.Key.ProviderId, StringComparer.Ordinal)];

    private static List<DimensionRow> Ordered(IEnumerable<DimensionRow> rows)
        => [.. rows.OrderBy(r => r.Key.Dimension).ThenBy(r => r.Key.Start).ThenBy(r => r.Key.Value, StringComparer.Ordinal)];

    private static IEnumerable<CubeRow> Coarser(IEnumerable<CubeRow> finer, Func<long, long> startOf)
    {
        var rows = new Dictionary<CubeKey, CubeRow>();
        foreach (var row in finer)
        {
            var key = row.Key with { Start = startOf(row.Key.Start) };
            ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(rows, key, out _);
            UsageSums.Add((sum ??= new CubeRow(key)).Sums, row.Sums);
        }

        return rows.Values;
    }

    private static IEnumerable<DimensionRow> Coarser(IEnumerable<DimensionRow> finer, Func<long, long> startOf)
    {
        var rows = new Dictionary<DimensionKey, DimensionRow>();
        foreach (var row in finer)
        {
            UsageSums.Add(Row(rows, row.Key with { Start = startOf(row.Key.Start) }).Sums, row.Sums);
        }

        return rows.Values;
    }

    private static DimensionRow Row(Dictionary<DimensionKey, DimensionRow> rows, DimensionKey key)
    {
        ref var row = ref CollectionsMarshal.GetValueRefOrAddDefault(rows, key, out _);
        return row ??= new DimensionRow(key);
    }

    private IEnumerable<DimensionRow> ByDimension()
    {
        var rows = new Dictionary<DimensionKey, DimensionRow>(_tags);
        foreach (var (key, row) in _cube)
        {
            foreach (var (dimension, value) in Dimensions(key))
            {
                UsageSums.Add(Row(rows, new DimensionKey(dimension, key.Start, value)).Sums, row.Sums);
            }
        }

        return rows.Values;
    }

    private Dictionary<DimensionKey, LatencyCounts> Latencies()
    {
        var counts = new Dictionary<DimensionKey, LatencyCounts>();
        foreach (var (key, row) in _cube)
        {
            foreach (var (dimension, value) in Dimensions(key))
            {
                Counts(counts, new DimensionKey(dimension, key.Start, value)).Add(row.Latencies);
            }
        }

        return counts;
    }

    private static Dictionary<DimensionKey, LatencyCounts> Coarser(Dictionary<DimensionKey, LatencyCounts> finer, Func<long, long> startOf)
    {
        var counts = new Dictionary<DimensionKey, LatencyCounts>();
        foreach (var (key, fine) in finer)
        {
            Counts(counts, key with { Start = startOf(key.Start) }).Add(fine);
        }

        return counts;
    }

    private static LatencyCounts Counts(Dictionary<DimensionKey, LatencyCounts> counts, DimensionKey key)
    {
        ref var of = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, key, out _);
        return of ??= new LatencyCounts();
    }

    private static List<LatencyRow> ByStart(Dictionary<DimensionKey, LatencyCounts> counts)
        => [.. counts.Where(c => LatencyRow.ByStart.Contains(c.Key.Dimension)).OrderBy(c => c.Key.Dimension).ThenBy(c => c.Key.Start).ThenBy(c => c.Key.Value, StringComparer.Ordinal).SelectMany(Rows)];

    private static List<LatencyRow> ByValue(Dictionary<DimensionKey, LatencyCounts> counts)
        => [.. counts.Where(c => !LatencyRow.ByStart.Contains(c.Key.Dimension)).OrderBy(c => c.Key.Dimension).ThenBy(c => c.Key.Value, StringComparer.Ordinal).ThenBy(c => c.Key.Start).SelectMany(Rows)];

    private static IEnumerable<LatencyRow> Rows(KeyValuePair<DimensionKey, LatencyCounts> of)
        => of.Value.Bins.OrderBy(b => b.Bin).Select(b => new LatencyRow(new LatencyKey(of.Key.Dimension, of.Key.Start, of.Key.Value, b.Bin)) { Durations = b.Durations, FirstBytes = b.FirstBytes });

    private static (UsageDimension Dimension, string Value)[] Dimensions(CubeKey key) =>
    [
        (UsageDimension.Total, ""), (UsageDimension.Key, key.KeyId), (UsageDimension.Model, key.Model), (UsageDimension.Team, key.TeamId),
        (UsageDimension.Customer, key.CustomerId), (UsageDimension.User, key.UserId), (UsageDimension.Provider, key.ProviderId), (UsageDimension.Route, key.Route),
    ];

    private CubeRow Cube(UsageRecord record, IAggregateNames names)
    {
        var start = UsageTime.Floor(record.StartedAtMicros, UsageTime.Hour);
        var key = new CubeKey(
            start,
            UsageText.Clean(record.KeyId),
            UsageText.Clean(record.TeamId),
            UsageText.Clean(record.CustomerId),
            UsageText.Clean(record.UserId),
            names.ValueOf(UsageDimension.Model, start, UsageText.Clean(record.Model)),
            UsageText.Clean(record.Route),
            UsageText.Clean(record.ProviderId));
        ref var row = ref CollectionsMarshal.GetValueRefOrAddDefault(_cube, key, out _);
        return row ??= new CubeRow(key);
    }

    private DimensionRow TagRow(long start, string tag, IAggregateNames names)
        => Row(_tags, new DimensionKey(UsageDimension.Tag, start, names.ValueOf(UsageDimension.Tag, start, tag)));
}

/// <summary>Values that aggregates are kept by.</summary>
internal interface IAggregateNames
{
    /// <summary>The value itself, or <see cref="AggregateNames.Other"/> when the day has too many.</summary>
    string ValueOf(UsageDimension dimension, long start, string value);
}
