using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Gateway.ServiceDefaults;

/// <summary>Reads single settings strictly: a value that is not legal is an error that names the key and the legal values.</summary>
public static class Settings
{
    /// <summary>A whole number.</summary>
    /// <param name="configuration">Where to look.</param>
    /// <param name="key">For example <c>Gateway:DrainSeconds</c>.</param>
    /// <param name="fallback">Value when the key is absent or empty.</param>
    /// <param name="min">Lowest legal value.</param>
    /// <param name="max">Highest legal value.</param>
    /// <exception cref="InvalidOperationException">The value is no whole number or out of range.</exception>
    public static int WholeNumber(this IConfiguration configuration, string key, int fallback, int min, int max)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var text = configuration[key];
        if (string.IsNullOrWhiteSpace(text))
        {
            return fallback;
        }

        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
            : throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture,
                $"Configuration {key} (environment variable {key.Replace(":", "__", StringComparison.Ordinal)}) is '{text}': it must be a whole number from {min} to {max}; default {fallback}."));
    }
}
