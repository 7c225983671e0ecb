using System.Globalization;
using Gateway.Catalogue;
using Gateway.Governance.Usage;
using Gateway.Governance.Usage.Aggregates;

namespace Gateway.Governance.Reconciliation.Bills;

/// <summary>Reads the fields that bills have. What is wrong is thrown as <see cref="FormatException"/> and becomes the reason of a refused line.</summary>
internal static class BillFields
{
    private const decimal MostUsd = 100_000_000;
    private const decimal MostQuantity = 1_000_000_000_000_000;
    private static readonly string[] DayForms = ["yyyy-MM-dd", "MM/dd/yyyy", "M/d/yyyy", "yyyyMMdd"];

    /// <summary>The day in UTC of a date or an instant.</summary>
    public static long Day(string text)
    {
        if (DateTime.TryParseExact(text, DayForms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var day))
        {
            return Day(new DateTimeOffset(day));
        }

        return text.Length > 10 && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
            ? Day(instant)
            : throw new FormatException($"'{Short(text)}' is no date: write 2026-01-31 or an instant.");
    }

    public static long Day(DateTimeOffset instant) => instant.Year is >= 2000 and < 2200
        ? UsageTime.Floor(UsageTime.Micros(instant), UsageTime.Day)
        : throw new FormatException("The date is not between 2000 and 2199.");

    /// <summary>An amount of US dollars, or of a fraction of them, and how far it may be off: half of its last digit, at most half a cent.</summary>
    public static (long NanoUsd, long Tolerance) Money(string text, decimal perUsd = 1)
    {
        var amount = Number(text, "amount") / perUsd;
        if (Math.Abs(amount) > MostUsd)
        {
            throw new FormatException($"The amount {Short(text)} is larger than any bill.");
        }

        var digits = text.IndexOfAny(['e', 'E']) >= 0 ? 9 : text.IndexOf('.', StringComparison.Ordinal) is var dot and >= 0 ? text.Length - dot - 1 : 0;
        var half = NanoUsd.PerUsd / perUsd / 2;
        for (var i = 0; i < digits && half >= 1; i++)
        {
            half /= 10;
        }

        return (NanoUsd.FromUsd(amount), (long)Math.Clamp(half, 1, NanoUsd.PerUsd / 200));
    }

    /// <summary>A quantity of units, each <paramref name="size"/> of ours.</summary>
    public static long Quantity(string text, decimal size = 1)
    {
        var quantity = Number(text, "quantity");
        return Math.Abs(quantity) <= MostQuantity / size
            ? decimal.ToInt64(decimal.Round(quantity * size, 0, MidpointRounding.AwayFromZero))
            : throw new FormatException($"The quantity {Short(text)} is larger than any bill's.");
    }

    /// <summary>Refuses every currency but US dollars.</summary>
    public static void Currency(string? text)
    {
        if (!string.IsNullOrEmpty(text) && !text.Equals("USD", StringComparison.OrdinalIgnoreCase))
        {
            throw new FormatException($"The currency is {Short(text)}: only USD is compared.");
        }
    }

    /// <summary>A text as the store takes it.</summary>
    public static string Text(string? text) => UsageText.Clean((text ?? "").Trim());

    /// <summary>How many single units a pricing unit is: 1,000 of <c>1K tokens</c>.</summary>
    public static decimal Size(string? unit)
    {
        var plain = (unit ?? "").Replace(",", "", StringComparison.Ordinal).Trim();
        var digits = plain.TakeWhile(char.IsAsciiDigit).Count();
        var number = digits is 0 or > 9 ? 1 : decimal.Parse(plain[..digits], CultureInfo.InvariantCulture);
        return Math.Max(1, number) * (plain[digits..].TrimStart() switch
        {
            ['K' or 'k', ..] => 1_000,
            ['M' or 'm', ..] when !plain.Contains("Minute", StringComparison.OrdinalIgnoreCase) && !plain.Contains("Month", StringComparison.OrdinalIgnoreCase) => 1_000_000,
            _ => 1,
        });
    }

    private static decimal Number(string text, string what)
        => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException($"'{Short(text)}' is no {what}: write it like 12.345, without thousands separators.");

    private static string Short(string text) => text.Length <= 40 ? UsageText.Clean(text) : UsageText.Clean(text[..40]) + "…";
}
