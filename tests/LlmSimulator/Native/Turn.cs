using System.Text.Json;
using Gateway.LlmSimulator.Behaviour;
using Gateway.LlmSimulator.Control;

namespace Gateway.LlmSimulator.Native;

/// <summary>Why an answer ends, before a dialect puts it into its word.</summary>
internal enum TurnFinish
{
    Stop,
    Length,
    ToolUse,
    Refused,
}

/// <summary>A tool that a request offers.</summary>
internal sealed record OfferedTool(string Name, JsonElement Schema);

/// <summary>What an answer depends on, read from a request of any dialect.</summary>
internal sealed record Asked
{
    /// <summary>The model's whole name, knobs included.</summary>
    public required string Model { get; init; }

    public bool Stream { get; init; }

    public int? MaxTokens { get; init; }

    public IReadOnlyList<OfferedTool> Tools { get; init; } = [];

    /// <summary>The one tool that must be called.</summary>
    public string? ForcedTool { get; init; }

    /// <summary>Whether tools are offered but must not be called.</summary>
    public bool NoTools { get; init; }

    /// <summary>Whether the conversation ends in a tool's result, so that words should follow.</summary>
    public bool EndsInToolResult { get; init; }

    public string LastText { get; init; } = "";

    /// <summary>The beginning of an answer that the conversation ends with, or null.</summary>
    public string? Beginning { get; init; }

    /// <summary>UTF-8 bytes of all prompt text.</summary>
    public long PromptBytes { get; init; }

    /// <summary>Whether the caller wants thinking shown; null where the dialect has no such switch.</summary>
    public bool? WantsThinking { get; init; }
}

/// <summary>One call of a tool.</summary>
internal sealed record TurnCall(string Id, string Name, string Arguments, IReadOnlyList<string> Pieces);

/// <summary>An answer before it is put into a dialect.</summary>
internal sealed record Turn(string Id, string Model, SimulatorBehaviour Behaviour)
{
    public IReadOnlyList<string> Thinking { get; init; } = [];

    public IReadOnlyList<string> Text { get; init; } = [];

    public IReadOnlyList<TurnCall> Calls { get; init; } = [];

    public TurnFinish Finish { get; init; }

    public int PromptTokens { get; init; }

    public TokenClasses Classes { get; init; } = TokenClasses.None;

    /// <summary>Of the prompt's tokens those of no cache.</summary>
    public int FreshTokens => PromptTokens - Classes.CacheRead - Classes.CacheWrite - Classes.CacheWriteLong;

    public int CompletionTokens => Thinking.Count + AnswerTokens;

    public int AnswerTokens => Calls.Count == 0 ? Text.Count : Calls.Sum(c => c.Pieces.Count);

    /// <summary>Thinking is signed over its text and the model, so that a changed or foreign block is found out.</summary>
    public string Signature => Signatures.Sign(string.Concat(Thinking));
}
