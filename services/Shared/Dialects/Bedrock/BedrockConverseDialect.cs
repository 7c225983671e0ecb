using System.Buffers;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Bedrock;

/// <summary>Amazon Bedrock Converse and ConverseStream.</summary>
public sealed class BedrockConverseDialect : IChatDialect
{
    /// <summary>The one instance.</summary>
    public static BedrockConverseDialect Instance { get; } = new();

    /// <inheritdoc/>
    public DialectId Id => DialectId.BedrockConverse;

    /// <inheritdoc/>
    public DialectProblem? ReadRequest(ReadOnlyMemory<byte> body, in RequestLocation location, out ChatRequest request) =>
        BedrockRequestReader.Read(body.Span, location, out request);

    /// <inheritdoc/>
    public DialectProblem? WriteRequest(ChatRequest request, RequestTarget target, IBufferWriter<byte> output, DropList drops) =>
        new BedrockRequestWriter(ToolNames.Fit(request, Id), target, drops).Write(output);

    /// <inheritdoc/>
    public bool TryReadAnswer(ReadOnlyMemory<byte> body, out ChatAnswer answer) => BedrockAnswerReader.TryRead(body.Span, out answer);

    /// <inheritdoc/>
    public void WriteAnswer(ChatAnswer answer, AnswerContext context, IBufferWriter<byte> output) => BedrockAnswerWriter.Write(CallerTools.Restore(answer, context), output);

    /// <inheritdoc/>
    public IChatStreamReader CreateStreamReader() => new BedrockStreamReader();

    /// <inheritdoc/>
    public IChatStreamWriter CreateStreamWriter(AnswerContext context) => CallerTools.Restore(new BedrockStreamWriter(), context);

    /// <inheritdoc/>
    public ChatError ReadError(int status, ReadOnlyMemory<byte> body) => BedrockErrors.Read(status, body.Span, null);

    /// <summary>Reads a provider's error answer, of which the body tells less than the header.</summary>
    /// <param name="status">HTTP status.</param>
    /// <param name="body">The body.</param>
    /// <param name="errorType">The header <c>x-amzn-ErrorType</c>, or null.</param>
    public static ChatError ReadError(int status, ReadOnlyMemory<byte> body, string? errorType) => BedrockErrors.Read(status, body.Span, errorType);

    /// <inheritdoc/>
    public void WriteError(ChatError error, IBufferWriter<byte> output) => BedrockErrors.Write(error, output);

    /// <summary>What the header <c>x-amzn-ErrorType</c> of an error answer to a caller says.</summary>
    public static string ErrorType(ChatErrorKind kind) => BedrockErrors.TypeOf(kind);
}
