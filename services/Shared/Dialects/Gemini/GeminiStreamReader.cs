using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Gemini;

/// <summary>
/// Reads a stream of partial answers. There is no terminator: the stream is whole once a candidate has its finish reason, or the prompt was blocked. Finishes are
/// told when the stream closes, because sources and usage may come after them.
/// </summary>
internal sealed class GeminiStreamReader : IChatStreamReader
{
    private readonly SortedDictionary<int, GeminiCandidate> _candidates = [];
    private bool _started;
    private bool _failed;
    private bool _ended;
    private string? _blocked;
    private TokenCounts? _usage;
    private long _searches;
    private string? _id;

    /// <inheritdoc/>
    public bool Read(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> payload, ICollection<ChatEvent> events)
    {
        if (payload.IsEmpty || payload.SequenceEqual("[DONE]"u8))
        {
            return true;
        }

        if (!LenientJson.TryParse(payload, out var root))
        {
            return false;
        }

        // Errors of array streams come wrapped into an array of their own; some servers put several answers into one event.
        foreach (var item in root.ItemsOrSelf())
        {
            if (item.ValueKind != JsonValueKind.Object || !ReadItem(item, events))
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public bool Complete(ICollection<ChatEvent> events)
    {
        var isWhole = !_failed && (_blocked is not null || (_candidates.Count > 0 && _candidates.Values.All(static c => c.FinishReason is not null)));
        if (!isWhole || _ended)
        {
            return isWhole;
        }

        _ended = true;
        foreach (var candidate in _candidates.Values)
        {
            candidate.Finish(events);
        }

        if (_candidates.Count == 0)
        {
            events.Add(new ChatEvent { Kind = ChatEventKind.Finish, Finish = FinishReason.ContentFilter, FinishDetail = _blocked });
        }

        if (_usage is { } usage)
        {
            events.Add(new ChatEvent { Kind = ChatEventKind.Usage, Usage = usage });
        }

        events.Add(new ChatEvent { Kind = ChatEventKind.End });
        return true;
    }

    private bool ReadItem(JsonElement item, ICollection<ChatEvent> events)
    {
        if (_failed)
        {
            return true;
        }

        if (item.Member("error") is not null)
        {
            _failed = true;
            events.Add(new ChatEvent { Kind = ChatEventKind.Error, Error = GeminiErrors.Read(0, JsonOutput.Raw(item)) });
            return true;
        }

        Start(item, events);
        if (item.CamelMember("promptFeedback")?.CamelMember("blockReason")?.Text() is { } reason)
        {
            _blocked = reason;
        }

        foreach (var wire in (item.Member("candidates") ?? default).Items())
        {
            var index = wire.IntOf("index") ?? 0;
            if (!_candidates.TryGetValue(index, out var candidate))
            {
                _candidates[index] = candidate = new GeminiCandidate(index, _id);
            }

            if (!candidate.Read(wire, events))
            {
                return false;
            }
        }

        var hasUsage = GeminiUsage.ReadAnswer(JsonOutput.Raw(item), out var counts) == OpenAI.AnswerUsage.Found;
        // Which event lists the searches is the provider's to choose.
        counts.WebSearches = _searches = Math.Max(counts.WebSearches, _searches);
        if (hasUsage && counts != _usage)
        {
            _usage = counts;
            events.Add(new ChatEvent { Kind = ChatEventKind.Usage, Usage = counts });
        }

        return true;
    }

    private void Start(JsonElement item, ICollection<ChatEvent> events)
    {
        if (_started)
        {
            return;
        }

        _started = true;
        _id = item.CamelMember("responseId")?.Text();
        events.Add(new ChatEvent
        {
            Kind = ChatEventKind.Start,
            Id = _id,
            Name = item.CamelMember("modelVersion")?.Text(),
            Created = GeminiAnswerReader.Created(item),
            Origin = DialectId.Gemini,
        });
    }
}
