using System.Text.Json;

namespace Gateway.Dialects.Chat;

/// <summary>A whole answer in no dialect.</summary>
public sealed class ChatAnswer
{
    /// <summary>Dialect it was read from.</summary>
    public required DialectId Origin { get; init; }

    /// <summary>The provider's id, or null.</summary>
    public string? Id { get; set; }

    /// <summary>Model name as the provider gave it, or null.</summary>
    public string? Model { get; set; }

    /// <summary>When the provider made it, in seconds since 1970, or null.</summary>
    public long? Created { get; set; }

    /// <summary>The choices; at least one in an answer that is no error.</summary>
    public List<ChatChoice> Choices { get; } = [];

    /// <summary>Tokens used; null when the provider did not say.</summary>
    public TokenCounts? Usage { get; set; }

    /// <summary>Service tier that served it, or null.</summary>
    public string? ServiceTier { get; set; }

    /// <summary>What went wrong, where the provider says so in an answer of its own form instead of an error; null in all other answers.</summary>
    public ChatError? Error { get; set; }
}

/// <summary>One choice of an answer.</summary>
public sealed class ChatChoice
{
    /// <summary>Position among the choices.</summary>
    public int Index { get; init; }

    /// <summary>What the model said, in order.</summary>
    public List<ContentPart> Parts { get; } = [];

    /// <summary>Why it ended.</summary>
    public FinishReason Finish { get; set; } = FinishReason.Stop;

    /// <summary>The provider's own word for it, or null.</summary>
    public string? FinishDetail { get; set; }

    /// <summary>The stop sequence that was met, or null.</summary>
    public string? StopSequence { get; set; }

    /// <summary>Log probabilities in OpenAI's chat form, or null.</summary>
    public JsonElement? LogProbabilities { get; set; }
}

/// <summary>Why an answer ended.</summary>
public enum FinishReason
{
    /// <summary>It was complete.</summary>
    Stop = 1,

    /// <summary>The token cap or the context window was reached.</summary>
    Length = 2,

    /// <summary>Tools are to be called.</summary>
    ToolCalls = 3,

    /// <summary>A filter of the provider stopped it.</summary>
    ContentFilter = 4,

    /// <summary>The model refused.</summary>
    Refusal = 5,

    /// <summary>A stop sequence was met, in dialects that tell it from <see cref="Stop"/>.</summary>
    StopSequence = 6,

    /// <summary>The provider paused a long turn and expects to be asked to go on.</summary>
    Pause = 7,

    /// <summary>The provider gave a reason without a neutral form, or failed in the middle; <see cref="ChatChoice.FinishDetail"/> has its word.</summary>
    Other = 8,
}
