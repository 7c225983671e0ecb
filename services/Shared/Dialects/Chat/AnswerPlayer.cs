namespace Gateway.Dialects.Chat;

/// <summary>Plays a whole answer as the events of a stream.</summary>
public static class AnswerPlayer
{
    /// <summary>The events of <paramref name="answer"/>, from start to end.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="maxDelta">Most characters in one delta; pairs of surrogates are never parted. Media are never cut.</param>
    public static IEnumerable<ChatEvent> Play(ChatAnswer answer, int maxDelta = int.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxDelta, 1);
        yield return new ChatEvent
        {
            Kind = ChatEventKind.Start, Id = answer.Id, Name = answer.Model, Created = answer.Created, ServiceTier = answer.ServiceTier, Origin = answer.Origin,
        };
        foreach (var choice in answer.Choices)
        {
            var logProbabilities = choice.LogProbabilities;
            for (var i = 0; i < choice.Parts.Count; i++)
            {
                foreach (var e in PlayPart(choice.Parts[i], maxDelta))
                {
                    var here = e with { Choice = choice.Index, Part = i };
                    if (logProbabilities is not null && e.Kind == ChatEventKind.Delta && e.PartKind is PartKind.Text or PartKind.Refusal)
                    {
                        here = here with { Raw = logProbabilities };
                        logProbabilities = null;
                    }

                    yield return here;
                }
            }

            yield return new ChatEvent
            {
                Kind = ChatEventKind.Finish, Choice = choice.Index, Finish = choice.Finish, FinishDetail = choice.FinishDetail, StopSequence = choice.StopSequence,
            };
        }

        if (answer.Usage is { } usage)
        {
            yield return new ChatEvent { Kind = ChatEventKind.Usage, Usage = usage };
        }

        yield return new ChatEvent { Kind = ChatEventKind.End };
    }

    private static IEnumerable<ChatEvent> PlayPart(ContentPart part, int maxDelta)
    {
        switch (part)
        {
            case TextPart text:
                return PlayText(text, maxDelta);
            case ReasoningPart reasoning:
                return
                [
                    new ChatEvent { Kind = ChatEventKind.PartStart, PartKind = PartKind.Reasoning, Id = reasoning.Id, Flag = reasoning.IsSummary },
                    .. Deltas(PartKind.Reasoning, reasoning.Text, maxDelta),
                    new ChatEvent { Kind = ChatEventKind.PartEnd, PartKind = PartKind.Reasoning, Signature = reasoning.Signature, Encrypted = reasoning.Encrypted },
                ];
            case RefusalPart refusal:
                return
                [
                    new ChatEvent { Kind = ChatEventKind.PartStart, PartKind = PartKind.Refusal },
                    .. Deltas(PartKind.Refusal, refusal.Text, maxDelta),
                    new ChatEvent { Kind = ChatEventKind.PartEnd, PartKind = PartKind.Refusal },
                ];
            case ToolCallPart call:
                return
                [
                    new ChatEvent { Kind = ChatEventKind.PartStart, PartKind = PartKind.ToolCall, Id = call.Id, Name = call.Name, Flag = call.IsCustom },
                    .. Deltas(PartKind.ToolCall, call.Arguments, maxDelta),
                    new ChatEvent { Kind = ChatEventKind.PartEnd, PartKind = PartKind.ToolCall, Signature = call.Signature },
                ];
            case MediaPart { Kind: MediaKind.Image or MediaKind.Audio } media:
                return PlayMedia(media, media.Kind == MediaKind.Image ? PartKind.Image : PartKind.Audio);
            case OpaquePart opaque:
                return
                [
                    new ChatEvent { Kind = ChatEventKind.PartStart, PartKind = PartKind.Opaque, Raw = opaque.Raw, Origin = opaque.Origin, Name = opaque.Type },
                    new ChatEvent { Kind = ChatEventKind.PartEnd, PartKind = PartKind.Opaque },
                ];
            default:
                // No dialect answers with anything else. The part's number stays taken.
                return [];
        }
    }

    private static IEnumerable<ChatEvent> PlayText(TextPart text, int maxDelta)
    {
        yield return new ChatEvent { Kind = ChatEventKind.PartStart, PartKind = PartKind.Text };
        foreach (var delta in Deltas(PartKind.Text, text.Text, maxDelta))
        {
            yield return delta;
        }

        foreach (var citation in text.Citations)
        {
            yield return new ChatEvent { Kind = ChatEventKind.Delta, PartKind = PartKind.Text, Citation = citation };
        }

        yield return new ChatEvent { Kind = ChatEventKind.PartEnd, PartKind = PartKind.Text, Signature = text.Signature };
    }

    private static IEnumerable<ChatEvent> PlayMedia(MediaPart media, PartKind kind)
    {
        yield return new ChatEvent { Kind = ChatEventKind.PartStart, PartKind = kind, Id = media.Id, Name = media.MediaType, Url = media.Url };
        if (media.Data is not null || media.Transcript is not null)
        {
            yield return new ChatEvent { Kind = ChatEventKind.Delta, PartKind = kind, Text = media.Data, Transcript = media.Transcript };
        }

        yield return new ChatEvent { Kind = ChatEventKind.PartEnd, PartKind = kind };
    }

    private static IEnumerable<ChatEvent> Deltas(PartKind kind, string text, int maxDelta)
    {
        for (var start = 0; start < text.Length;)
        {
            var length = Math.Min(maxDelta, text.Length - start);
            if (start + length < text.Length && char.IsHighSurrogate(text[start + length - 1]) && char.IsLowSurrogate(text[start + length]))
            {
                length++;
            }

            yield return new ChatEvent { Kind = ChatEventKind.Delta, PartKind = kind, Text = text.Substring(start, length) };
            start += length;
        }
    }
}
