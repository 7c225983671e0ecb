using System.Globalization;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Exports;

/// <summary>Where records go.</summary>
internal enum ExportType
{
    /// <summary>A POST of a JSON array, signed.</summary>
    Webhook,

    /// <summary>Lines of JSON in files.</summary>
    File,

    /// <summary>Log records over OTLP (HTTP, JSON).</summary>
    Otlp,
}

/// <summary>One place that usage records are sent to.</summary>
/// <param name="Name">Its name in the configuration.</param>
/// <param name="Type">What it is.</param>
internal sealed record ExportSinkOptions(string Name, ExportType Type)
{
    /// <summary>The address; of OTLP that of the collector, to which <c>/v1/logs</c> is appended.</summary>
    public Uri? Url { get; init; }

    /// <summary>The file.</summary>
    public string? Path { get; init; }

    /// <summary>Signs what goes to a webhook; null: it is not signed.</summary>
    public string? Secret { get; init; }

    /// <summary>Headers of every request, <c>name=value</c> separated by commas, as the variables of OpenTelemetry have them.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Records in one delivery. Default 500.</summary>
    public int BatchSize { get; init; } = 500;

    /// <summary>Records that wait at most; what comes then is left out and counted. Default 1,000,000.</summary>
    public long MaxWaiting { get; init; } = 1_000_000;

    /// <summary>Bytes at which a file is closed and the next one begun. Default 100 MiB.</summary>
    public long MaxFileBytes { get; init; } = 100 * 1024 * 1024;

    /// <summary>Closed files that are kept. Default 10.</summary>
    public int KeepFiles { get; init; } = 10;
}

/// <summary>Reads <c>Gateway:Exports:NAME:…</c>. It is configuration of the process and not of the admin API: who may write there names files of this machine.</summary>
internal static class ExportOptions
{
    private const string Section = "Gateway:Exports";
    private const int MostSinks = 16;
    private static readonly string[] _keys = ["Type", "Url", "Path", "Secret", "Headers", "BatchSize", "MaxWaiting", "MaxFileBytes", "KeepFiles"];

    /// <exception cref="StartupException">A value is not legal.</exception>
    public static IReadOnlyList<ExportSinkOptions> From(IConfiguration configuration)
    {
        var sinks = configuration.GetSection(Section).GetChildren().Select(Read).ToList();
        return sinks.Count <= MostSinks ? sinks : throw new StartupException($"{Section} names {sinks.Count} sinks; {MostSinks} are the most.");
    }

    private static ExportSinkOptions Read(IConfigurationSection section)
    {
        foreach (var child in section.GetChildren())
        {
            if (!_keys.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                throw new StartupException($"{child.Path} is unknown. Legal: {string.Join(", ", _keys)}.");
            }
        }

        if (!Enum.TryParse<ExportType>(section["Type"], ignoreCase: true, out var type) || !Enum.IsDefined(type))
        {
            throw new StartupException($"{section.Path}:Type is '{section["Type"]}'; legal values are webhook, file and otlp.");
        }

        var defaults = new ExportSinkOptions(section.Key, type);
        var sink = defaults with
        {
            Url = Address(section),
            Path = section["Path"] is { Length: > 0 } path ? System.IO.Path.GetFullPath(path) : null,
            Secret = section["Secret"] is { Length: > 0 } secret ? secret : null,
            Headers = Headers(section),
            BatchSize = (int)Number(section, "BatchSize", 1, 5_000, defaults.BatchSize),
            MaxWaiting = Number(section, "MaxWaiting", 1, 100_000_000, defaults.MaxWaiting),
            MaxFileBytes = Number(section, "MaxFileBytes", 4_096, 100L * 1024 * 1024 * 1024, defaults.MaxFileBytes),
            KeepFiles = (int)Number(section, "KeepFiles", 0, 10_000, defaults.KeepFiles),
        };
        return (type == ExportType.File ? sink.Path is null : sink.Url is null)
            ? throw new StartupException($"{section.Path}:{(type == ExportType.File ? "Path" : "Url")} is required with the type {type.ToString().ToLowerInvariant()}.")
            : sink;
    }

    private static Uri? Address(IConfigurationSection section) => section["Url"] switch
    {
        null or "" => null,
        var text when Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0 => uri,
        _ => throw new StartupException($"{section.Path}:Url must be an absolute http or https address without a user name."),
    };

    private static List<KeyValuePair<string, string>> Headers(IConfigurationSection section)
    {
        var headers = new List<KeyValuePair<string, string>>();
        foreach (var pair in (section["Headers"] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                // Without the text: it may be a secret.
                throw new StartupException($"{section.Path}:Headers must be name=value pairs separated by commas.");
            }

            headers.Add(new(pair[..equals].Trim(), Uri.UnescapeDataString(pair[(equals + 1)..].Trim())));
        }

        return headers;
    }

    private static long Number(IConfigurationSection section, string name, long least, long most, long otherwise) => section[name] switch
    {
        null or "" => otherwise,
        var text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most => value,
        var text => throw new StartupException($"{section.Path}:{name} is '{text}'; it must be a whole number from {least} to {most}."),
    };
}
