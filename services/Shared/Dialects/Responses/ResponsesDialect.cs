using System.Buffers;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Responses;

/// <summary>OpenAI's Responses, both ways.</summary>
public sealed class ResponsesDialect : IChatDialect
{
    private ResponsesDialect()
    {
    }

    /// <summary>The one instance.</summary>
    public static ResponsesDialect Instance { get; } = new();

    /// <inheritdoc/>
    public DialectId Id => DialectId.OpenAIResponses;

    /// <inheritdoc/>
    public DialectProblem? ReadRequest(ReadOnlyMemory<byte> body, in RequestLocation location, out ChatRequest request) =>
        ResponsesRequestReader.Read(body, location, out request);

    /// <inheritdoc/>
    public DialectProblem? WriteRequest(ChatRequest request, RequestTarget target, IBufferWriter<byte> output, DropList drops) =>
        ResponsesRequestWriter.Write(ToolNames.Fit(request, Id), target, output, drops);

    /// <inheritdoc/>
    public bool TryReadAnswer(ReadOnlyMemory<byte> body, out ChatAnswer answer) => ResponsesAnswerReader.TryRead(body, out answer);

    /// <inheritdoc/>
    public void WriteAnswer(ChatAnswer answer, AnswerContext context, IBufferWriter<byte> output) => ResponsesAnswerWriter.Write(CallerTools.Restore(answer, context), context, output);

    /// <inheritdoc/>
    public IChatStreamReader CreateStreamReader() => new ResponsesStreamReader();

    /// <inheritdoc/>
    public IChatStreamWriter CreateStreamWriter(AnswerContext context) => CallerTools.Restore(new ResponsesStreamWriter(context), context);

    /// <inheritdoc/>
    public ChatError ReadError(int status, ReadOnlyMemory<byte> body) => ResponsesErrors.Read(status, body);

    /// <inheritdoc/>
    public void WriteError(ChatError error, IBufferWriter<byte> output) => ResponsesErrors.Write(error, output);
}
