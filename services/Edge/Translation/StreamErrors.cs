using System.Buffers;
using Gateway.Dialects.Chat;
using Gateway.Edge.Errors;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Translation;

/// <summary>The last event of a stream that the gateway has to end, in the caller's dialect.</summary>
internal static class StreamErrors
{
    public static void Write(RequestContext context, Failure failure, DateTimeOffset now, IBufferWriter<byte> output)
    {
        var dialect = context.Operation.Dialect;
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

        // A stream that was passed on has no writer of its own yet.
        var writer = form?.Translation?.Writer ?? ChatDialects.Get(dialect).CreateStreamWriter(ChatExchange.AnswerContextFor(context, now, null));
        writer.WriteError(error, output);
    }
}
