using System.Text;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.OpenAI;

/// <summary>
/// The tool calls of one choice of a stream. Their pieces carry an index and may interleave; some servers leave out the index, or give every call the
/// index 0, or send the name after the id.
/// </summary>
internal sealed class OpenAIStreamToolCalls(int choice, string? answerId)
{
    /// <summary>More calls than these are no answer of a model; what follows is left out.</summary>
    private const int MaxCalls = 1_024;

    private readonly List<Call> _calls = [];

    /// <summary>True when there is a call.</summary>
    public bool Any => _calls.Count > 0;

    public void Read(JsonElement json, ref int parts, ICollection<ChatEvent> events)
    {
        var custom = json.TryObject("custom", out var body);
        if (!custom && !json.TryObject("function", out body))
        {
            json.TryObject("function_call", out body);
        }

        var id = json.StringOf("id") is { Length: > 0 } given ? given : null;
        var name = body.StringOf("name") is { Length: > 0 } word ? word : null;
        var call = Find(json.IntOf("index"), id, name, events);
        if (call is null)
        {
            return;
        }

        call.Id ??= id;
        call.Name ??= name;
        call.IsCustom |= custom;
        var text = custom ? body.StringOf("input") ?? "" : OpenAIParts.Arguments(body);
        if (call.Part < 0)
        {
            call.Pending.Append(text);
            if (call.Name is null)
            {
                return;
            }

            Start(call, ref parts, events);
            text = call.Pending.ToString();
        }

        if (text.Length > 0 && !call.Ended)
        {
            call.Arguments.Feed(text);
            events.Add(Event(ChatEventKind.Delta, call) with { Text = text });
        }

        if (OpenAIParts.ReadSignature(json) is { } signature && !call.Ended)
        {
            events.Add(Event(ChatEventKind.Delta, call) with { Signature = signature });
        }
    }

    /// <summary>Ends all calls.</summary>
    public void Close(ICollection<ChatEvent> events)
    {
        foreach (var call in _calls)
        {
            EndCall(call, events);
        }
    }

    private Call? Find(int? index, string? id, string? name, ICollection<ChatEvent> events)
    {
        var call = index is not null ? _calls.FindLast(c => c.Index == index)
            : id is not null ? _calls.FindLast(c => c.Id == id) ?? (name is null ? _calls.LastOrDefault() : null)
            : name is null ? _calls.LastOrDefault() : null;
        // Another id together with a name is another call, whatever its index says.
        if (call is not null && (id is null || name is null || call.Id is null || call.Id == id))
        {
            return call;
        }

        if ((id is null && name is null && index is null) || _calls.Count >= MaxCalls)
        {
            return null;
        }

        foreach (var earlier in _calls.Where(static c => c.Arguments.IsComplete))
        {
            EndCall(earlier, events);
        }

        call = new Call { Index = index, Position = _calls.Count };
        _calls.Add(call);
        return call;
    }

    private void Start(Call call, ref int parts, ICollection<ChatEvent> events)
    {
        call.Part = parts++;
        call.Id ??= ToolCallIds.Missing(answerId, choice, call.Position);
        events.Add(Event(ChatEventKind.PartStart, call) with { Id = call.Id, Name = call.Name, Flag = call.IsCustom });
    }

    private void EndCall(Call call, ICollection<ChatEvent> events)
    {
        if (call.Part >= 0 && !call.Ended)
        {
            call.Ended = true;
            events.Add(Event(ChatEventKind.PartEnd, call));
        }
    }

    private ChatEvent Event(ChatEventKind kind, Call call) => new() { Kind = kind, Choice = choice, Part = call.Part, PartKind = PartKind.ToolCall };

    private sealed class Call
    {
        public required int? Index { get; init; }

        public required int Position { get; init; }

        public string? Id { get; set; }

        public string? Name { get; set; }

        public bool IsCustom { get; set; }

        /// <summary>Number of its part; -1 until its name is known.</summary>
        public int Part { get; set; } = -1;

        public bool Ended { get; set; }

        public StringBuilder Pending { get; } = new();

        public JsonProgress Arguments { get; } = new();
    }
}
