using System.Runtime.InteropServices;
using Gateway.Contracts.Usage;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Usage;

/// <summary>What totals are kept by; the hour is its start in microseconds since 1970-01-01 UTC.</summary>
internal readonly record struct HourlyKey(long Hour, string KeyId, string TeamId, string Model, string ProviderId);

/// <summary>The totals of one hour, key, team, model and provider: a row of <c>usage_hourly</c>.</summary>
internal sealed class HourlyUsage(HourlyKey key)
{
    public const long HourMicros = 3_600_000_000;

    private static readonly string[] Sums =
        ["requests", "errors", "estimated", "unpriced", "input", "cache_read", "cache_write", "output", "reasoning", "audio_input", "audio_output", "cost"];

    private readonly long[] _sums = new long[Sums.Length];

    public static BulkTable<HourlyUsage> Table { get; } = new(
        "usage_hourly",
        ["hour", "key_id", "team_id", "model", "provider_id"],
        [
            BulkColumn<HourlyUsage>.Of("hour", r => r.Key.Hour),
            BulkColumn<HourlyUsage>.Of("key_id", r => r.Key.KeyId),
            BulkColumn<HourlyUsage>.Of("team_id", r => r.Key.TeamId),
            BulkColumn<HourlyUsage>.Of("model", r => r.Key.Model),
            BulkColumn<HourlyUsage>.Of("provider_id", r => r.Key.ProviderId),
            .. Sums.Select((name, i) => BulkColumn<HourlyUsage>.Of(name, r => r._sums[i])),
        ],
        $"UPDATE SET {string.Join(", ", Sums.Select(s => $"{s} = usage_hourly.{s} + excluded.{s}"))}",
        r => r.Key.Hour.ToString(System.Globalization.CultureInfo.InvariantCulture));

    public HourlyKey Key => key;

    /// <summary>Sums records, in an order that all writers share: two transactions that add to the same rows then never wait for each other in a circle.</summary>
    public static IReadOnlyList<HourlyUsage> Sum(IEnumerable<StoredUsage> records)
    {
        var rows = new Dictionary<HourlyKey, HourlyUsage>();
        foreach (var (_, record) in records)
        {
            var key = new HourlyKey(
                record.StartedAtMicros - (record.StartedAtMicros % HourMicros),
                UsageText.Clean(record.KeyId),
                UsageText.Clean(record.TeamId),
                UsageText.Clean(record.Model),
                UsageText.Clean(record.ProviderId));
            ref var row = ref CollectionsMarshal.GetValueRefOrAddDefault(rows, key, out _);
            (row ??= new HourlyUsage(key)).Add(record);
        }

        return
        [
            .. rows.Values.OrderBy(r => r.Key.Hour)
                .ThenBy(r => r.Key.KeyId, StringComparer.Ordinal)
                .ThenBy(r => r.Key.TeamId, StringComparer.Ordinal)
                .ThenBy(r => r.Key.Model, StringComparer.Ordinal)
                .ThenBy(r => r.Key.ProviderId, StringComparer.Ordinal),
        ];
    }

    /// <summary>True for a request that did not end well through no wish of its caller.</summary>
    public static bool IsError(RequestOutcome outcome) => outcome is not (RequestOutcome.Completed or RequestOutcome.ClientCancelled);

    private void Add(UsageRecord record)
    {
        var tokens = record.Tokens;
        var any = tokens.Input + tokens.CacheRead + tokens.CacheWrite + tokens.Output + tokens.Reasoning + tokens.AudioInput + tokens.AudioOutput > 0;
        ReadOnlySpan<long> values =
        [
            record.Count,
            IsError(record.Outcome) ? record.Count : 0,
            record.Estimated ? record.Count : 0,
            any && record.PriceVersion.Length == 0 ? record.Count : 0,
            tokens.Input,
            tokens.CacheRead,
            tokens.CacheWrite,
            tokens.Output,
            tokens.Reasoning,
            tokens.AudioInput,
            tokens.AudioOutput,
            record.CostNanoUsd,
        ];
        for (var i = 0; i < values.Length; i++)
        {
            _sums[i] += values[i];
        }
    }
}
