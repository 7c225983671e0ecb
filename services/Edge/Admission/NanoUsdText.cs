using System.Globalization;

namespace Gateway.Edge.Admission;

/// <summary>Nano-US-dollars as people read them.</summary>
internal static class NanoUsdText
{
    public static string Format(long nanoUsd) => (nanoUsd / 1_000_000_000m).ToString("0.#########", CultureInfo.InvariantCulture);
}
