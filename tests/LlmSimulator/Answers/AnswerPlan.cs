using Gateway.LlmSimulator.Behaviour;

namespace Gateway.LlmSimulator.Answers;

/// <summary>Which of the answering endpoints is asked.</summary>
internal enum Operation
{
    Chat,
    Completion,
    Embedding,
}

/// <summary>One tool call of an answer: the function's name, and its arguments escaped for a JSON string.</summary>
internal sealed record ToolCall(string Id, byte[] Name, byte[][] ArgumentPieces);

/// <summary>Everything one answer is written from.</summary>
internal sealed record AnswerPlan(Operation Operation, string Id, byte[] Model, SimulatorBehaviour Behaviour)
{
    /// <summary>Answers do not carry the time of day, since a run is to be repeatable byte for byte.</summary>
    public const long Created = 1_767_225_600;

    public bool Stream { get; init; }

    public bool IncludeUsage { get; init; }

    public int PromptTokens { get; init; }

    public byte[][] Pieces { get; init; } = [];

    public IReadOnlyList<ToolCall> ToolCalls { get; init; } = [];

    /// <summary>The true finish reason.</summary>
    public string Finish { get; init; } = "stop";

    public string FinishGiven => Behaviour.Finish ?? Finish;

    public int CompletionTokens => ToolCalls.Count == 0 ? Pieces.Length : ToolCalls.Sum(c => c.ArgumentPieces.Length);
}
