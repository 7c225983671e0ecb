using System.Globalization;
using Gateway.Governance.Usage.Aggregates;

namespace Gateway.Governance.Usage.Partitions;

/// <summary>A month of UTC, whose records are a table of their own.</summary>
/// <param name="Number">Year × 100 + month.</param>
internal readonly record struct UsageMonth(int Number) : IComparable<UsageMonth>
{
    /// <summary>Name of its table.</summary>
    public string Table => string.Create(CultureInfo.InvariantCulture, $"usage_records_{Number:000000}");

    /// <summary>Its first microsecond.</summary>
    public long First => UsageTime.Micros(new DateTimeOffset(Number / 100, Number % 100, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>The first microsecond after it.</summary>
    public long Past => Next.First;

    /// <summary>The month after it.</summary>
    public UsageMonth Next => Number % 100 == 12 ? new UsageMonth(Number + 89) : new UsageMonth(Number + 1);

    /// <summary>The month of an instant.</summary>
    public static UsageMonth Of(long micros)
    {
        var instant = UsageTime.Instant(micros);
        return new UsageMonth((instant.Year * 100) + instant.Month);
    }

    /// <inheritdoc/>
    public int CompareTo(UsageMonth other) => Number.CompareTo(other.Number);
}
