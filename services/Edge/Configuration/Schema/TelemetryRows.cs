namespace Gateway.Edge.Configuration.Schema;

/// <summary>The keys of <c>settings.telemetry</c>.</summary>
internal static class TelemetryRows
{
    public static readonly string[] Levels = ["asStarted", "debug", "information", "warning", "error", "none"];

    public static readonly string[] Headers = ["minimal", "basic", "full"];

    public static IReadOnlyList<Setting> All { get; } =
    [
        new("settings.telemetry", SettingType.Section, "What the edge tells of requests: traces, log lines, headers ([telemetry](telemetry.md))."),
        new("settings.telemetry.traceRatio", SettingType.Amount, "Share of requests that are traced from their start. A caller's own decision (`traceparent`) goes before it. Absent: what `OTEL_TRACES_SAMPLER` says, and else all.") { Min = 0, Max = 1 },
        new("settings.telemetry.traceErrors", SettingType.Flag, "Whether requests that failed by the gateway's or a provider's fault are traced whatever the share is.") { Default = "true" },
        new("settings.telemetry.traceSlowMs", SettingType.Integer, "Requests that took at least so many milliseconds are traced whatever the share is; 0: none for that.") { Min = 0, Max = 86_400_000, Default = "30000" },
        new("settings.telemetry.traceCostUsd", SettingType.Amount, "Requests that cost at least so much are traced whatever the share is. Absent: none for that.") { Min = 0.000000001m, Max = 1_000_000 },
        new("settings.telemetry.traceContent", SettingType.Flag, "Whether traces carry what was said, redacted as the request log keeps it, of requests whose request log keeps bodies. No environment variable changes it.") { Default = "false" },
        new("settings.telemetry.baggageToProviders", SettingType.Flag, "Whether the caller's `baggage` is passed on to providers too; it may name people.") { Default = "false" },
        new("settings.telemetry.logLevel", SettingType.Choice, "Least severe messages in the log; `asStarted`: what the process was started with.") { Choices = Levels, Default = "asStarted" },
        new("settings.telemetry.requestLine", SettingType.Flag, "Whether the log has one line for each request, at the level info.") { Default = "false" },
        new("settings.telemetry.responseHeaders", SettingType.Choice, "Which `x-gateway-*` headers answers have: the id of the request (`minimal`); also provider, attempts, cache and guardrail outcome (`basic`); also route, cost and the gateway's own time (`full`).") { Choices = Headers, Default = "full" },
    ];
}
