using System.Buffers;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Cohere;

/// <summary>Cohere chat, version 2.</summary>
public sealed class CohereDialect : IChatDialect
{
    private CohereDialect()
    {
    }

    /// <summary>The dialect.</summary>
    public static CohereDialect Instance { get; } = new();

    /// <inheritdoc/>
    public DialectId Id => DialectId.Cohere;

    /// <inheritdoc/>
    public DialectProblem? ReadRequest(ReadOnlyMemory<byte> body, in RequestLocation location, out ChatRequest request) => CohereRequestReader.Read(body.Span, location, out request);

    /// <inheritdoc/>
    public DialectProblem? WriteRequest(ChatRequest request, RequestTarget target, IBufferWriter<byte> output, DropList drops) =>
        CohereRequestWriter.Write(ToolNames.Fit(request, Id), target, output, drops);

    /// <inheritdoc/>
    public bool TryReadAnswer(ReadOnlyMemory<byte> body, out ChatAnswer answer) => CohereAnswerReader.TryRead(body.Span, out answer);

    /// <inheritdoc/>
    public void WriteAnswer(ChatAnswer answer, AnswerContext context, IBufferWriter<byte> output) => CohereAnswerWriter.Write(CallerTools.Restore(answer, context), context, output);

    /// <inheritdoc/>
    public IChatStreamReader CreateStreamReader() => new CohereStreamReader();

    /// <inheritdoc/>
    public IChatStreamWriter CreateStreamWriter(AnswerContext context) => CallerTools.Restore(new CohereStreamWriter(context), context);

    /// <inheritdoc/>
    public ChatError ReadError(int status, ReadOnlyMemory<byte> body) => CohereErrors.Read(status, body.Span);

    /// <inheritdoc/>
    public void WriteError(ChatError error, IBufferWriter<byte> output) => CohereErrors.Write(error, output);
}
