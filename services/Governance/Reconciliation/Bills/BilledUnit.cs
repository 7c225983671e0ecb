namespace Gateway.Governance.Reconciliation.Bills;

/// <summary>What a line of a bill charges for. Numbers are persisted: append only.</summary>
internal enum BilledUnit
{
    /// <summary>Something else, or the bill does not say.</summary>
    Other = 0,

    Input = 1,

    CacheRead = 2,

    CacheWrite = 3,

    CacheWriteHour = 4,

    Output = 5,

    Reasoning = 6,

    AudioInput = 7,

    AudioCacheRead = 8,

    AudioOutput = 9,

    ImageInput = 10,

    ImageCacheRead = 11,

    ImageOutput = 12,

    Images = 13,

    WebSearches = 14,
}

/// <summary>Units by their number, and how bills that tell fewer of them apart count them.</summary>
internal static class BilledUnits
{
    /// <summary>Numbers of units there are.</summary>
    public const int Count = 15;

    /// <summary>Units that a bill may leave inside another, from the finest on.</summary>
    public static IReadOnlyList<(BilledUnit Part, BilledUnit Whole)> Folds { get; } =
    [
        (BilledUnit.Reasoning, BilledUnit.Output), (BilledUnit.AudioOutput, BilledUnit.Output), (BilledUnit.ImageOutput, BilledUnit.Output),
        (BilledUnit.AudioInput, BilledUnit.Input), (BilledUnit.ImageInput, BilledUnit.Input),
        (BilledUnit.AudioCacheRead, BilledUnit.CacheRead), (BilledUnit.ImageCacheRead, BilledUnit.CacheRead), (BilledUnit.CacheWriteHour, BilledUnit.CacheWrite),
    ];

    /// <summary>The name in answers and in CSV.</summary>
    public static string Name(this BilledUnit unit) => char.ToLowerInvariant(unit.ToString()[0]) + unit.ToString()[1..];

    /// <summary>The unit of a name, written in any case and with any separators.</summary>
    public static BilledUnit? Parse(string name)
    {
        var plain = Plain(name);
        foreach (var unit in Enum.GetValues<BilledUnit>())
        {
            if (Plain(unit.ToString()) is var known && (plain == known || plain == known + "tokens"))
            {
                return unit;
            }
        }

        return null;
    }

    /// <summary>Letters and digits in lower case.</summary>
    public static string Plain(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
}
