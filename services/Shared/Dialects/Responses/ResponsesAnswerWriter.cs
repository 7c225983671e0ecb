using System.Buffers;
using System.Text.Json;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Responses;

/// <summary>Writes whole answers for callers of the Responses dialect: the last event of a stream, without the stream.</summary>
internal static class ResponsesAnswerWriter
{
    public static void Write(ChatAnswer answer, AnswerContext context, IBufferWriter<byte> output)
    {
        var draft = new OutputDraft(context.Id, null);
        var choice = answer.Choices.Count > 0 ? answer.Choices[0] : new ChatChoice();
        foreach (var e in AnswerPlayer.Play(answer))
        {
            if (e.Choice == choice.Index)
            {
                draft.Add(e);
            }
        }

        var ending = ResponseEnding.Of(choice.Finish, choice.FinishDetail, draft.HasRefusal);
        draft.End(ending.Status);
        var response = new ResponseObject(context) { Id = answer.Id, Created = answer.Created, ServiceTier = answer.ServiceTier, Usage = answer.Usage };
        using var json = new Utf8JsonWriter(output, ResponseEvents.JsonOptions);
        response.Write(json, ending.Status, ending.Reason, null, draft.Items);
    }
}
