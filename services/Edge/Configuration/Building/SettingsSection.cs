using Gateway.Accounts;
using Gateway.Catalogue;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Configuration.Schema;

namespace Gateway.Edge.Configuration.Building;

/// <summary>Reads <c>settings</c>.</summary>
internal static class SettingsSection
{
    public static GatewaySettings Read(SectionReader root, BuildContext context)
    {
        var settings = root.Section("settings");
        var storage = CacheSection.ReadStorage(settings, context);
        return new GatewaySettings
        {
            MaxRequestBytes = settings.Int("maxRequestBytes"),
            MaxJsonDepth = settings.Int("maxJsonDepth"),
            DefaultOutputTokens = settings.Int("defaultOutputTokens"),
            OutputCap = (OutputCapPolicy)(settings.Choice("outputCap") + 1),
            PromptEstimate = (PromptEstimatePolicy)(settings.Choice("promptEstimate") + 1),
            OnRevoke = (RevokePolicy)(settings.Choice("onRevoke") + 1),
            OnAbandon = (AbandonPolicy)(settings.Choice("onAbandon") + 1),
            Unreported = (UnreportedPolicy)(settings.Choice("unreported") + 1),
            RequestLog = (RequestLogLevel)(settings.Choice("requestLog") + 1),
            RequestLogDetail = RequestLogSection.ReadDetail(settings.Section("requestLogDetail")),
            EndUser = ReadEndUser(settings, context),
            Unpriced = (UnpricedPolicy)(settings.Choice("unpriced") + 1),
            AssumedPrice = ReadAssumedPrice(settings, context),
            BlockedTerms = [.. settings.Texts("blockedTerms").Select(static t => t.Text)],
            GuardrailFailure = settings.Choice("guardrailFailure") == 1 ? FailPolicy.Open : FailPolicy.Closed,
            Cache = (CacheMode)(settings.Choice("cache") + 1),
            CachePolicy = CacheSection.ReadDefaults(settings, context, storage.SharedScopes),
            CacheStorage = storage,
            RateLimitHeaders = settings.Flag("rateLimitHeaders"),
            Health = ReadHealth(settings.Section("health")),
            Telemetry = TelemetrySection.Read(settings.Section("telemetry")),
        };
    }

    private static string? ReadAssumedPrice(SectionReader settings, BuildContext context)
    {
        var name = settings.Text("assumedPrice");
        if (name is not null && PriceBook.FindAssumed(name.Text) is null)
        {
            context.Error(name, $"The built-in price table has no price of '{name.Text}'. Legal: {ConfigurationSchema.At("settings.assumedPrice").Form}.");
        }

        return name?.Text;
    }

    private static IReadOnlyList<string> ReadEndUser(SectionReader settings, BuildContext context)
    {
        if (!settings.Has("endUser"))
        {
            return new GatewaySettings().EndUser;
        }

        var sources = settings.Texts("endUser");
        foreach (var source in sources.Where(static s => EndUserSource.TryParse(s.Text) is null))
        {
            context.Error(source, $"'{source.Text}' is no place of a request. Legal: {ConfigurationSchema.At("settings.endUser").Form}.");
        }

        return [.. sources.Select(static s => s.Text)];
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
