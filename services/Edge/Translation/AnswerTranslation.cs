using System.Text;
using Gateway.Dialects.Chat;
using Gateway.Edge.Http;

namespace Gateway.Edge.Translation;

/// <summary>Whole answers: read in the provider's dialect, written in the caller's, or in the form that the caller asked for.</summary>
internal static class AnswerTranslation
{
    /// <summary>Writes an answer as the body the caller expects: whole, or as all events of a stream.</summary>
    public static PooledBody Write(ChatExchange exchange, ChatAnswer answer, bool asStream, out string? contentType)
    {
        using var output = new PooledBodyWriter(4096);
        contentType = null;
        if (asStream)
        {
            var writer = exchange.Caller.CreateStreamWriter(exchange.Answer);
            contentType = writer.ContentType;
            foreach (var e in AnswerPlayer.Play(answer))
            {
                writer.Write(e, output);
            }
        }
        else
        {
            exchange.Caller.WriteAnswer(answer, exchange.Answer, output);
        }

        return output.Detach();
    }

    /// <summary>Bytes of generated text in an answer, for an estimate when no usage is reported.</summary>
    public static long TextBytes(ChatAnswer answer)
    {
        var bytes = 0L;
        foreach (var choice in answer.Choices)
        {
            foreach (var part in choice.Parts)
            {
                bytes += part switch
                {
                    TextPart text => Encoding.UTF8.GetByteCount(text.Text),
                    ReasoningPart reasoning => Encoding.UTF8.GetByteCount(reasoning.Text),
                    RefusalPart refusal => Encoding.UTF8.GetByteCount(refusal.Text),
                    ToolCallPart call => Encoding.UTF8.GetByteCount(call.Arguments),
                    _ => 0,
                };
            }
        }

        return bytes;
    }
}
