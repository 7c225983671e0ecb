using System.Text.Json;

namespace Gateway.Dialects.Chat;

/// <summary>
/// One step of a streamed answer in no dialect. A stream is: one <see cref="ChatEventKind.Start"/>; then per choice and part
/// <see cref="ChatEventKind.PartStart"/>, any number of <see cref="ChatEventKind.Delta"/>, <see cref="ChatEventKind.PartEnd"/>; per choice one
/// <see cref="ChatEventKind.Finish"/>; <see cref="ChatEventKind.Usage"/> as often as the provider reports it (the last one counts); one
/// <see cref="ChatEventKind.End"/>. Parts are numbered per choice from 0 in the order they start. Parts of one choice may overlap only where the provider's
/// stream overlaps (parallel tool calls); every part has ended when its choice finishes.
/// </summary>
public readonly record struct ChatEvent
{
    /// <summary>What happens.</summary>
    public required ChatEventKind Kind { get; init; }

    /// <summary>The choice concerned.</summary>
    public int Choice { get; init; }

    /// <summary>The part concerned.</summary>
    public int Part { get; init; }

    /// <summary>The part's kind, on all events of a part.</summary>
    public PartKind PartKind { get; init; }

    /// <summary>Delta: text, reasoning, refusal, tool arguments (JSON text or free text), base64 of media. Null when the delta carries something else.</summary>
    public string? Text { get; init; }

    /// <summary>Start: the answer's id. PartStart: the tool call's, reasoning's or recording's id.</summary>
    public string? Id { get; init; }

    /// <summary>Start: the provider's model. PartStart: the tool's name, the media type, or an opaque part's type.</summary>
    public string? Name { get; init; }

    /// <summary>PartStart of a tool call: true for a tool with free text as its input. PartStart of reasoning: true for a summary.</summary>
    public bool Flag { get; init; }

    /// <summary>Delta or PartEnd of reasoning, a tool call or a text: its signature. It replaces an earlier one.</summary>
    public Signature? Signature { get; init; }

    /// <summary>Delta or PartEnd of reasoning: its encrypted form.</summary>
    public Signature? Encrypted { get; init; }

    /// <summary>Delta of a text: a source.</summary>
    public Citation? Citation { get; init; }

    /// <summary>Delta of a text: log probabilities in OpenAI's chat form. PartStart of an opaque part: the whole part.</summary>
    public JsonElement? Raw { get; init; }

    /// <summary>The dialect of an opaque part.</summary>
    public DialectId Origin { get; init; }

    /// <summary>Usage: tokens of the whole answer so far.</summary>
    public TokenCounts Usage { get; init; }

    /// <summary>Finish: why.</summary>
    public FinishReason Finish { get; init; }

    /// <summary>Finish: the provider's own word, or null.</summary>
    public string? FinishDetail { get; init; }

    /// <summary>Finish: the stop sequence that was met, or null.</summary>
    public string? StopSequence { get; init; }

    /// <summary>Error: what the provider says went wrong in the middle of its answer.</summary>
    public ChatError? Error { get; init; }

    /// <summary>Start: when the provider began, in seconds since 1970, or null.</summary>
    public long? Created { get; init; }

    /// <summary>Delta of audio: more of what is said in it, or null.</summary>
    public string? Transcript { get; init; }

    /// <summary>PartStart of an image or audio that is given by address instead of bytes: the address, or null.</summary>
    public string? Url { get; init; }

    /// <summary>Start or Usage: the service tier that serves the answer, or null.</summary>
    public string? ServiceTier { get; init; }
}

/// <summary>What happens in a stream.</summary>
public enum ChatEventKind
{
    /// <summary>The answer begins.</summary>
    Start = 1,

    /// <summary>A part begins.</summary>
    PartStart = 2,

    /// <summary>More of a part.</summary>
    Delta = 3,

    /// <summary>A part ends.</summary>
    PartEnd = 4,

    /// <summary>Tokens used so far.</summary>
    Usage = 5,

    /// <summary>A choice ends.</summary>
    Finish = 6,

    /// <summary>The provider reports a failure; nothing but the end of the stream follows.</summary>
    Error = 7,

    /// <summary>The answer is whole.</summary>
    End = 8,
}

/// <summary>Kinds of parts in a stream; see the classes of the same names.</summary>
public enum PartKind
{
    /// <summary><see cref="TextPart"/>.</summary>
    Text = 1,

    /// <summary><see cref="ReasoningPart"/>.</summary>
    Reasoning = 2,

    /// <summary><see cref="RefusalPart"/>.</summary>
    Refusal = 3,

    /// <summary><see cref="ToolCallPart"/>.</summary>
    ToolCall = 4,

    /// <summary><see cref="MediaPart"/> of kind audio.</summary>
    Audio = 5,

    /// <summary><see cref="MediaPart"/> of kind image.</summary>
    Image = 6,

    /// <summary><see cref="OpaquePart"/>.</summary>
    Opaque = 7,
}
