namespace Gateway.Edge.Configuration.Schema;

/// <summary>The keys of <c>settings.health</c>.</summary>
internal static class HealthRows
{
    public static IReadOnlyList<Setting> All { get; } =
    [
        new("settings.health", SettingType.Section, "When deployments and credentials are left alone, and how many calls a provider takes at once."),
        Row("breakerFailurePercent", "Percentage of failed calls in the window that opens the circuit of a deployment.", 1, 100, "50"),
        Row("breakerMinimumCalls", "Calls in the window below which the circuit stays closed.", 1, 100_000, "20"),
        Row("breakerWindowMs", "Length of the sliding window in milliseconds.", 1_000, 600_000, "30000"),
        Row("breakerOpenMs", "How long an open circuit lets nothing through, in milliseconds.", 100, 600_000, "15000"),
        Row("breakerProbes", "Calls let through to try a deployment again; as many successes end its rest.", 1, 100, "1"),
        Row("cooldownAfter", "Failures in a row after which a deployment rests.", 1, 1_000, "3"),
        Row("cooldownMs", "How long it rests, in milliseconds; doubled each time it fails again at once.", 100, 3_600_000, "5000"),
        Row("rateLimitCooldownMs", "How long a credential rests after a 429 that names no reset, in milliseconds.", 0, 3_600_000, "1000"),
        Row("maxCooldownMs", "Longest rest that a provider's own headers can ask for, in milliseconds.", 1_000, 86_400_000, "300000"),
        Row("providerConcurrency", "Most calls under way at one provider. Absent: no bound.", 1, 1_000_000, ""),
        Row("providerWaitMs", "How long a call waits for room at its provider before the next target is tried, in milliseconds.", 0, 60_000, "100"),
        Row("shadowConcurrency", "Most shadow calls under way at once; more are dropped and counted.", 0, 10_000, "32"),
    ];

    private static Setting Row(string name, string meaning, int min, int max, string fallback) =>
        new("settings.health." + name, SettingType.Integer, meaning) { Min = min, Max = max, Default = fallback };
}
