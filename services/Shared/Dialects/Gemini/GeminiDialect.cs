using System.Buffers;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Gemini;

/// <summary><c>generateContent</c> of the Gemini API and of Vertex AI.</summary>
public sealed class GeminiDialect : IChatDialect
{
    private GeminiDialect()
    {
    }

    /// <summary>The dialect.</summary>
    public static GeminiDialect Instance { get; } = new();

    /// <inheritdoc/>
    public DialectId Id => DialectId.Gemini;

    /// <inheritdoc/>
    public DialectProblem? ReadRequest(ReadOnlyMemory<byte> body, in RequestLocation location, out ChatRequest request) => GeminiRequestReader.Read(body.Span, location, out request);

    /// <inheritdoc/>
    public DialectProblem? WriteRequest(ChatRequest request, RequestTarget target, IBufferWriter<byte> output, DropList drops) =>
        GeminiRequestWriter.Write(ToolNames.Fit(request, Id), target, output, drops);

    /// <inheritdoc/>
    public bool TryReadAnswer(ReadOnlyMemory<byte> body, out ChatAnswer answer) => GeminiAnswerReader.TryRead(body.Span, out answer);

    /// <inheritdoc/>
    public void WriteAnswer(ChatAnswer answer, AnswerContext context, IBufferWriter<byte> output) => GeminiAnswerWriter.Write(CallerTools.Restore(answer, context), context, output);

    /// <inheritdoc/>
    public IChatStreamReader CreateStreamReader() => new GeminiStreamReader();

    /// <inheritdoc/>
    public IChatStreamWriter CreateStreamWriter(AnswerContext context) => CallerTools.Restore(new GeminiStreamWriter(context), context);

    /// <inheritdoc/>
    public ChatError ReadError(int status, ReadOnlyMemory<byte> body) => GeminiErrors.Read(status, body.Span);

    /// <inheritdoc/>
    public void WriteError(ChatError error, IBufferWriter<byte> output) => GeminiErrors.Write(error, output);
}
