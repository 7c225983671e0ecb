using System.Buffers;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Framing;
using Gateway.Dialects.Sse;
using Gateway.Recordings;
using Gateway.Recordings.Meanings;

namespace Gateway.Dialects.Tests.Recorded;

/// <summary>Every recorded chat answer, translated into every dialect, judged by readers that share no code with the translation.</summary>
public sealed class RecordedPairTests
{
    public static TheoryData<DialectId> Callers => [.. Enum.GetValues<DialectId>().Where(IsThere)];

    [Theory]
    [MemberData(nameof(Callers))]
    public void What_a_provider_said_is_what_the_caller_gets(DialectId caller)
    {
        Assert.SkipUnless(Corpus.IsPresent, "the recordings are not beside the project (../shared/data/recorded)");
        var (total, failed) = (0, new List<string>());
        foreach (var recording in Corpus.All.Chats.Where(r => r.DialectId != caller && IsThere(r.DialectId!.Value) && KnownLosses.Of(r, caller) is null))
        {
            total++;
            var given = MeaningReader.Of(recording);
            var output = Translate(recording, ChatDialects.Get(caller));
            var differences = output is null ? ["not read as an answer"] : Judge(given, output, recording, caller);
            if (differences.Count > 0)
            {
                failed.Add($"{recording.Id} ({recording.DialectId}, {recording.Provider}): {string.Join("; ", differences)}");
            }
        }

        Assert.True(failed.Count == 0, $"{total - failed.Count} of {total} survive into {caller}\n{string.Join('\n', failed)}");
    }

    private static bool IsThere(DialectId id)
    {
        try
        {
            _ = ChatDialects.Get(id);
            return true;
        }
        catch (ArgumentOutOfRangeException)
        {
            return false;
        }
    }

    private static IReadOnlyList<string> Judge(Meaning given, byte[] output, Recording recording, DialectId caller)
    {
        try
        {
            return MeaningDifference.Between(given, MeaningReader.Read(caller, recording.IsStream, recording.Status, output), caller, recording.IsStream);
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or InvalidDataException)
        {
            return ["cannot be read: " + e.Message];
        }
    }

    private static byte[]? Translate(Recording recording, IChatDialect caller)
    {
        var provider = ChatDialects.Get(recording.DialectId!.Value);
        var output = new ArrayBufferWriter<byte>();
        var context = new AnswerContext { Id = "recorded", Model = "model", Created = DateTimeOffset.UnixEpoch, IncludeUsage = true };
        if (recording.IsError)
        {
            caller.WriteError(provider.ReadError(recording.Status, recording.ResponseBody), output);
        }
        else if (recording.IsStream)
        {
            Stream(recording, provider.CreateStreamReader(), caller.CreateStreamWriter(context), output);
        }
        else if (provider.TryReadAnswer(recording.ResponseBody, out var answer))
        {
            caller.WriteAnswer(answer, context, output);
        }
        else
        {
            return null;
        }

        return output.WrittenSpan.ToArray();
    }

    private static void Stream(Recording recording, IChatStreamReader reader, IChatStreamWriter writer, ArrayBufferWriter<byte> output)
    {
        var events = new List<ChatEvent>();
        foreach (var frame in Frames(recording))
        {
            _ = reader.Read(frame.EventName.Span, frame.Payload.Span, events);
            if (Write(events, writer, output))
            {
                return;
            }
        }

        var whole = reader.Complete(events);
        if (!Write(events, writer, output) && !whole)
        {
            writer.WriteError(new ChatError { Status = 502, Kind = ChatErrorKind.Api, Message = "The stream was cut." }, output);
        }
    }

    private static bool Write(List<ChatEvent> events, IChatStreamWriter writer, ArrayBufferWriter<byte> output)
    {
        foreach (var e in events)
        {
            if (e.Kind == ChatEventKind.Error)
            {
                writer.WriteError(e.Error!, output);
                return true;
            }

            writer.Write(e, output);
        }

        events.Clear();
        return false;
    }

    private static IEnumerable<StreamFrame> Frames(Recording recording)
    {
        using IFrameReader frames = recording.DialectId == DialectId.BedrockConverse ? new EventStreamFrameReader() : new SseFrameReader();
        var random = new Random(recording.Id.Length);
        for (var rest = recording.ResponseBody; !rest.IsEmpty;)
        {
            var room = frames.GetMemory();
            var size = Math.Min(Math.Min(random.Next(1, 300), rest.Length), room.Length);
            rest[..size].CopyTo(room);
            frames.Advance(size);
            rest = rest[size..];
            while (frames.TryRead(out var frame))
            {
                var opened = frames.Open(frame);
                if (!opened.Payload.IsEmpty)
                {
                    yield return opened;
                }
            }
        }
    }
}
