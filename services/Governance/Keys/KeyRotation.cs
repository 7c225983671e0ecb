using Gateway.Governance.Api;

namespace Gateway.Governance.Keys;

/// <summary>Body of a rotation; may be left out.</summary>
public sealed record KeyRotation
{
    /// <summary>For how long the old value is accepted beside the new one. 0 (default) to 2,592,000 (30 days).</summary>
    public int OverlapSeconds { get; init; }

    private const int MostSeconds = 30 * 24 * 3600;

    internal static TimeSpan Overlap(ObjectReader reader) => TimeSpan.FromSeconds(reader.Integer("overlapSeconds", 0, MostSeconds, 0));
}
