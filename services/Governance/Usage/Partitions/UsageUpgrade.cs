using Gateway.Governance.Storage;

namespace Gateway.Governance.Usage.Partitions;

/// <summary>Moves the records of the table before into the tables of their months.</summary>
internal static class UsageUpgrade
{
    /// <summary>The second half of migration 5.</summary>
    public static async Task RunAsync(DbSession session, UsageMonth current)
    {
        await UsagePartitions.UpdateViewAsync(session).ConfigureAwait(false);
        var months = new SortedSet<UsageMonth> { current };
        for (var from = 0L; await session.ScalarAsync<long?>("SELECT MIN(started_at) FROM usage_records_before WHERE started_at >= @from", new { from }).ConfigureAwait(false) is { } oldest;)
        {
            var month = UsageMonth.Of(oldest);
            months.Add(month);
            from = month.Past;
        }

        await UsagePartitions.CreateAsync(session, [.. months]).ConfigureAwait(false);
        foreach (var month in months)
        {
            await session.ExecuteAsync(
                $"INSERT INTO {month.Table} ({RecordColumns.First}) SELECT {RecordColumns.First} FROM usage_records_before WHERE started_at >= @First AND started_at < @Past", month).ConfigureAwait(false);
        }

        await session.ExecuteAsync("DROP TABLE usage_records_before").ConfigureAwait(false);
    }
}
