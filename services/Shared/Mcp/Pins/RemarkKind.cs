namespace Gateway.Mcp.Pins;

/// <summary>What is remarkable about a tool.</summary>
public enum RemarkKind
{
    /// <summary>Its definition has characters that a model reads and a person does not see.</summary>
    HiddenText = 1,

    /// <summary>Its definition reads like orders to the model rather than a description.</summary>
    Instructions = 2,

    /// <summary>Its description speaks of a tool of another server.</summary>
    MentionsOthers = 3,

    /// <summary>A tool of another server has the same name, capitals and separators aside.</summary>
    Shadows = 4,

    /// <summary>It looks like a tool of the same server that is gone: the same description and schema under another name.</summary>
    Renamed = 5,

    /// <summary>Its name has other characters than letters, digits, <c>_</c>, <c>-</c>, <c>.</c> and <c>/</c>: it may look like another.</summary>
    StrangeName = 6,
}

/// <summary>Something remarkable about a tool.</summary>
/// <param name="Flag">What it is.</param>
/// <param name="Detail">Where it is or which other tool it concerns; never a text of the definition.</param>
public sealed record ToolRemark(RemarkKind Flag, string Detail)
{
    /// <summary>Whether somebody should look before the tool is used for the first time, also where first use is trusted.</summary>
    public bool IsSuspicious => Flag is RemarkKind.HiddenText or RemarkKind.Instructions or RemarkKind.MentionsOthers or RemarkKind.Renamed or RemarkKind.StrangeName;
}

/// <summary>A tool as an inventory knows it.</summary>
/// <param name="Server">The server's id.</param>
/// <param name="Name">Its own name.</param>
/// <param name="Description">Its description; empty for none.</param>
/// <param name="Body">What <see cref="ToolInspection.BodyOf"/> gave: equal for tools that differ in their name only.</param>
/// <param name="IsGone">True when the server no longer has it.</param>
public sealed record KnownTool(string Server, string Name, string Description, string Body, bool IsGone = false);
