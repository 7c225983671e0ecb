using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Edge.Guarding;
using Gateway.Edge.Guarding.Passed;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Realtime;

/// <summary>
/// Guards what a model says in a session. A response with something forbidden in it ends there: the provider is told to stop, and the caller gets an error event and the end of the response. Sound
/// cannot be looked at: where a policy must see answers it waits until its transcript was looked at, and goes with it or not at all. For one thread.
/// </summary>
internal sealed class RealtimeGuard
{
    // What a provider sends of sound ahead of its transcript: minutes.
    private const long MostSoundBytes = 64L * 1024 * 1024;

    private readonly RequestContext _context;
    private readonly bool _holdsSound;
    private readonly HashSet<string> _blocked = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<byte[]>> _sound = new(StringComparer.Ordinal);
    private readonly List<(string Key, bool IsRewritten)> _ended = [];
    private readonly List<PassedEvent> _passed = [];
    private EventTexts _events;
    private long _soundBytes;

    private RealtimeGuard(RequestContext context)
    {
        _context = context;
        _holdsSound = InputGuard.MustSeeAnswer(context);
        _events = Begin();
    }

    /// <summary>The guard of a session; null where nothing applies.</summary>
    public static RealtimeGuard? For(RequestContext context) => context.Guard is not null && (PassedAnswers.AppliesTo(context) || Pseudonyms.Concerns(context.Guard.Policies)) ? new RealtimeGuard(context) : null;

    /// <summary>Takes a message of the provider.</summary>
    /// <param name="message">The message.</param>
    /// <param name="isText">False for bytes that are no text.</param>
    /// <param name="toCaller">Receives what goes on.</param>
    /// <returns>What the provider is told, or null.</returns>
    public ReadOnlyMemory<byte>? Pass(ReadOnlyMemory<byte> message, bool isText, List<ReadOnlyMemory<byte>> toCaller)
    {
        if (!isText)
        {
            if (PassedAnswers.Unseen(_context) is null)
            {
                toCaller.Add(message);
            }

            return null;
        }

        var (type, response, item) = Head(message);
        if (response is not null && _blocked.Contains(response))
        {
            if (type == "response.done")
            {
                _blocked.Remove(response);
                toCaller.Add(Filtered(message));
            }

            return null;
        }

        if (_holdsSound && item is not null && (NamedEvents.IsSound(type) || (type is "response.audio.done" or "response.output_audio.done" && _sound.ContainsKey(item))))
        {
            Hold(item, message);
            return null;
        }

        return PassText(message, type, response, toCaller);
    }

    private ReadOnlyMemory<byte>? PassText(ReadOnlyMemory<byte> message, string type, string? response, List<ReadOnlyMemory<byte>> toCaller)
    {
        _passed.Clear();
        _ended.Clear();
        _events.Pass(message, default, _passed);
        foreach (var (key, isRewritten) in _ended)
        {
            Release(key, isRewritten || _events.IsOver, toCaller);
        }

        toCaller.AddRange(_passed.Select(static p => p.Json));
        if (type == "response.done")
        {
            // Sound without a transcript is heard by nobody.
            _sound.Clear();
            _soundBytes = 0;
        }

        if (_events.Failure is not { } failure)
        {
            return null;
        }

        _events = Begin();
        toCaller.Add(RealtimeEvents.Error(failure, _context.Http.TraceIdentifier));
        if (response is null || type == "response.done")
        {
            return null;
        }

        _blocked.Add(response);
        return Encoding.UTF8.GetBytes(new JsonObject { ["type"] = "response.cancel", ["response_id"] = response }.ToJsonString());
    }

    private EventTexts Begin()
    {
        var events = EventTexts.Always(_context);
        events.Ended += (key, isRewritten) => _ended.Add((key, isRewritten));
        return events;
    }

    private void Hold(string item, ReadOnlyMemory<byte> message)
    {
        _context.Guard!.HasUnseen = true;
        if (!_sound.TryGetValue(item, out var held))
        {
            _sound[item] = held = [];
        }

        _soundBytes += message.Length;
        if (_soundBytes <= MostSoundBytes)
        {
            held.Add(message.ToArray());
        }
    }

    private void Release(string key, bool isChanged, List<ReadOnlyMemory<byte>> toCaller)
    {
        if (!key.Contains("audio_transcript:", StringComparison.Ordinal))
        {
            return;
        }

        foreach (var (item, held) in _sound.Where(s => key.Contains($":{s.Key}:", StringComparison.Ordinal)).ToList())
        {
            _sound.Remove(item);
            _soundBytes -= held.Sum(static m => (long)m.Length);
            if (!isChanged)
            {
                toCaller.AddRange(held.Select(static m => (ReadOnlyMemory<byte>)m));
            }
        }
    }

    private static (string Type, string? Response, string? Item) Head(ReadOnlyMemory<byte> message)
    {
        try
        {
            using var document = JsonDocument.Parse(message, new JsonDocumentOptions { MaxDepth = 1024 });
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                return ("", null, null);
            }

            var response = DeltaShapes.Text(root, "response_id") ?? (root.TryGetProperty("response"u8, out var whole) ? DeltaShapes.Text(whole, "id") : null);
            return (DeltaShapes.Text(root, "type") ?? "", response, DeltaShapes.Text(root, "item_id"));
        }
        catch (JsonException)
        {
            return ("", null, null);
        }
    }

    /// <summary>The end of a response of which nothing may be said.</summary>
    private static ReadOnlyMemory<byte> Filtered(ReadOnlyMemory<byte> message)
    {
        if (JsonNode.Parse(message.Span) is not JsonObject done || done["response"] is not JsonObject response)
        {
            return message;
        }

        response["status"] = "incomplete";
        response["status_details"] = new JsonObject { ["type"] = "incomplete", ["reason"] = "content_filter" };
        response["output"] = new JsonArray();
        return Encoding.UTF8.GetBytes(done.ToJsonString());
    }
}
