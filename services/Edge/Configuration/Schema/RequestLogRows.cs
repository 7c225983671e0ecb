namespace Gateway.Edge.Configuration.Schema;

/// <summary>The keys of the request log.</summary>
internal static class RequestLogRows
{
    public static IEnumerable<Setting> File { get; } =
    [
        new("requestLog", SettingType.Section, "The file that the request log goes to, a JSON object a line; see [request log](request-log.md). Read at start only. What an entry holds, `settings.requestLog` and `settings.requestLogDetail` say."),
        new("requestLog.file", SettingType.Text, "The file. Absent: there is no request log.") { Form = "a path", Expands = true },
        new("requestLog.maxFileBytes", SettingType.Integer, "Size at which a new file is begun; the one before becomes `NAME.1`.") { Min = 64 * 1024, Max = 10_000_000_000, Default = "67108864" },
        new("requestLog.keepFiles", SettingType.Integer, "Files kept besides the current one.") { Min = 0, Max = 1000, Default = "8" },
    ];

    public static IEnumerable<Setting> Settings { get; } =
    [
        new("settings.requestLogDetail", SettingType.Section, "What an entry of the request log holds."),
        new("settings.requestLogDetail.maxBodyBytes", SettingType.Integer, "Most bytes kept of a request and of an answer each, where bodies are kept, after redaction.") { Min = 1024, Max = 1024 * 1024, Default = "65536" },
        new("settings.requestLogDetail.clientAddress", SettingType.Choice, "What is kept of the caller's address: nothing, its network (24 bits of IPv4, 48 of IPv6), or all of it.") { Choices = ["none", "masked", "full"], Default = "masked" },
        new("settings.requestLogDetail.samplePercent", SettingType.Integer, "Under governance: percent of the requests that have an entry though there is nothing to tell besides their usage record.") { Min = 0, Max = 100, Default = "0" },
    ];
}
