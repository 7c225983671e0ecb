using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.OpenAI;

/// <summary>Reads the chunks of a streamed chat completion, of OpenAI and of those who are nearly compatible.</summary>
internal sealed class OpenAIStreamReader : IChatStreamReader
{
    private const int MaxChoices = 1_024;

    private readonly SortedDictionary<int, OpenAIStreamChoice> _choices = [];
    private string? _id;
    private TokenCounts? _usage;
    private JsonElement? _sources;
    private bool _started;
    private bool _ended;
    private bool _failed;

    public bool Read(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> payload, ICollection<ChatEvent> events)
    {
        payload = payload.Trim(" \t\r\n"u8);
        if (payload.IsEmpty || _ended || _failed)
        {
            return true;
        }

        if (payload.SequenceEqual("[DONE]"u8))
        {
            End(events);
            return true;
        }

        if (!LenientJson.TryParseObject(payload, out var chunk))
        {
            return false;
        }

        if (chunk.TryMember("error", out _) || eventName.SequenceEqual("error"u8))
        {
            _failed = true;
            events.Add(new ChatEvent { Kind = ChatEventKind.Error, Error = OpenAIErrors.ReadStream(chunk) });
            return true;
        }

        ReadChunk(chunk, events);
        return true;
    }

    public bool Complete(ICollection<ChatEvent> events)
    {
        if (!_ended && !_failed)
        {
            Close(events);
        }

        return _ended;
    }

    private void ReadChunk(JsonElement chunk, ICollection<ChatEvent> events)
    {
        var hasChoices = chunk.TryArray("choices", out var choices) && choices.GetArrayLength() > 0;
        var usage = OpenAIUsage.Find(chunk);
        // Azure's first chunk tells of the prompt's filters only and has neither id nor model.
        if (!_started && (hasChoices || usage is not null))
        {
            _started = true;
            _id = chunk.StringOf("id") is { Length: > 0 } id ? id : null;
            events.Add(new ChatEvent
            {
                Kind = ChatEventKind.Start, Id = _id, Name = chunk.StringOf("model") is { Length: > 0 } model ? model : null, Created = chunk.LongOf("created"),
                ServiceTier = chunk.StringOf("service_tier"), Origin = DialectId.OpenAIChat,
            });
        }

        if (chunk.TryArray("search_results", out _) || chunk.TryArray("citations", out _))
        {
            _sources = chunk;
        }

        if (hasChoices)
        {
            var position = 0;
            foreach (var choice in choices.EnumerateArray())
            {
                ReadChoice(choice, choice.IntOf("index") ?? position, events);
                position++;
            }
        }

        if (usage is not null && usage != _usage)
        {
            _usage = usage;
            events.Add(new ChatEvent { Kind = ChatEventKind.Usage, Usage = usage.Value, ServiceTier = chunk.StringOf("service_tier") });
        }

        if (chunk.StringOf("object") == "chat.completion.done")
        {
            // Perplexity's terminator in its newer mode.
            End(events);
        }
    }

    private void ReadChoice(JsonElement json, int index, ICollection<ChatEvent> events)
    {
        if (json.ValueKind != JsonValueKind.Object || index is < 0 or >= MaxChoices)
        {
            return;
        }

        if (!_choices.TryGetValue(index, out var choice))
        {
            _choices[index] = choice = new OpenAIStreamChoice(index, _id);
        }

        if (json.TryObject("delta", out var delta))
        {
            choice.Read(delta, json, events);
        }
        else if (json.TryMember("text", out _))
        {
            choice.ReadText(json, events);
        }

        if (json.StringOf("finish_reason") is { Length: > 0 } word)
        {
            // OpenRouter and Perplexity go on after the word, with encrypted reasoning or sources: it is told when the stream ends.
            choice.FinishWith(word, json);
        }
    }

    private void End(ICollection<ChatEvent> events)
    {
        Close(events);
        _ended = true;
        events.Add(new ChatEvent { Kind = ChatEventKind.End });
    }

    private void Close(ICollection<ChatEvent> events)
    {
        foreach (var choice in _choices.Values)
        {
            choice.Close(_sources, events);
            _sources = null;
        }
    }
}
