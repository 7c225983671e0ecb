using Gateway.Dialects.Anthropic;
using Gateway.Dialects.Chat;

namespace Gateway.Edge.Continuation;

/// <summary>What the next target is asked so that it goes on with an answer that broke off.</summary>
/// <param name="Text">The answer so far.</param>
/// <param name="OutputTokens">Tokens that the answer has taken of the caller's cap so far.</param>
internal sealed record NextLeg(string Text, long OutputTokens)
{
    /// <summary>Said by the user where the model cannot go on with its message by itself.</summary>
    public const string Instruction = "Your last message was cut off. Go on with it exactly where it stops, as if there had been no break: no repetition, no introduction, no comment.";

    /// <summary>Most tokens that this adds to the prompt; a token is at least one byte.</summary>
    public long PromptTokens => System.Text.Encoding.UTF8.GetByteCount(Text) + Instruction.Length;

    /// <summary>True when the model goes on with a message of its own that the conversation ends with.</summary>
    public static bool Prefills(ChatRequest request, DialectId dialect, string model) =>
        dialect is DialectId.Anthropic or DialectId.BedrockConverse && AnthropicDialect.TakesPrefill(model)
        && request.Reasoning is null or { Enabled: false } or { Enabled: null, Effort: "none" };

    /// <summary>The caller's request with the answer so far.</summary>
    public ChatRequest Request(ChatRequest request, DialectId dialect, string model)
    {
        var next = string.IsNullOrWhiteSpace(Text) ? request.With()
            : Prefills(request, dialect, model) ? request.With(Message(ChatRole.Assistant, Text))
            : request.With(Message(ChatRole.Assistant, Text), Message(ChatRole.User, Instruction));
        if (next.MaxOutputTokens is { } most)
        {
            next.MaxOutputTokens = (int)Math.Max(1, most - OutputTokens);
        }

        return next;
    }

    private static ChatMessage Message(ChatRole role, string text)
    {
        var message = new ChatMessage(role);
        message.Parts.Add(new TextPart(text));
        return message;
    }
}
