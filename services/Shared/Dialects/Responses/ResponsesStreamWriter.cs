using System.Buffers;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Responses;

/// <summary>Writes streams for callers of the Responses dialect.</summary>
internal sealed class ResponsesStreamWriter : IChatStreamWriter
{
    private readonly ResponseEvents _events = new();
    private readonly OutputDraft _draft;
    private readonly ResponseObject _response;
    private ChatEvent _finish = new() { Kind = ChatEventKind.Finish, Finish = FinishReason.Stop };
    private bool _isBegun;
    private bool _isOver;

    public ResponsesStreamWriter(AnswerContext context)
    {
        _draft = new OutputDraft(context.Id, _events);
        _response = new ResponseObject(context);
    }

    public string ContentType => "text/event-stream";

    public void Write(in ChatEvent e, IBufferWriter<byte> output)
    {
        // The dialect has one choice.
        if (_isOver || e.Choice != 0)
        {
            return;
        }

        _events.WriteTo(output);
        if (e.Kind == ChatEventKind.Start)
        {
            _response.Id = e.Id;
            _response.Created = e.Created;
        }

        _response.ServiceTier = e.ServiceTier ?? _response.ServiceTier;
        switch (e.Kind)
        {
            case ChatEventKind.Usage:
                _response.Usage = e.Usage;
                break;
            case ChatEventKind.Error:
                WriteError(e.Error ?? new ChatError { Status = 502, Kind = ChatErrorKind.Api, Message = "The provider failed in the middle of its answer." }, output);
                break;
            case ChatEventKind.Finish:
                Begin();
                _finish = e;
                _draft.End(ResponseEnding.Of(e.Finish, e.FinishDetail, _draft.HasRefusal).Status);
                break;
            case ChatEventKind.End:
                Begin();
                End();
                break;
            default:
                Begin();
                _draft.Add(e);
                break;
        }
    }

    public void WriteError(ChatError error, IBufferWriter<byte> output)
    {
        if (_isOver)
        {
            return;
        }

        _isOver = true;
        _events.WriteTo(output);
        // Flat as the specification has it, nested as the provider sends it: clients look for either.
        var json = _events.Begin("error"u8);
        ResponsesErrors.WriteMembers(json, error);
        json.WriteStartObject("error"u8);
        json.WriteString("type"u8, ResponsesErrors.TypeOf(error));
        ResponsesErrors.WriteMembers(json, error);
        ResponsesErrors.WriteDetails(json, error);
        json.WriteEndObject();
        _events.End();
        json = _events.Begin("response.failed"u8);
        json.WritePropertyName("response"u8);
        _response.Write(json, "failed", null, error, _draft.Items.Where(static i => i.IsDone));
        _events.End();
    }

    private void Begin()
    {
        if (_isBegun)
        {
            return;
        }

        _isBegun = true;
        foreach (var type in (ReadOnlySpan<string>)["response.created", "response.in_progress"])
        {
            var json = _events.Begin(System.Text.Encoding.UTF8.GetBytes(type));
            json.WritePropertyName("response"u8);
            _response.Write(json, "in_progress", null, null, []);
            _events.End();
        }
    }

    private void End()
    {
        _isOver = true;
        var ending = ResponseEnding.Of(_finish.Finish, _finish.FinishDetail, _draft.HasRefusal);
        _draft.End(ending.Status);
        var json = _events.Begin(ending.Status == "completed" ? "response.completed"u8 : "response.incomplete"u8);
        json.WritePropertyName("response"u8);
        _response.Write(json, ending.Status, ending.Reason, null, _draft.Items);
        _events.End();
    }
}
