using System.Buffers;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Anthropic;

/// <summary>Anthropic messages, of Anthropic itself, of Vertex AI and Bedrock's own endpoint for it, and of providers that are compatible.</summary>
public sealed class AnthropicDialect : IChatDialect
{
    /// <summary>The one instance.</summary>
    public static AnthropicDialect Instance { get; } = new();

    /// <summary>True for a model that goes on with an assistant message at the end of the conversation; others refuse it, or begin anew.</summary>
    public static bool TakesPrefill(string model) => ClaudeModel.Parse(model).TakesPrefill;

    /// <inheritdoc/>
    public DialectId Id => DialectId.Anthropic;

    /// <inheritdoc/>
    public DialectProblem? ReadRequest(ReadOnlyMemory<byte> body, in RequestLocation location, out ChatRequest request) =>
        AnthropicRequestReader.Read(body.Span, location, out request);

    /// <inheritdoc/>
    public DialectProblem? WriteRequest(ChatRequest request, RequestTarget target, IBufferWriter<byte> output, DropList drops) =>
        new AnthropicRequestWriter(ToolNames.Fit(request, Id), target, drops).Write(output);

    /// <inheritdoc/>
    public bool TryReadAnswer(ReadOnlyMemory<byte> body, out ChatAnswer answer) => AnthropicAnswerReader.TryRead(body.Span, out answer);

    /// <inheritdoc/>
    public void WriteAnswer(ChatAnswer answer, AnswerContext context, IBufferWriter<byte> output) => AnthropicAnswerWriter.Write(CallerTools.Restore(answer, context), context, output);

    /// <inheritdoc/>
    public IChatStreamReader CreateStreamReader() => new AnthropicStreamReader();

    /// <inheritdoc/>
    public IChatStreamWriter CreateStreamWriter(AnswerContext context) => CallerTools.Restore(new AnthropicStreamWriter(context), context);

    /// <inheritdoc/>
    public ChatError ReadError(int status, ReadOnlyMemory<byte> body) => AnthropicErrors.Read(status, body.Span);

    /// <inheritdoc/>
    public void WriteError(ChatError error, IBufferWriter<byte> output) => AnthropicErrors.Write(error, output);
}
