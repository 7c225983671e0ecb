using System.Buffers;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.OpenAI.Completions;

/// <summary>OpenAI's older completions: one prompt in, one text out.</summary>
public sealed class OpenAICompletionsDialect : IChatDialect
{
    private OpenAICompletionsDialect()
    {
    }

    /// <summary>The dialect.</summary>
    public static OpenAICompletionsDialect Instance { get; } = new();

    /// <inheritdoc/>
    public DialectId Id => DialectId.OpenAICompletions;

    /// <inheritdoc/>
    public DialectProblem? ReadRequest(ReadOnlyMemory<byte> body, in RequestLocation location, out ChatRequest request) =>
        CompletionsRequests.Read(body.Span, location, out request);

    /// <inheritdoc/>
    public DialectProblem? WriteRequest(ChatRequest request, RequestTarget target, IBufferWriter<byte> output, DropList drops) =>
        CompletionsRequests.Write(ToolNames.Fit(request, Id), target, output, drops);

    /// <inheritdoc/>
    public bool TryReadAnswer(ReadOnlyMemory<byte> body, out ChatAnswer answer) =>
        OpenAIAnswerReader.TryRead(body.Span, out answer, DialectId.OpenAICompletions);

    /// <inheritdoc/>
    public void WriteAnswer(ChatAnswer answer, AnswerContext context, IBufferWriter<byte> output) => CompletionsAnswers.Write(CallerTools.Restore(answer, context), context, output);

    /// <inheritdoc/>
    public IChatStreamReader CreateStreamReader() => new OpenAIStreamReader();

    /// <inheritdoc/>
    public IChatStreamWriter CreateStreamWriter(AnswerContext context) => CallerTools.Restore(new CompletionsStreamWriter(context), context);

    /// <inheritdoc/>
    public ChatError ReadError(int status, ReadOnlyMemory<byte> body) => OpenAIErrors.Read(status, body.Span);

    /// <inheritdoc/>
    public void WriteError(ChatError error, IBufferWriter<byte> output) => OpenAIErrors.Write(error, output);
}
