using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Responses;

/// <summary>
/// Reads streams of the Responses dialect. Providers differ in what they send: some have no deltas, some leave out the beginning or the end of items, some
/// change the items' ids from event to event. Whatever a later, whole version of something says more than was told before is told then.
/// </summary>
internal sealed class ResponsesStreamReader : IChatStreamReader
{
    private readonly StreamItems _items = new();
    private bool _isStarted;
    private bool _isOver;
    private bool _isWhole;

    public bool Read(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> payload, ICollection<ChatEvent> events)
    {
        payload = payload.Trim(" \t\r\n"u8);
        if (payload.IsEmpty || payload.SequenceEqual("[DONE]"u8))
        {
            return true;
        }

        if (!LenientJson.TryParseObject(payload, out var e))
        {
            return false;
        }

        if (_isOver)
        {
            return true;
        }

        var type = e.StringOf("type") ?? System.Text.Encoding.UTF8.GetString(eventName);
        switch (type)
        {
            case "response.completed" or "response.incomplete" or "response.failed" or "response.done" or "response.cancelled":
                ReadTerminator(type, e.TryObject("response", out var last) ? last : e, events);
                break;
            case "error":
            case "" when e.TryObject("error", out _):
                Fail(ResponsesErrors.ReadEvent(e), events);
                break;
            default:
                if (e.TryObject("response", out var response))
                {
                    Start(response, events);
                }
                else if (type.StartsWith("response.", StringComparison.Ordinal))
                {
                    Start(default, events);
                    _items.Read(type, e, events);
                }

                break;
        }

        return true;
    }

    public bool Complete(ICollection<ChatEvent> events)
    {
        if (!_isOver)
        {
            _isOver = true;
            _items.EndAll(events);
        }

        return _isWhole;
    }

    private void Start(JsonElement response, ICollection<ChatEvent> events)
    {
        if (_isStarted)
        {
            return;
        }

        _isStarted = true;
        _items.SearchesX = OutputReader.SearchesX(response);
        events.Add(new ChatEvent
        {
            Kind = ChatEventKind.Start,
            Origin = DialectId.OpenAIResponses,
            Id = response.StringOf("id"),
            Name = response.StringOf("model"),
            Created = (long?)response.NumberOf("created_at"),
            ServiceTier = response.StringOf("service_tier"),
        });
    }

    private void ReadTerminator(string type, JsonElement response, ICollection<ChatEvent> events)
    {
        // The status is the better witness: some send "completed" for all of them.
        var said = response.StringOf("status");
        var status = said is "completed" or "incomplete" or "failed" or "cancelled" ? said : type["response.".Length..];
        if (status is "failed" or "cancelled")
        {
            Fail(ResponsesErrors.ReadResponse(response), events);
            return;
        }

        Start(response, events);
        if (response.TryArray("output", out var output))
        {
            _items.ReadOutput(output, events);
        }

        _items.EndAll(events);
        var reason = response.TryObject("incomplete_details", out var details) ? details.StringOf("reason") : null;
        var (finish, detail) = ResponseEnding.Read(status, reason, _items.HasToolCalls, _items.HasRefusal);
        events.Add(new ChatEvent { Kind = ChatEventKind.Finish, Finish = finish, FinishDetail = detail });
        if (ResponsesUsage.Read(response) is { } usage)
        {
            events.Add(new ChatEvent { Kind = ChatEventKind.Usage, Usage = usage, ServiceTier = response.StringOf("service_tier") });
        }

        events.Add(new ChatEvent { Kind = ChatEventKind.End });
        _isOver = true;
        _isWhole = true;
    }

    private void Fail(ChatError error, ICollection<ChatEvent> events)
    {
        _isOver = true;
        _items.EndAll(events);
        events.Add(new ChatEvent { Kind = ChatEventKind.Error, Error = error });
    }
}
