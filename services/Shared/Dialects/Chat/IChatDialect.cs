using System.Buffers;

namespace Gateway.Dialects.Chat;

/// <summary>
/// One wire format for chat, both ways: as the caller's (read requests, write answers) and as the provider's (write requests, read answers). Pure: no
/// I/O, no clock, no randomness; instances are stateless and may be shared. Only translation goes through here: between equal dialects bytes pass as they are.
/// </summary>
public interface IChatDialect
{
    /// <summary>The format.</summary>
    DialectId Id { get; }

    /// <summary>Reads a caller's request.</summary>
    /// <param name="body">The request's JSON; strings and elements of the result may refer to it.</param>
    /// <param name="location">What the request's address says.</param>
    /// <param name="request">The request; meaningless when a problem is returned.</param>
    /// <returns>Null, or what is wrong with the request.</returns>
    DialectProblem? ReadRequest(ReadOnlyMemory<byte> body, in RequestLocation location, out ChatRequest request);

    /// <summary>Writes a request for a provider of this dialect.</summary>
    /// <param name="request">The neutral request; it is not changed.</param>
    /// <param name="target">The model and the peculiarities of the provider.</param>
    /// <param name="output">Receives the JSON body.</param>
    /// <param name="drops">Receives what this dialect, or this provider, cannot express.</param>
    /// <returns>Null, or why the request cannot be expressed at all.</returns>
    DialectProblem? WriteRequest(ChatRequest request, RequestTarget target, IBufferWriter<byte> output, DropList drops);

    /// <summary>Reads a provider's whole answer.</summary>
    /// <returns>False when the bytes are no answer of this dialect.</returns>
    bool TryReadAnswer(ReadOnlyMemory<byte> body, out ChatAnswer answer);

    /// <summary>Writes a whole answer for a caller.</summary>
    void WriteAnswer(ChatAnswer answer, AnswerContext context, IBufferWriter<byte> output);

    /// <summary>A reader for one stream of a provider.</summary>
    IChatStreamReader CreateStreamReader();

    /// <summary>A writer for one stream to a caller.</summary>
    IChatStreamWriter CreateStreamWriter(AnswerContext context);

    /// <summary>Reads a provider's error answer; whatever the bytes are, an error comes out.</summary>
    ChatError ReadError(int status, ReadOnlyMemory<byte> body);

    /// <summary>Writes an error for a caller, as the body of an answer with <see cref="ChatError.Status"/>.</summary>
    void WriteError(ChatError error, IBufferWriter<byte> output);
}

/// <summary>Reads one stream of a provider, event by event. Not thread-safe.</summary>
public interface IChatStreamReader
{
    /// <summary>Reads one wire event.</summary>
    /// <param name="eventName">Its name: the SSE <c>event</c> field or the event stream's <c>:event-type</c>; empty when there is none.</param>
    /// <param name="payload">Its payload: JSON, or the dialect's terminator.</param>
    /// <param name="events">Receives what the event says, in order; often nothing, sometimes several.</param>
    /// <returns>False when the payload is not valid in this dialect.</returns>
    bool Read(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> payload, ICollection<ChatEvent> events);

    /// <summary>Tells that the provider closed the stream; what was still open (parts, a pending finish) is emitted.</summary>
    /// <returns>True when the stream was whole: its terminator came or, in dialects without one, its finish reason.</returns>
    bool Complete(ICollection<ChatEvent> events);
}

/// <summary>Writes one stream to a caller. The order of calls is that of <see cref="ChatEvent"/>; not thread-safe.</summary>
public interface IChatStreamWriter
{
    /// <summary>Content type of the stream.</summary>
    string ContentType { get; }

    /// <summary>Writes what <paramref name="e"/> means in this dialect, as whole wire events with their framing; may write nothing and hold it back.</summary>
    void Write(in ChatEvent e, IBufferWriter<byte> output);

    /// <summary>Ends a stream that broke: an error event, in the dialect's form, and no terminator that a client could take for success.</summary>
    void WriteError(ChatError error, IBufferWriter<byte> output);
}
