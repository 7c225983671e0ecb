using System.Globalization;
using Gateway.Governance.Storage;

namespace Gateway.Governance.RequestLog;

/// <summary>How long the request log is kept; 0 for ever.</summary>
internal sealed record LogOptions
{
    private const string Section = "Gateway:RequestLog:";
    private const int Most = 36_500;

    /// <summary>Days that entries are kept, without what was said. Default 90.</summary>
    public int DetailDays { get; init; } = 90;

    /// <summary>Days that requests and answers are kept. Default 30.</summary>
    public int BodyDays { get; init; } = 30;

    /// <summary>How often it is looked. Default an hour.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Reads and checks the configuration.</summary>
    /// <exception cref="StartupException">A value is not legal.</exception>
    public static LogOptions From(IConfiguration configuration)
    {
        var defaults = new LogOptions();
        return new LogOptions { DetailDays = Days(configuration, nameof(DetailDays), defaults.DetailDays), BodyDays = Days(configuration, nameof(BodyDays), defaults.BodyDays) };
    }

    private static int Days(IConfiguration configuration, string name, int otherwise) => configuration[Section + name] switch
    {
        null or "" => otherwise,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days <= Most => days,
        var text => throw new StartupException($"{Section}{name} is '{text}'; legal values are 0 (for ever) to {Most} days."),
    };
}
