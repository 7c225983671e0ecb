using Gateway.LlmSimulator.Behaviour;
using Gateway.LlmSimulator.Control;

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

    /// <summary>Tokens of thinking before the answer, as compatible providers show it; OpenAI itself hides it.</summary>
    public byte[][] Thinking { get; init; } = [];

    public bool Refused => Behaviour.Refuse && Operation == Operation.Chat;

    /// <summary>What of the tokens is priced apart; null when nothing is.</summary>
    public TokenClasses? Classes
    {
        get
        {
            var classes = new TokenClasses(
                CacheRead: Math.Min(Behaviour.Cached, PromptTokens),
                Reasoning: Thinking.Length + Math.Min(Behaviour.Reasoning, AnswerTokens),
                AudioInput: Math.Min(Behaviour.AudioIn, PromptTokens),
                AudioOutput: Math.Min(Behaviour.AudioOut, AnswerTokens));
            return Operation != Operation.Chat || classes == TokenClasses.None ? null : classes;
        }
    }

    public int CompletionTokens => Thinking.Length + AnswerTokens;

    private int AnswerTokens => ToolCalls.Count == 0 ? Pieces.Length : ToolCalls.Sum(c => c.ArgumentPieces.Length);
}
