using System.Globalization;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Ledger;

/// <summary>How long what edges may spend by themselves is good for.</summary>
internal sealed record LedgerOptions
{
    /// <summary>Configuration key of <see cref="Lease"/>, in seconds.</summary>
    public const string LeaseKey = "Gateway:BudgetLeaseSeconds";

    /// <summary>Configuration key of <see cref="AbandonedAfter"/>, in seconds.</summary>
    public const string AbandonedKey = "Gateway:BudgetAbandonedSeconds";

    /// <summary>After that long without an answer an edge holds nothing anew. 10 s to 1 day, default 2 minutes.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>After that long without a question what a run has leased and not spent goes to others, although it may have spent it without telling. At least twice <see cref="Lease"/>, at most 30 days, default 10 minutes.</summary>
    public TimeSpan AbandonedAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Reads and checks the configuration.</summary>
    /// <exception cref="StartupException">A value is not legal.</exception>
    public static LedgerOptions From(IConfiguration configuration)
    {
        var defaults = new LedgerOptions();
        var lease = Seconds(configuration, LeaseKey, defaults.Lease, 10, 86_400);
        var most = Math.Max(defaults.AbandonedAfter.TotalSeconds, 2 * lease.TotalSeconds);
        return new LedgerOptions
        {
            Lease = lease,
            AbandonedAfter = Seconds(configuration, AbandonedKey, TimeSpan.FromSeconds(most), 2 * (int)lease.TotalSeconds, 30 * 86_400),
        };
    }

    private static TimeSpan Seconds(IConfiguration configuration, string key, TimeSpan fallback, int least, int most)
        => configuration[key] switch
        {
            null or "" => fallback,
            var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most => TimeSpan.FromSeconds(value),
            var text => throw new StartupException($"{key} is '{text}'; legal are whole seconds from {least} to {most}."),
        };
}
