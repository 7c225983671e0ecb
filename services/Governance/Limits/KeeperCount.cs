using System.Diagnostics.Metrics;
using Gateway.Governance.Bootstrap;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Limits;

/// <summary>
/// Counts the instances on this store while edges share rate limits through this one. Each instance keeps counters of its own, so that with several a limit lets through as
/// much at each of them: that is not to go unseen.
/// </summary>
internal sealed partial class KeeperCount : StoreRounds
{
    private readonly Database _database;
    private readonly LimitTable _table;
    private readonly ILogger<KeeperCount> _logger;
    private int _keepers;

    public KeeperCount(Database database, LimitTable table, StoreGate gate, TimeProvider time, IMeterFactory meters, ILogger<KeeperCount> logger)
        : base(gate, TimeSpan.FromSeconds(10), time)
    {
        (_database, _table, _logger) = (database, table, logger);
        meters.Create("Gateway.Governance").CreateObservableGauge(
            "gateway.limits.keepers", () => Keepers, "{instance}", "Governance instances that each count shared rate limits by themselves; above 1 a limit is as large at each of them. 0 while no edge shares through governance.");
    }

    /// <summary>Instances that count shared limits, as last seen; 0 while no edge asks this one.</summary>
    public int Keepers => Volatile.Read(ref _keepers);

    /// <summary>What an operator is told; null when all is well.</summary>
    public string? Warning => Keepers > 1
        ? $"{Keepers} instances of governance each count shared rate limits by themselves: a limit lets through as much at each of them. Set ConnectionStrings__redis for the edges."
        : null;

    /// <summary>Looks once.</summary>
    internal async Task LookAsync(CancellationToken cancellation)
    {
        var instances = _table.IsAsked ? (int)await _database.ReadAsync(s => s.ScalarAsync<long>(_database.Dialect.InstancesSql), cancellation).ConfigureAwait(false) : 0;
        var before = Interlocked.Exchange(ref _keepers, instances);
        if (instances > 1 && before <= 1)
        {
            LogSeveral(_logger, instances);
        }
    }

    protected override Task RoundAsync(CancellationToken cancellation) => LookAsync(cancellation);

    // That the store does not answer is told by who watches it.
    protected override void Failed(Exception fault, bool again) => LogFailed(_logger, fault.Message);

    [LoggerMessage(LogLevel.Warning, "{Instances} instances of governance each count shared rate limits by themselves: set ConnectionStrings__redis for the edges, so that limits hold over all of them")]
    private static partial void LogSeveral(ILogger logger, int instances);

    [LoggerMessage(LogLevel.Debug, "The instances on the store could not be counted: {Problem}")]
    private static partial void LogFailed(ILogger logger, string problem);
}
