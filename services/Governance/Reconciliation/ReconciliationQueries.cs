using Gateway.Governance.Entries;
using Gateway.Governance.Reconciliation.Bills;
using Gateway.Governance.Reconciliation.Comparison;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Partitions;

namespace Gateway.Governance.Reconciliation;

/// <summary>A provider's day that no bill covers although requests were sent.</summary>
internal sealed record UnbilledDay(string Provider, long Day, long NanoUsd);

/// <summary>What was compared, and what could not be.</summary>
internal sealed record Reconciled(IReadOnlyList<Compared> Places, IReadOnlyList<UnbilledDay> WithoutBill);

/// <summary>Reads the records and the bills of some days and compares them.</summary>
internal static class ReconciliationQueries
{
    private static readonly (BilledUnit Unit, string Column)[] Quantities =
    [
        (BilledUnit.Input, "input"), (BilledUnit.CacheRead, "cache_read"), (BilledUnit.CacheWrite, "cache_write"), (BilledUnit.CacheWriteHour, "cache_write_hour"), (BilledUnit.Output, "output"),
        (BilledUnit.Reasoning, "reasoning"), (BilledUnit.AudioInput, "audio_input"), (BilledUnit.AudioCacheRead, "audio_cache_read"), (BilledUnit.AudioOutput, "audio_output"),
        (BilledUnit.ImageInput, "image_input"), (BilledUnit.ImageCacheRead, "image_cache_read"), (BilledUnit.ImageOutput, "image_output"), (BilledUnit.Images, "images"),
        (BilledUnit.WebSearches, "web_searches"),
    ];

    /// <summary>Compares the days from <paramref name="first"/> to before <paramref name="past"/>, which are of bills and of UTC.</summary>
    public static async Task<Reconciled> CompareAsync(DbSession session, ConfigState names, long first, long past, string? provider)
    {
        var range = new { first, past, provider = provider ?? "" };
        const string Where = "day >= @first AND day < @past AND (@provider = '' OR provider_id = @provider)";
        var lines = await session.QueryAsync<LineRow>($"SELECT {LineRow.Columns} FROM billed_lines WHERE {Where} ORDER BY id", range).ConfigureAwait(false);
        var covered = (await session.QueryAsync<DayRow>($"SELECT DISTINCT provider_id AS Provider, day FROM billed_days WHERE {Where}", range).ConfigureAwait(false)).Select(d => (d.Provider, d.Day)).ToHashSet();
        var (slices, prices) = (new List<LedgerSlice>(), new LedgerPrices(names));
        var months = (await UsagePartitions.ListAsync(session).ConfigureAwait(false)).Where(m => m.First < past && m.Past > first).Order().ToList();

        // Records only of the days that there is something to compare with: of the others their sum is all that is told.
        if (covered.Count > 0)
        {
            var (from, to) = (Math.Max(first, covered.Min(c => c.Day)), Math.Min(past, covered.Max(c => c.Day) + UsageTime.Day));
            var ofBills = new { first = from, past = to, providers = covered.Select(c => c.Provider).Distinct().ToArray() };
            foreach (var month in months.Where(m => m.First < to && m.Past > from))
            {
                foreach (var row in await session.QueryAsync<SliceRow>(Sql(month.Table, session.Dialect), ofBills).ConfigureAwait(false))
                {
                    if (covered.Contains((row.Provider, row.Day)))
                    {
                        slices.Add(Slice(row, names, prices));
                    }
                }
            }
        }

        var sums = await session.QueryAsync<SumRow>(
            $"SELECT value AS Provider, start AS Day, cost AS NanoUsd FROM usage_by_day WHERE dimension = {(int)UsageDimension.Provider} AND start >= @first AND start < @past AND value <> '' AND requests > 0 AND (@provider = '' OR value = @provider)",
            range).ConfigureAwait(false);
        return new Reconciled(
            Comparer.Compare([.. slices.OrderByDescending(s => s.Side.Requests)], [.. lines.Select(l => new ProviderLine(l.ProviderId, l.Line()))]),
            [
                .. sums.Where(s => !covered.Contains((s.Provider, s.Day)) && months.Any(m => m.First <= s.Day && s.Day < m.Past))
                    .OrderBy(s => s.Day).ThenBy(s => s.Provider, StringComparer.Ordinal).Select(s => new UnbilledDay(s.Provider, s.Day, s.NanoUsd)),
            ]);
    }

    /// <summary>The name by which a record's model is compared: the provider's, where its deployment tells.</summary>
    public static string ModelOf(ConfigState names, string deployment, string model)
        => names.Deployments.TryGetValue(deployment, out var stored) && !stored.Value.Model.Contains('*', StringComparison.Ordinal) ? stored.Value.Model : model;

    private static string Sql(string table, SqlDialect dialect) =>
        $"""
         {dialect.BeforeSums}SELECT started_at - started_at % {UsageTime.Day} AS Day, provider_id AS Provider, deployment_id AS Deployment, model, credential_id AS Credential, price_version AS PriceVersion, estimated,
             CAST(SUM(request_count) AS BIGINT) AS Requests, CAST(SUM(cost) AS BIGINT) AS Cost, {string.Join(", ", Quantities.Select(q => $"CAST(SUM({q.Column}) AS BIGINT) AS Of{q.Unit}"))}
         FROM {table}
         WHERE started_at >= @first AND started_at < @past AND provider_id <> '' AND {dialect.OneOf("provider_id", "@providers")}
         GROUP BY started_at - started_at % {UsageTime.Day}, provider_id, deployment_id, model, credential_id, price_version, estimated
         """;

    private static LedgerSlice Slice(SliceRow row, ConfigState names, LedgerPrices prices)
    {
        var model = ModelOf(names, row.Deployment, row.Model);
        var side = new LedgerSide { Requests = row.Requests, EstimatedRequests = row.Estimated == 1 ? row.Requests : 0 };
        var quantities = row.Quantities();
        var used = quantities.Any(q => q.Quantity != 0);
        var isUnpriced = row.PriceVersion.Length == 0 && row.Cost == 0 && used;
        side.UnpricedRequests = isUnpriced ? row.Requests : 0;
        if (row.Estimated == 1)
        {
            side.EstimatedNanoUsd = row.Cost;
        }
        else
        {
            side.ExactNanoUsd = row.Cost;
        }

        foreach (var (unit, quantity) in quantities)
        {
            (isUnpriced ? side.Unpriced : row.Estimated == 1 ? side.Estimated : side.Exact)[(int)unit] = quantity;
        }

        foreach (var (unit, nanoUsd) in used ? prices.PerMillion(row.Deployment, row.Provider, model, row.PriceVersion) ?? [] : [])
        {
            side.PerMillion[(int)unit] = nanoUsd;
        }

        return new LedgerSlice(new Place(row.Day, row.Provider, model, row.Credential), side);
    }

    private sealed class SumRow
    {
        public required string Provider { get; init; }

        public long Day { get; init; }

        public long NanoUsd { get; init; }
    }

    private sealed class DayRow
    {
        public required string Provider { get; init; }

        public long Day { get; init; }
    }

    private sealed class SliceRow
    {
        public long Day { get; init; }

        public required string Provider { get; init; }

        public required string Deployment { get; init; }

        public required string Model { get; init; }

        public required string Credential { get; init; }

        public required string PriceVersion { get; init; }

        public int Estimated { get; init; }

        public long Requests { get; init; }

        public long Cost { get; init; }

        public long OfInput { get; init; }

        public long OfCacheRead { get; init; }

        public long OfCacheWrite { get; init; }

        public long OfCacheWriteHour { get; init; }

        public long OfOutput { get; init; }

        public long OfReasoning { get; init; }

        public long OfAudioInput { get; init; }

        public long OfAudioCacheRead { get; init; }

        public long OfAudioOutput { get; init; }

        public long OfImageInput { get; init; }

        public long OfImageCacheRead { get; init; }

        public long OfImageOutput { get; init; }

        public long OfImages { get; init; }

        public long OfWebSearches { get; init; }

        public IReadOnlyList<(BilledUnit Unit, long Quantity)> Quantities() =>
        [
            (BilledUnit.Input, OfInput), (BilledUnit.CacheRead, OfCacheRead), (BilledUnit.CacheWrite, OfCacheWrite), (BilledUnit.CacheWriteHour, OfCacheWriteHour), (BilledUnit.Output, OfOutput),
            (BilledUnit.Reasoning, OfReasoning), (BilledUnit.AudioInput, OfAudioInput), (BilledUnit.AudioCacheRead, OfAudioCacheRead), (BilledUnit.AudioOutput, OfAudioOutput),
            (BilledUnit.ImageInput, OfImageInput), (BilledUnit.ImageCacheRead, OfImageCacheRead), (BilledUnit.ImageOutput, OfImageOutput), (BilledUnit.Images, OfImages), (BilledUnit.WebSearches, OfWebSearches),
        ];
    }
}
