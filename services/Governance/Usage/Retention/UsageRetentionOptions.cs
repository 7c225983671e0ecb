using System.Globalization;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Usage.Retention;

/// <summary>How long usage is kept; 0 for ever.</summary>
internal sealed record UsageRetentionOptions
{
    private const string Section = "Gateway:UsageRetention:";

    private const int Most = 36_500;

    /// <summary>Days that records are kept, at least; they go by whole months. Default 400.</summary>
    public int RecordDays { get; init; } = 400;

    /// <summary>Days that hourly aggregates are kept. Default 400.</summary>
    public int HourlyDays { get; init; } = 400;

    /// <summary>Days that hourly histograms of single keys, teams, customers, users and routes are kept; those of days stay as long as daily aggregates. Default 35.</summary>
    public int HourlyLatencyDays { get; init; } = 35;

    /// <summary>Days that daily aggregates are kept, at least; they go by whole months. Default 0: for ever.</summary>
    public int DailyDays { get; init; }

    /// <summary>Days that monthly aggregates are kept, at least. Default 0: for ever.</summary>
    public int MonthlyDays { get; init; }

    /// <summary>How often it is looked. Default an hour.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Reads and checks the configuration.</summary>
    /// <exception cref="StartupException">A value is not legal.</exception>
    public static UsageRetentionOptions From(IConfiguration configuration)
    {
        var defaults = new UsageRetentionOptions();
        return new UsageRetentionOptions
        {
            RecordDays = Days(configuration, nameof(RecordDays), defaults.RecordDays),
            HourlyDays = Days(configuration, nameof(HourlyDays), defaults.HourlyDays),
            HourlyLatencyDays = Days(configuration, nameof(HourlyLatencyDays), defaults.HourlyLatencyDays),
            DailyDays = Days(configuration, nameof(DailyDays), defaults.DailyDays),
            MonthlyDays = Days(configuration, nameof(MonthlyDays), defaults.MonthlyDays),
        };
    }

    private static int Days(IConfiguration configuration, string name, int otherwise) => configuration[Section + name] switch
    {
        null or "" => otherwise,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days <= Most => days,
        var text => throw new StartupException($"{Section}{name} is '{text}'; legal values are 0 (for ever) to {Most} days."),
    };
}
