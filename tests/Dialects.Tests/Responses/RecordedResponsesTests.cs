using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Responses;
using Gateway.Dialects.Tests.Pairs;
using Gateway.Dialects.Tests.Schemas;
using Gateway.Recordings;

namespace Gateway.Dialects.Tests.Responses;

/// <summary>Every recorded answer of the Responses dialect says what an independent reading of it says, whole and streamed, and still does when written again.</summary>
public sealed class RecordedResponsesTests(ITestOutputHelper output)
{
    private static readonly ResponsesDialect _dialect = ResponsesDialect.Instance;

    private static IEnumerable<Recording> Recordings => Corpus.All.Chats.Where(static r => r.DialectId == DialectId.OpenAIResponses);

    internal static AnswerContext Context { get; } = new()
    {
        Id = "0123456789", Model = "public-model", Created = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000), IncludeUsage = true,
    };

    [Fact]
    public void Plain_answers_are_read_and_written_again()
    {
        Check(static r => !r.IsStream, static (recording, _) =>
        {
            if (!_dialect.TryReadAnswer(recording.ResponseBody, out var answer))
            {
                return "not read";
            }

            var expected = ResponsesExpectation.OfPlain(recording.BodyText);
            return Judge(expected, answer, "read")
                ?? (_dialect.TryReadAnswer(WritePlain(answer), out var again) ? Judge(expected, again, "written again") : "what was written is not read")
                ?? JudgeStream(expected, StreamPlayback.Write(_dialect, AnswerPlayer.Play(answer, 7), Context), new Random(1), "written as a stream");
        });
    }

    [Fact]
    public void Streams_are_read_however_they_are_cut_and_written_again()
    {
        CheckStreams(static (stream, random) =>
        {
            var reading = StreamPlayback.ReadSse(_dialect, Encoding.UTF8.GetBytes(stream), random);
            if (reading.Invalid is not null)
            {
                return "invalid: " + reading.Invalid;
            }

            var expected = ResponsesExpectation.OfStream(stream);
            if (expected is null)
            {
                return !reading.IsWhole && reading.Events.Count(static e => e.Kind == ChatEventKind.Error) == 1 ? null : "the error was not told once";
            }

            return StreamOrder.Violation(reading.Events)
                ?? (reading.IsWhole ? null : "not whole")
                ?? Judge(expected, reading.Assemble(DialectId.OpenAIResponses).Build(), "read")
                ?? JudgeStream(expected, StreamPlayback.Write(_dialect, reading.Events, Context), random, "written again")
                ?? Judge(expected, Reread(reading.Assemble(DialectId.OpenAIResponses).Build()), "written as a whole");
        });
    }

    [Fact]
    public void A_stream_cut_before_its_terminator_is_never_whole()
    {
        CheckStreams(static (text, random) =>
        {
            var end = text.LastIndexOf("\"response.completed\"", StringComparison.Ordinal);
            if (end < 0)
            {
                return null;
            }

            // The terminator's own event begins after the blank line before it.
            end = text.LastIndexOf("\n\n", end, StringComparison.Ordinal) + 2;
            var reading = StreamPlayback.ReadSse(_dialect, Encoding.UTF8.GetBytes(text[..end]), random);
            return reading.IsWhole || reading.Events.Any(static e => e.Kind is ChatEventKind.End or ChatEventKind.Finish) ? "a cut passed for success" : null;
        });
    }

    [Fact]
    public void What_is_written_keeps_to_the_published_schema()
    {
        Assert.SkipUnless(JsonSchemaChecker.OpenAI is not null, "The specification is not on this machine.");
        var events = 0;
        Check(static _ => true, (recording, random) =>
        {
            ChatAnswer? answer;
            IReadOnlyList<ChatEvent>? failed = null;
            if (!recording.IsStream)
            {
                if (!_dialect.TryReadAnswer(recording.ResponseBody, out answer))
                {
                    return "not read";
                }
            }
            else
            {
                var reading = StreamPlayback.ReadSse(_dialect, recording.ResponseBody, random);
                answer = reading.Assemble(DialectId.OpenAIResponses).Build();
                failed = reading.Events[^1].Kind == ChatEventKind.Error ? reading.Events : null;
            }

            // Items that only this dialect knows are passed on as the provider made them, and not ours to answer for.
            answer.Choices.ForEach(static choice => choice.Parts.RemoveAll(static p => p is OpaquePart));

            foreach (var (name, payload) in StreamPlayback.Frames(StreamPlayback.Write(_dialect, failed ?? AnswerPlayer.Play(answer, 300), Context), random))
            {
                events++;
                if (Problem(JsonSchemaChecker.OpenAI!.AlternativeOf("ResponseStreamEvent", name) ?? "ResponseStreamEvent", payload.Span) is { } wrong)
                {
                    return $"{wrong} in {Encoding.UTF8.GetString(payload.Span)[..Math.Min(payload.Length, 300)]}";
                }
            }

            return failed is not null ? null : Problem("Response", WritePlain(answer));
        });
        output.WriteLine($"{events} events");
    }

    /// <summary>What breaks the schema. Codes of errors pass as the provider said them, and OpenAI has said others than its document lists.</summary>
    private static string? Problem(string schema, ReadOnlySpan<byte> json) =>
        JsonSchemaChecker.OpenAI!.Check(schema, JsonNode.Parse(json)).Find(static p => !p.StartsWith("$.response.error.code:", StringComparison.Ordinal));

    internal static byte[] WritePlain(ChatAnswer answer)
    {
        var buffer = new ArrayBufferWriter<byte>();
        _dialect.WriteAnswer(answer, Context, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    private static ChatAnswer Reread(ChatAnswer answer) =>
        _dialect.TryReadAnswer(WritePlain(answer), out var again) ? again : throw new InvalidOperationException("What was written is not read.");

    private static string? Judge(AnswerDigest expected, ChatAnswer answer, string when) =>
        expected.Differs(AnswerDigest.Of(answer)) is { } difference ? $"{when}: {difference}" : null;

    private static string? JudgeStream(AnswerDigest expected, byte[] stream, Random random, string when)
    {
        var reading = StreamPlayback.ReadSse(_dialect, stream, random);
        return reading.Invalid is not null ? $"{when}: invalid" : !reading.IsWhole ? $"{when}: not whole"
            : StreamOrder.Violation(reading.Events) ?? Judge(expected, reading.Assemble(DialectId.OpenAIResponses).Build(), when);
    }

    private void CheckStreams(Func<string, Random, string?> judge) => Check(static r => r.IsStream, (recording, random) =>
        ResponsesExpectation.Streams(recording.BodyText).Select(stream => judge(stream, random)).FirstOrDefault(static failure => failure is not null));

    private void Check(Func<Recording, bool> wanted, Func<Recording, Random, string?> judge)
    {
        Assert.SkipUnless(Corpus.IsPresent, "The recordings are not on this machine.");
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var failures = new List<string>();
        var random = new Random(20);
        foreach (var recording in Recordings.Where(wanted))
        {
            var excluded = ResponsesExpectation.Excluded(recording);
            var kind = $"{recording.Source}/{recording.Provider}{(excluded is null ? "" : $" left out: {excluded}")}";
            counts[kind] = counts.GetValueOrDefault(kind) + 1;
            if (excluded is null && judge(recording, random) is { } failure)
            {
                failures.Add($"{recording.Id}: {failure}");
            }
        }

        foreach (var (kind, count) in counts)
        {
            output.WriteLine($"{count,4} {kind}");
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures.Take(40)));
        Assert.True(counts.Values.Sum() > 40);
    }
}
