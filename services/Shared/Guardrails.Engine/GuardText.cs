using Gateway.Contracts.Configuration;

namespace Gateway.Guardrails.Engine;

/// <summary>A text to check, and where it stands.</summary>
/// <param name="Text">The text. Lone surrogates are allowed and match nothing.</param>
/// <param name="Place">Where it stands; rules look at the places they name.</param>
public readonly record struct GuardText(string Text, GuardrailScope Place)
{
    /// <summary>Who wrote it. Default <see cref="GuardSource.Unknown"/>.</summary>
    public GuardSource Source { get; init; }

    /// <summary>The tool that is called or that answered; null where it is neither.</summary>
    public string? Tool { get; init; }

    /// <summary>True for JSON as it is on the wire, such as the arguments of a tool call: what is put in is escaped so that it stays JSON.</summary>
    public bool IsJson { get; init; }
}

/// <summary>Who wrote a text.</summary>
public enum GuardSource
{
    /// <summary>Not known.</summary>
    Unknown = 0,

    /// <summary>The application: system and developer messages, tool definitions.</summary>
    System = 1,

    /// <summary>The end user.</summary>
    User = 2,

    /// <summary>A model.</summary>
    Assistant = 3,

    /// <summary>A tool, by its result.</summary>
    Tool = 4,

    /// <summary>A document that was given along.</summary>
    Document = 5,
}
