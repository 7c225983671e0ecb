namespace Gateway.Edge.Providers.Demo;

/// <summary>An answer of chat or completions before it is written in any form.</summary>
internal sealed record DemoAnswer(IReadOnlyList<DemoChoice> Choices, long PromptTokens)
{
    /// <summary>Tokens of all choices.</summary>
    public long CompletionTokens => Choices.Sum(static c => (long)c.Pieces.Count);
}

/// <summary>One choice.</summary>
/// <param name="Pieces">Its text, or the tool call's arguments, in the pieces it is streamed in; one token each.</param>
/// <param name="Tool">Name of the tool called, or null for text.</param>
/// <param name="FinishReason">OpenAI's finish reason.</param>
internal sealed record DemoChoice(IReadOnlyList<string> Pieces, string? Tool, string FinishReason)
{
    /// <summary>Cuts a text to the most tokens asked for.</summary>
    public static DemoChoice Of(string text, string? tool, int? maxTokens)
    {
        var pieces = DemoText.Pieces(text);
        var cut = maxTokens is { } max && pieces.Count > max;
        return new DemoChoice(cut ? pieces[..maxTokens!.Value] : pieces, tool, cut ? "length" : tool is null ? "stop" : "tool_calls");
    }
}
