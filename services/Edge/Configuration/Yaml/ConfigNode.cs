namespace Gateway.Edge.Configuration.Yaml;

/// <summary>A piece of the file with the place where it begins; lines and columns count from 1.</summary>
internal abstract record ConfigNode(int Line, int Column);

/// <summary>A single value. Which type it has is decided by the setting that it is for, not by its looks.</summary>
internal sealed record ScalarNode(int Line, int Column, string Text, bool Quoted) : ConfigNode(Line, Column)
{
    /// <summary>True for a key with nothing after it, <c>~</c> and <c>null</c>.</summary>
    public bool IsNull => !Quoted && Text is ("" or "~" or "null");
}

/// <summary>A list.</summary>
internal sealed record SequenceNode(int Line, int Column, IReadOnlyList<ConfigNode> Items) : ConfigNode(Line, Column);

/// <summary>Keys with values; keys are unique.</summary>
internal sealed record MappingNode(int Line, int Column, IReadOnlyList<ConfigEntry> Entries) : ConfigNode(Line, Column);

/// <summary>One key of a mapping with its value.</summary>
internal sealed record ConfigEntry(ScalarNode Key, ConfigNode Value);
