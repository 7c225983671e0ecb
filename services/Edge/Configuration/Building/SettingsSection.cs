using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Configuration.Building;

/// <summary>Reads <c>settings</c>.</summary>
internal static class SettingsSection
{
    public static GatewaySettings Read(SectionReader root)
    {
        var settings = root.Section("settings");
        return new GatewaySettings
        {
            MaxRequestBytes = settings.Int("maxRequestBytes"),
            MaxJsonDepth = settings.Int("maxJsonDepth"),
            DefaultOutputTokens = settings.Int("defaultOutputTokens"),
            Unpriced = settings.Choice("unpriced") == 1 ? UnpricedPolicy.Allow : UnpricedPolicy.Deny,
            BlockedTerms = [.. settings.Texts("blockedTerms").Select(static t => t.Text)],
            GuardrailFailure = settings.Choice("guardrailFailure") == 1 ? FailPolicy.Open : FailPolicy.Closed,
            Cache = (CacheMode)(settings.Choice("cache") + 1),
            RateLimitHeaders = settings.Flag("rateLimitHeaders"),
            Health = ReadHealth(settings.Section("health")),
        };
    }

    private static HealthSettings ReadHealth(SectionReader health) => new()
    {
        BreakerFailurePercent = health.Int("breakerFailurePercent"),
        BreakerMinimumCalls = health.Int("breakerMinimumCalls"),
        BreakerWindowMs = health.Int("breakerWindowMs"),
        BreakerOpenMs = health.Int("breakerOpenMs"),
        BreakerProbes = health.Int("breakerProbes"),
        CooldownAfter = health.Int("cooldownAfter"),
        CooldownMs = health.Int("cooldownMs"),
        RateLimitCooldownMs = health.Int("rateLimitCooldownMs"),
        MaxCooldownMs = health.Int("maxCooldownMs"),
        ProviderConcurrency = (int?)health.Integer("providerConcurrency"),
        ProviderWaitMs = health.Int("providerWaitMs"),
        ShadowConcurrency = health.Int("shadowConcurrency"),
    };
}
