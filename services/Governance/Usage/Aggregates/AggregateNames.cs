using Gateway.Contracts.Usage;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Usage.Aggregates;

/// <summary>
/// Bounds how many different values a day has where callers write them (model names of refused requests, tags): whoever invents names by the million must not fill
/// the aggregates. What comes after <see cref="Most"/> counts as <see cref="Other"/>, so sums stay exact; records keep what was written.
/// </summary>
internal sealed class AggregateNames : IAggregateNames
{
    /// <summary>Most different values of a dimension and day.</summary>
    public const int Most = 1_000;

    /// <summary>The value that all further ones count under. No id or tag can be this, as none has brackets.</summary>
    public const string Other = "(other)";

    private const int MostDays = 64;

    private readonly Dictionary<(UsageDimension Dimension, long Day), HashSet<string>> _days = [];
    private readonly Lock _gate = new();

    /// <summary>Reads what is known of the days of some records. To be called before they are added up.</summary>
    public async Task PrepareAsync(DbSession session, IEnumerable<UsageRecord> records)
    {
        foreach (var day in records.Select(r => UsageTime.Floor(r.StartedAtMicros, UsageTime.Day)).Distinct().ToList())
        {
            foreach (var dimension in (UsageDimension[])[UsageDimension.Model, UsageDimension.Tag])
            {
                if (IsKnown(dimension, day))
                {
                    continue;
                }

                var values = await session.QueryAsync<string>(
                    "SELECT value FROM usage_by_day WHERE dimension = @dimension AND start = @day", new { dimension = (int)dimension, day }).ConfigureAwait(false);
                lock (_gate)
                {
                    if (_days.Count >= MostDays * 2)
                    {
                        _days.Clear();
                    }

                    _days[(dimension, day)] = [.. values];
                }
            }
        }
    }

    public string ValueOf(UsageDimension dimension, long start, string value)
    {
        lock (_gate)
        {
            // Cleared in between only when batches of very many days meet: then the bound is looser for once.
            return !_days.TryGetValue((dimension, UsageTime.Floor(start, UsageTime.Day)), out var known) || known.Contains(value) || (known.Count < Most && known.Add(value))
                ? value
                : Other;
        }
    }

    private bool IsKnown(UsageDimension dimension, long day)
    {
        lock (_gate)
        {
            return _days.ContainsKey((dimension, day));
        }
    }
}
