using Gateway.Guardrails.Engine.Injection;

namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>What an example is.</summary>
internal enum ExampleKind
{
    Benign,

    /// <summary>Benign, with words that attacks use.</summary>
    Trigger,
    Direct,
    Indirect,
    Jailbreak,
}

/// <summary>A text with what it is.</summary>
/// <param name="Text">The text.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Family">Where it comes from: examples of one family are held out together.</param>
/// <param name="Source">Who it is said to come from.</param>
internal sealed record Example(string Text, ExampleKind Kind, string Family, TextSource Source = TextSource.Person)
{
    /// <summary>Where the order that was planted begins, where that is known; else -1.</summary>
    public int PlantedAt { get; init; } = -1;

    public int PlantedLength { get; init; }

    public bool IsAttack => Kind >= ExampleKind.Direct;

    /// <summary>Whether it was written for this project.</summary>
    public bool IsOwn => Family.StartsWith("own", StringComparison.Ordinal);

    /// <summary>How many examples each family has.</summary>
    public static Dictionary<string, int> SizesOf(IEnumerable<Example> examples) => examples.CountBy(static e => e.Family).ToDictionary();
}
