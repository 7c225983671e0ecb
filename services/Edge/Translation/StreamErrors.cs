using System.Buffers;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Framing;
using Gateway.Dialects.Sse;
using Gateway.Edge.Errors;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Translation;

/// <summary>The last event of a stream that the gateway has to end, in the caller's dialect.</summary>
internal static class StreamErrors
{
    /// <summary>
    /// True when the body may end in order after an error of the provider: in every dialect whose error event also is the end of a stream. Clients of OpenAI's chat skip
    /// an error event, and the last event of a Cohere stream looks to some clients like any other end, so that only a broken connection tells them.
    /// </summary>
    public static bool EndsInOrder(DialectId caller) => caller is not (DialectId.OpenAIChat or DialectId.OpenAICompletions or DialectId.Cohere);

    /// <summary>
    /// True when the body may end in order after an error of the gateway: where the official clients raise on the event. Those of Responses and Cohere hand it out as one
    /// event among others, and nothing is known of clients that read a JSON array.
    /// </summary>
    public static bool EndsInOrder(RequestContext context) => context.Operation.Dialect switch
    {
        DialectId.Anthropic or DialectId.BedrockConverse => true,
        DialectId.Gemini => !context.WantsJsonArray,
        _ => false,
    };

    public static void Write(RequestContext context, Failure failure, DateTimeOffset now, IBufferWriter<byte> output)
    {
        var dialect = context.Operation.Dialect;
        if (context.Answer.Form is { IsRaw: true })
        {
            // What follows sound is taken for sound; that it is broken off is told by the connection.
            return;
        }

        if (dialect is DialectId.OpenAIChat or DialectId.OpenAICompletions)
        {
            output.Write("data: "u8);
            output.Write(ErrorResponse.Build(failure, context.Attempts, context.Http.TraceIdentifier).WrittenSpan);
            output.Write("\n\n"u8);
            return;
        }

        var error = CallerErrors.From(failure, context.Attempts, context.Http.TraceIdentifier);
        var form = context.Answer.Form;
        if (form?.Array is { } array)
        {
            var element = new ArrayBufferWriter<byte>(512);
            ChatDialects.Get(dialect).WriteError(error, element);
            array.Write(element.WrittenSpan, output);
            array.End(output);
            return;
        }

        if (form?.Translation is { } translation)
        {
            translation.Writer.WriteError(error, output);
            return;
        }

        // A stream that was passed on has no writer of its own: a new one begins with what the caller has seen already.
        var events = new ArrayBufferWriter<byte>(512);
        ChatDialects.Get(dialect).CreateStreamWriter(ChatExchange.AnswerContextFor(context, now, null)).WriteError(error, events);
        output.Write(LastFrame(dialect, events.WrittenSpan));
    }

    private static ReadOnlySpan<byte> LastFrame(DialectId dialect, ReadOnlySpan<byte> events)
    {
        using IFrameReader frames = dialect == DialectId.BedrockConverse ? new EventStreamFrameReader() : new SseFrameReader();
        var rest = events;
        var last = 0;
        while (!rest.IsEmpty)
        {
            var room = frames.GetMemory().Span;
            var count = Math.Min(room.Length, rest.Length);
            rest[..count].CopyTo(room);
            frames.Advance(count);
            rest = rest[count..];
            while (frames.TryRead(out var frame))
            {
                last = frame.Length;
            }
        }

        return last == 0 ? events : events[^last..];
    }
}
