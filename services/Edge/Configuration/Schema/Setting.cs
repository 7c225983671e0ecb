using System.Globalization;

namespace Gateway.Edge.Configuration.Schema;

/// <summary>
/// One key of the configuration file. The table of these is what the loader checks against, what its errors quote as legal, and what
/// the reference page is written from.
/// </summary>
/// <param name="Path">Key path; <c>&lt;id&gt;</c> stands for a name the user chooses, <c>[]</c> for an item of a list.</param>
/// <param name="Type">What the value must be.</param>
/// <param name="Meaning">What it is for, in a sentence.</param>
internal sealed record Setting(string Path, SettingType Type, string Meaning)
{
    /// <summary>Smallest number.</summary>
    public decimal Min { get; init; }

    /// <summary>Largest number.</summary>
    public decimal Max { get; init; }

    /// <summary>What holds when the key is absent, as it would be written; empty for none.</summary>
    public string Default { get; init; } = "";

    /// <summary>The names of a choice.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>For text: what it must look like.</summary>
    public string Form { get; init; } = "text";

    /// <summary>True when the key must be there.</summary>
    public bool Required { get; init; }

    /// <summary>True when the value must not be shown in errors.</summary>
    public bool Secret { get; init; }

    /// <summary>True when <c>${VARIABLE}</c> and <c>${file:PATH}</c> in the value are replaced.</summary>
    public bool Expands { get; init; }

    /// <summary>For a section or a list: the key that a shorter form stands for, or null.</summary>
    public string? ShortFor { get; init; }

    /// <summary>The last part of the path.</summary>
    public string Name => Path[(Path.LastIndexOf('.') + 1)..];

    /// <summary>The path of the section this key is in; empty for the root.</summary>
    public string Parent => Path.LastIndexOf('.') is var dot and >= 0 ? Path[..dot] : "";

    /// <summary>What is legal, to end a sentence with.</summary>
    public string Legal => Type switch
    {
        SettingType.Integer => string.Create(CultureInfo.InvariantCulture, $"a whole number from {Min:N0} to {Max:N0}").Replace(",", "", StringComparison.Ordinal),
        SettingType.Amount => string.Create(CultureInfo.InvariantCulture, $"a decimal number from {Min} to {Max} with at most 9 decimal places"),
        SettingType.Flag => "true, false",
        SettingType.Choice => string.Join(", ", Choices),
        SettingType.Text => Form,
        SettingType.TextList => $"a list of {Form}",
        SettingType.TextMap => $"keys with {Form}",
        SettingType.List => "a list",
        SettingType.Map or SettingType.Section => "keys with values",
        _ => throw new InvalidOperationException($"{Type} has no legal form"),
    };
}

/// <summary>What the value of a setting must be.</summary>
internal enum SettingType
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>A whole number in a range.</summary>
    Integer,

    /// <summary>A decimal number in a range, nine places at most.</summary>
    Amount,

    /// <summary>true or false.</summary>
    Flag,

    /// <summary>One of a few names.</summary>
    Choice,

    /// <summary>A list of texts.</summary>
    TextList,

    /// <summary>Names the user chooses, with texts.</summary>
    TextMap,

    /// <summary>A section with fixed keys.</summary>
    Section,

    /// <summary>Names the user chooses, each with a section.</summary>
    Map,

    /// <summary>A list of sections.</summary>
    List,
}
