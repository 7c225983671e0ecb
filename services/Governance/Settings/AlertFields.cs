using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;

namespace Gateway.Governance.Settings;

/// <summary>Reads <c>alerts</c> of the settings.</summary>
internal static class AlertFields
{
    private const long MostNanoUsd = 1_000_000_000_000_000;

    public static AlertSettings Read(ObjectReader reader)
    {
        var defaults = new AlertSettings();
        if (reader.Nested("alerts") is not { } nested)
        {
            return defaults;
        }

        var settings = new AlertSettings
        {
            ErrorRatePercent = nested.Integer("errorRatePercent", 0, 100, defaults.ErrorRatePercent),
            ErrorMinimumRequests = nested.Integer("errorMinimumRequests", 1, 1_000_000, defaults.ErrorMinimumRequests),
            ErrorWindowMinutes = nested.Integer("errorWindowMinutes", 1, 60, defaults.ErrorWindowMinutes),
            ProviderDown = nested.Boolean("providerDown", defaults.ProviderDown),
            SpendFactor = nested.Number("spendFactor", 0, 1_000) ?? defaults.SpendFactor,
            SpendMinimumNanoUsd = nested.Integer("spendMinimumNanoUsd", 0, MostNanoUsd) ?? defaults.SpendMinimumNanoUsd,
        };
        nested.Close();
        return settings;
    }
}
