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
        };
    }
}
