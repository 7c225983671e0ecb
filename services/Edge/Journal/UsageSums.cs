using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Usage;

namespace Gateway.Edge.Journal;

/// <summary>
/// A stretch of the journal as sums: one record for all requests of a second that are alike in everything that counts (docs/adr/summed-usage.md). What tells single requests apart is
/// lost; tokens, units, cost and number are exact.
/// </summary>
internal sealed class UsageSums
{
    /// <summary>Most records of a batch.</summary>
    public const int MostSums = 1_000;

    /// <summary>Most requests of a batch, and so of a sum.</summary>
    public const int MostRequests = 50_000;

    // A sum must stay within what governance takes for one record.
    private const long MostNanoUsd = 500_000_000_000_000;
    private const long MicrosPerSecond = 1_000_000;

    private readonly Dictionary<string, UsageRecord> _sums = new(StringComparer.Ordinal);
    private readonly List<UsageRecord> _alone = [];

    /// <summary>Records read.</summary>
    public int Records { get; private set; }

    /// <summary>The stretch; null while there is nothing in it.</summary>
    public UsageSpan? Span { get; private set; }

    /// <summary>True when no more should be added.</summary>
    public bool IsFull => _sums.Count + _alone.Count >= MostSums || Records >= MostRequests;

    /// <summary>Adds a record unless it was written by another run than those before: a stretch is of one run.</summary>
    public bool TryAdd(in RecordView view)
    {
        var (writer, sequence) = (view.Writer, view.Sequence);
        if (Span is { } span && span.Writer != writer)
        {
            return false;
        }

        Span = new UsageSpan { Writer = writer, First = Span?.First ?? sequence, Last = sequence };
        Records++;
        var record = view.ToRecord();
        if (view.HasGivenId || record.CostNanoUsd > MostNanoUsd / MostRequests)
        {
            // Whoever else records the same thing sends it under the same id; and what is dear is worth a record of its own.
            _alone.Add(record);
            return true;
        }

        var key = KeyOf(record);
        _sums[key] = _sums.TryGetValue(key, out var sum) ? Add(sum, record) : record with { EndUser = "", SessionId = "", TraceId = "" };
        return true;
    }

    /// <summary>The body of a request: a <see cref="UsageBatch"/>.</summary>
    public byte[] ToJson(string edgeId, int refused) => JsonSerializer.SerializeToUtf8Bytes(
        new UsageBatch { EdgeId = edgeId, Refused = refused, Summed = Span, Records = [.. _alone, .. _sums.Select(s => Finish(s.Key, s.Value))] }, ContractsJson.Default.UsageBatch);

    private static string KeyOf(UsageRecord r) => string.Join(
        '\n',
        (r.StartedAtMicros / MicrosPerSecond).ToString(CultureInfo.InvariantCulture), r.KeyId, r.TeamId, r.UserId, r.CustomerId, string.Join(' ', r.Tags), string.Join(' ', r.Budgets),
        r.Epoch.ToString(CultureInfo.InvariantCulture), ((int)r.Operation).ToString(CultureInfo.InvariantCulture), r.Model, r.Route, r.DeploymentId, r.ProviderId, r.CredentialId,
        r.Status.ToString(CultureInfo.InvariantCulture), ((int)r.Outcome).ToString(CultureInfo.InvariantCulture), r.ErrorCode, r.Stream ? "s" : "", r.Estimated ? "e" : "",
        r.Continued ? "c" : "", ((int)r.Tier).ToString(CultureInfo.InvariantCulture), r.PriceVersion, UsageOf(r) ? "u" : "", ((int)r.Cache).ToString(CultureInfo.InvariantCulture),
        ((int)r.Units.ImageQuality).ToString(CultureInfo.InvariantCulture), ((int)r.Units.WebSearchSize).ToString(CultureInfo.InvariantCulture));

    // Whether a price is missing is asked of records with tokens only.
    private static bool UsageOf(UsageRecord r)
        => r.Tokens != new TokenUsage();

    // Durations are kept as totals until the end.
    private static UsageRecord Add(UsageRecord sum, UsageRecord one) => sum with
    {
        // The earliest: it lies in the same window of every budget as the others, since windows begin with a second.
        StartedAtMicros = Math.Min(sum.StartedAtMicros, one.StartedAtMicros),
        DurationMicros = sum.DurationMicros + one.DurationMicros,
        FirstByteMicros = sum.FirstByteMicros + one.FirstByteMicros,
        Attempts = Math.Max(sum.Attempts, one.Attempts),
        Count = sum.Count + one.Count,
        CostNanoUsd = sum.CostNanoUsd + one.CostNanoUsd,
        SavedNanoUsd = sum.SavedNanoUsd + one.SavedNanoUsd,
        SavedTokens = sum.SavedTokens + one.SavedTokens,
        Tokens = new TokenUsage
        {
            Input = sum.Tokens.Input + one.Tokens.Input,
            CacheRead = sum.Tokens.CacheRead + one.Tokens.CacheRead,
            CacheWrite = sum.Tokens.CacheWrite + one.Tokens.CacheWrite,
            CacheWriteHour = sum.Tokens.CacheWriteHour + one.Tokens.CacheWriteHour,
            Output = sum.Tokens.Output + one.Tokens.Output,
            Reasoning = sum.Tokens.Reasoning + one.Tokens.Reasoning,
            AudioInput = sum.Tokens.AudioInput + one.Tokens.AudioInput,
            AudioCacheRead = sum.Tokens.AudioCacheRead + one.Tokens.AudioCacheRead,
            AudioOutput = sum.Tokens.AudioOutput + one.Tokens.AudioOutput,
            ImageInput = sum.Tokens.ImageInput + one.Tokens.ImageInput,
            ImageCacheRead = sum.Tokens.ImageCacheRead + one.Tokens.ImageCacheRead,
            ImageOutput = sum.Tokens.ImageOutput + one.Tokens.ImageOutput,
        },
        Units = sum.Units with
        {
            Images = sum.Units.Images + one.Units.Images,
            Pixels = sum.Units.Pixels + one.Units.Pixels,
            AudioMilliseconds = sum.Units.AudioMilliseconds + one.Units.AudioMilliseconds,
            Characters = sum.Units.Characters + one.Units.Characters,
            Searches = sum.Units.Searches + one.Units.Searches,
            WebSearches = sum.Units.WebSearches + one.Units.WebSearches,
        },
    };

    private UsageRecord Finish(string key, UsageRecord sum)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{Span!.Writer}\n{Span.First}\n{Span.Last}\n{key}");
        return sum with
        {
            Id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 16)),
            DurationMicros = sum.DurationMicros / sum.Count,
            FirstByteMicros = sum.FirstByteMicros / sum.Count,
        };
    }
}
