using Gateway.Dialects.Chat;
using Gateway.Dialects.Framing;
using Gateway.Edge.Caching.Policies;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Caching.Replay;

/// <summary>Reads answers to find out whether they may be stored, and puts streams together to whole ones.</summary>
internal static class AnswerReader
{
    /// <summary>The whole answer of a stream that came to its end; null when it did not, or is not understood.</summary>
    /// <param name="dialect">The stream's dialect.</param>
    /// <param name="frames">A reader of its framing.</param>
    /// <param name="bytes">The stream.</param>
    public static ChatAnswer? ReadStream(DialectId dialect, IFrameReader frames, ReadOnlyMemory<byte> bytes)
    {
        using var owned = frames;
        var reader = ChatDialects.Get(dialect).CreateStreamReader();
        var assembler = new AnswerAssembler(dialect);
        var events = new List<ChatEvent>(8);
        while (!bytes.IsEmpty && !assembler.IsComplete && assembler.Error is null)
        {
            var room = frames.GetMemory();
            var count = Math.Min(room.Length, bytes.Length);
            bytes[..count].CopyTo(room);
            bytes = bytes[count..];
            frames.Advance(count);
            while (frames.TryRead(out var frame))
            {
                var opened = frames.Open(frame);
                if (!reader.Read(opened.EventName.Span, opened.Payload.Span, events))
                {
                    return null;
                }

                Add(events, assembler);
            }
        }

        if (!assembler.IsComplete && assembler.Error is null && !frames.HasPartialFrame && reader.Complete(events))
        {
            Add(events, assembler);
        }

        return assembler is { IsComplete: true, Error: null } ? assembler.Build() : null;
    }

    /// <summary>Reads a stream to its end; null when it does not come to it, or is not understood.</summary>
    public static async ValueTask<ChatAnswer?> ReadAsync(DialectId dialect, StreamSource source)
    {
        var reader = ChatDialects.Get(dialect).CreateStreamReader();
        var assembler = new AnswerAssembler(dialect);
        var events = new List<ChatEvent>(8);
        while (!assembler.IsComplete && assembler.Error is null && await source.FillAsync().ConfigureAwait(false))
        {
            while (source.TryTake(out var frame))
            {
                var opened = source.Open(frame);
                if (!reader.Read(opened.EventName.Span, opened.Payload.Span, events))
                {
                    return null;
                }

                Add(events, assembler);
            }
        }

        if (!assembler.IsComplete && assembler.Error is null && !source.HasPartialFrame && reader.Complete(events))
        {
            Add(events, assembler);
        }

        return assembler is { IsComplete: true, Error: null } ? assembler.Build() : null;
    }

    /// <summary>Why an answer must not be stored, or null.</summary>
    public static string? Obstacle(ChatAnswer answer, CacheRule rule)
    {
        if (answer.Error is not null || answer.Choices.Count == 0)
        {
            return "it is no answer";
        }

        foreach (var choice in answer.Choices)
        {
            if (choice.Finish is not (FinishReason.Stop or FinishReason.StopSequence or FinishReason.ToolCalls))
            {
                return "it did not come to its end";
            }

            foreach (var part in choice.Parts)
            {
                if (part is RefusalPart)
                {
                    return "it is a refusal";
                }

                if (part is not (TextPart or ReasoningPart or MediaPart) && !rule.ToolCalls)
                {
                    return "it calls tools";
                }
            }

            if (choice.Finish == FinishReason.ToolCalls && !rule.ToolCalls)
            {
                return "it calls tools";
            }
        }

        return null;
    }

    /// <summary>What an answer says, as text.</summary>
    public static string TextOf(ChatAnswer answer) =>
        string.Join('\n', answer.Choices.SelectMany(static c => c.Parts).OfType<TextPart>().Select(static p => p.Text));

    private static void Add(List<ChatEvent> events, AnswerAssembler assembler)
    {
        foreach (var e in events)
        {
            assembler.Add(e);
        }

        events.Clear();
    }
}
