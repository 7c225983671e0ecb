using System.Buffers;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.OpenAI;

/// <summary>OpenAI chat completions, and everything that calls itself compatible.</summary>
public sealed class OpenAIChatDialect : IChatDialect
{
    private OpenAIChatDialect()
    {
    }

    /// <summary>The dialect.</summary>
    public static OpenAIChatDialect Instance { get; } = new();

    /// <inheritdoc/>
    public DialectId Id => DialectId.OpenAIChat;

    /// <inheritdoc/>
    public DialectProblem? ReadRequest(ReadOnlyMemory<byte> body, in RequestLocation location, out ChatRequest request) =>
        OpenAIRequestReader.Read(body.Span, location, out request);

    /// <inheritdoc/>
    public DialectProblem? WriteRequest(ChatRequest request, RequestTarget target, IBufferWriter<byte> output, DropList drops) =>
        OpenAIRequestWriter.Write(ToolNames.Fit(request, Id), target, output, drops);

    /// <inheritdoc/>
    public bool TryReadAnswer(ReadOnlyMemory<byte> body, out ChatAnswer answer) => OpenAIAnswerReader.TryRead(body.Span, out answer);

    /// <inheritdoc/>
    public void WriteAnswer(ChatAnswer answer, AnswerContext context, IBufferWriter<byte> output) => OpenAIAnswerWriter.Write(CallerTools.Restore(answer, context), context, output);

    /// <inheritdoc/>
    public IChatStreamReader CreateStreamReader() => new OpenAIStreamReader();

    /// <inheritdoc/>
    public IChatStreamWriter CreateStreamWriter(AnswerContext context) => CallerTools.Restore(new OpenAIStreamWriter(context), context);

    /// <inheritdoc/>
    public ChatError ReadError(int status, ReadOnlyMemory<byte> body) => OpenAIErrors.Read(status, body.Span);

    /// <inheritdoc/>
    public void WriteError(ChatError error, IBufferWriter<byte> output) => OpenAIErrors.Write(error, output);
}
