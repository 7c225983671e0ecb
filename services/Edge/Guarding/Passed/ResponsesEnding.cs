using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Edge.Guarding.Passed;

/// <summary>
/// How a stream of Responses ends that a rule ended: <c>response.incomplete</c> with the response as it began and what was said of it until then. Items of such a stream have ids of their provider,
/// so that the gateway's own writer, which gives ids, cannot go on with it.
/// </summary>
internal sealed class ResponsesEnding
{
    private const int MostCharacters = 4 * 1024 * 1024;

    private readonly SortedDictionary<long, JsonObject> _done = [];
    private readonly SortedDictionary<long, (string Id, StringBuilder Text)> _open = [];
    private JsonObject? _begun;
    private JsonObject? _response;
    private long _sequence = -1;
    private int _characters;
    private bool _isOver;

    /// <summary>Sees the first event, of which nothing but names is kept: it may be what must not pass.</summary>
    public void Began(JsonElement created)
    {
        if (created.TryGetProperty("response"u8, out var response) && response.ValueKind == JsonValueKind.Object)
        {
            _begun = new JsonObject { ["id"] = DeltaShapes.Text(response, "id"), ["object"] = "response", ["status"] = "in_progress", ["model"] = DeltaShapes.Text(response, "model"), ["output"] = new JsonArray() };
            if (response.TryGetProperty("created_at"u8, out var at) && at.ValueKind == JsonValueKind.Number)
            {
                _begun["created_at"] = JsonNode.Parse(at.GetRawText());
            }
        }
    }

    /// <summary>Sees an event that passed.</summary>
    public void Passed(ReadOnlyMemory<byte> json)
    {
        JsonObject? e;
        try
        {
            e = JsonNode.Parse(json.Span) as JsonObject;
        }
        catch (JsonException)
        {
            return;
        }

        if (e is null)
        {
            return;
        }

        _sequence = Number(e, "sequence_number") ?? _sequence;
        var index = Number(e, "output_index") ?? 0;
        switch (Text(e, "type"))
        {
            case "response.created" or "response.in_progress" when e["response"] is JsonObject response:
                _response = response;
                break;
            case "response.output_item.done" when e["item"] is JsonObject item:
                _open.Remove(index);
                _done[index] = item;
                break;
            case "response.output_text.delta" when Text(e, "delta") is { } delta && _characters + delta.Length <= MostCharacters:
                if (!_open.TryGetValue(index, out var open))
                {
                    _open[index] = open = (Text(e, "item_id") ?? "", new StringBuilder());
                }

                open.Text.Append(delta);
                _characters += delta.Length;
                break;
            case "response.completed" or "response.incomplete" or "response.failed" or "response.cancelled":
                _isOver = true;
                break;
        }
    }

    /// <summary>What is still to be said; null where the response never began.</summary>
    public IReadOnlyList<PassedEvent>? End(string? message, string id)
    {
        if (_isOver)
        {
            return [];
        }

        var events = new List<PassedEvent>();
        if (_response is null && _begun is not null)
        {
            events.Add(Event("response.created", _begun));
        }

        if ((_response ?? _begun?.DeepClone() as JsonObject) is not { } response)
        {
            return null;
        }

        var items = new SortedDictionary<long, JsonNode>();
        foreach (var (index, item) in _done)
        {
            items[index] = item.DeepClone();
        }

        foreach (var (index, (item, text)) in _open)
        {
            items[index] = Message(item, new JsonObject { ["type"] = "output_text", ["text"] = text.ToString(), ["annotations"] = new JsonArray() });
        }

        JsonNode[] output = [.. items.Values];
        response["status"] = "incomplete";
        response["incomplete_details"] = new JsonObject { ["reason"] = "content_filter" };
        response["output"] = message is null ? new JsonArray(output) : new JsonArray([.. output, Message("msg_" + id, new JsonObject { ["type"] = "refusal", ["refusal"] = message })]);
        events.Add(Event("response.incomplete", response));
        _isOver = true;
        return events;
    }

    private PassedEvent Event(string type, JsonObject response) =>
        new(Encoding.UTF8.GetBytes(new JsonObject { ["type"] = type, ["sequence_number"] = ++_sequence, ["response"] = response.DeepClone() }.ToJsonString()), Encoding.ASCII.GetBytes(type), true);

    private static JsonObject Message(string id, JsonObject content) =>
        new() { ["type"] = "message", ["id"] = id, ["status"] = "incomplete", ["role"] = "assistant", ["content"] = new JsonArray(content) };

    private static string? Text(JsonObject e, string member) => e[member] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static long? Number(JsonObject e, string member) => e[member] is JsonValue value && value.TryGetValue<long>(out var number) ? number : null;
}
