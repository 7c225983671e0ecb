using System.Text;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Responses;

/// <summary>What is known of one output item of a provider's stream.</summary>
internal sealed class StreamItem(string type)
{
    /// <summary>The item's type.</summary>
    public string Type { get; } = type;

    public string? Id { get; set; }

    /// <summary>Parts of the item: one, or for a message one for each content, by its index.</summary>
    public Dictionary<int, StreamPart> Parts { get; } = [];

    /// <summary>True when the reasoning comes as such, false when it comes as a summary; null before the first of it.</summary>
    public bool? IsRawReasoning { get; set; }

    /// <summary>Paragraph of the reasoning that is being written.</summary>
    public int Paragraph { get; set; }

    public bool IsDone { get; set; }
}

/// <summary>One part that was begun.</summary>
internal sealed class StreamPart(int number, PartKind kind)
{
    public int Number { get; } = number;

    public PartKind Kind { get; } = kind;

    /// <summary>What was told of it, to find out what a later, whole version adds.</summary>
    public StringBuilder Told { get; } = new();

    public int Citations { get; set; }

    public bool HasLogProbabilities { get; set; }

    public bool IsEnded { get; set; }
}
