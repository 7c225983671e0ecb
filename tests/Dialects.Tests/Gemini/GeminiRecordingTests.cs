using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Gemini;
using Gateway.Recordings;

namespace Gateway.Dialects.Tests.Gemini;

/// <summary>Every recorded answer and request of Gemini and Vertex AI.</summary>
public sealed class GeminiRecordingTests
{
    private static readonly AnswerContext _context = new() { Id = "1", Model = "m", Created = DateTimeOffset.UnixEpoch };

    private static IEnumerable<Recording> Answers => Corpus.All.Chats.Where(static r => r.DialectId == DialectId.Gemini && !r.IsError && !IsMisnamed(r));

    // Two answers were kept by their tests as JSON with raw line breaks inside strings: no provider sends that.
    private static bool IsMisnamed(Recording recording) => !recording.IsStream && !IsJson(recording.ResponseBody);

    [Fact]
    public void Plain_answers_say_the_same_when_read_and_when_written_again()
    {
        Assert.SkipUnless(Corpus.IsPresent, "recordings are absent");
        var count = 0;
        foreach (var recording in Answers.Where(static r => !r.IsStream))
        {
            count++;
            var expected = GeminiSaid.Plain(recording.ResponseBody);
            Assert.True(GeminiDialect.Instance.TryReadAnswer(recording.ResponseBody, out var answer), recording.Id);
            Said.AssertSame(expected, Said.Of(answer), recording.Id);

            var written = new ArrayBufferWriter<byte>();
            GeminiDialect.Instance.WriteAnswer(answer, _context, written);
            Said.AssertSame(expected, GeminiSaid.Plain(written.WrittenMemory), recording.Id + " written");

            var streamed = new ArrayBufferWriter<byte>();
            var writer = GeminiDialect.Instance.CreateStreamWriter(_context);
            foreach (var e in AnswerPlayer.Play(answer, 7))
            {
                writer.Write(e, streamed);
            }

            Said.AssertSame(expected, GeminiSaid.Stream(Pieces.SseEvents(streamed.WrittenMemory, count).Select(static e => e.Payload)), recording.Id + " streamed");
            Assert.Equal(expected.Usage, GeminiUsage.ReadAnswer(recording.ResponseBody.Span, out var counts) == Dialects.OpenAI.AnswerUsage.Found ? counts with { WebSearches = 0 } : (TokenCounts?)null);
        }

        Assert.True(count >= 60, $"{count} plain answers");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Streams_say_the_same_however_they_are_cut(int seed)
    {
        Assert.SkipUnless(Corpus.IsPresent, "recordings are absent");
        var count = 0;
        foreach (var recording in Answers.Where(static r => r.IsStream))
        {
            count++;
            var payloads = Pieces.SseEvents(recording.ResponseBody, seed * 1000 + count).ConvertAll(static e => e.Payload);
            var expected = GeminiSaid.Stream(payloads);
            var events = Read(payloads, out var whole);
            Assert.True(whole, recording.Id);
            Said.AssertSame(expected, Said.Of(Assemble(events)), recording.Id);

            foreach (var array in new[] { false, true })
            {
                var written = new ArrayBufferWriter<byte>();
                var writer = GeminiDialect.Instance.CreateStreamWriter(_context with { JsonArray = array });
                events.ForEach(e => writer.Write(e, written));
                var again = array ? ArrayElements(written.WrittenMemory, seed) : Pieces.SseEvents(written.WrittenMemory, seed).ConvertAll(static e => e.Payload);
                Said.AssertSame(expected, GeminiSaid.Stream(again), $"{recording.Id} written, array: {array}");
            }
        }

        Assert.True(count >= 40, $"{count} streams");
    }

    [Fact]
    public void A_stream_without_its_finish_reason_is_no_success()
    {
        Assert.SkipUnless(Corpus.IsPresent, "recordings are absent");
        foreach (var recording in Answers.Where(static r => r.IsStream))
        {
            var payloads = Pieces.SseEvents(recording.ResponseBody, 1).ConvertAll(static e => e.Payload);
            for (var kept = 0; kept < payloads.Count; kept++)
            {
                var part = payloads.Take(kept).ToList();
                var events = Read(part, out var whole);
                Assert.Equal(part.Exists(static p => Encoding.UTF8.GetString(p).Contains("\"finishReason\"", StringComparison.Ordinal)), whole);
                Assert.Equal(whole, events.Exists(static e => e.Kind == ChatEventKind.End));
            }
        }
    }

    [Fact]
    public void The_scanner_sees_the_same_usage_and_end_as_the_reader()
    {
        Assert.SkipUnless(Corpus.IsPresent, "recordings are absent");
        foreach (var recording in Answers.Where(static r => r.IsStream))
        {
            var payloads = Pieces.SseEvents(recording.ResponseBody, 1).ConvertAll(static e => e.Payload);
            var scans = payloads.ConvertAll(static p => GeminiStreamScan.Read(p));
            Assert.Equal(GeminiSaid.Stream(payloads).Usage, scans.Where(static s => s.HasUsage).Select(static s => (TokenCounts?)s.Tokens).LastOrDefault());
            Assert.Contains(scans, static s => s.Kind == GeminiEventKind.Finish);
            Assert.DoesNotContain(scans, static s => s.Kind is GeminiEventKind.Malformed or GeminiEventKind.Error or GeminiEventKind.Empty);
            Assert.True(scans.Sum(static s => s.TextBytes) > 0, recording.Id);
        }
    }

    [Fact]
    public void Recorded_requests_are_written_again_in_the_same_shape()
    {
        Assert.SkipUnless(Corpus.IsPresent, "recordings are absent");
        var count = 0;
        foreach (var recording in Corpus.All.Chats.Where(static r => r.DialectId == DialectId.Gemini && r.Request is { Body.Length: > 0 }))
        {
            count++;
            var path = recording.Request!.Path.Split('?')[0];
            var model = path[(path.LastIndexOf('/') + 1)..path.LastIndexOf(':')];
            var problem = GeminiDialect.Instance.ReadRequest(recording.Request.Body, new RequestLocation(model, path.EndsWith(":streamGenerateContent", StringComparison.Ordinal)), out var request);
            Assert.Null(problem);
            var output = new ArrayBufferWriter<byte>();
            var drops = new DropList();
            var provider = recording.Request.Host.Contains("aiplatform", StringComparison.Ordinal) ? "vertex" : "gemini";
            Assert.Null(GeminiDialect.Instance.WriteRequest(request, new RequestTarget { Model = model, ModelInPath = true, Provider = provider }, output, drops));
            Assert.Empty(drops.Names);
            Assert.Equal(Shape(recording.Request.BodyText), Shape(Encoding.UTF8.GetString(output.WrittenSpan)));
        }

        Assert.True(count >= 80, $"{count} requests");
    }

    internal static List<ChatEvent> Read(IEnumerable<byte[]> payloads, out bool whole)
    {
        var reader = GeminiDialect.Instance.CreateStreamReader();
        var events = new List<ChatEvent>();
        foreach (var payload in payloads)
        {
            Assert.True(reader.Read([], payload, events));
        }

        whole = reader.Complete(events);
        return events;
    }

    internal static ChatAnswer Assemble(List<ChatEvent> events)
    {
        var assembler = new AnswerAssembler(DialectId.Gemini);
        events.ForEach(e => assembler.Add(e));
        return assembler.Build();
    }

    internal static List<byte[]> ArrayElements(ReadOnlyMemory<byte> stream, int seed)
    {
        using var frames = new JsonArrayFrames();
        var elements = new List<byte[]>();
        foreach (var piece in Pieces.Cut(stream, seed))
        {
            for (var rest = piece; !rest.IsEmpty;)
            {
                var room = frames.GetMemory();
                var taken = Math.Min(room.Length, rest.Length);
                rest[..taken].CopyTo(room);
                frames.Advance(taken);
                rest = rest[taken..];
                while (frames.TryRead(out var frame))
                {
                    if (JsonArrayFrames.Element(frame) is { IsEmpty: false } element)
                    {
                        elements.Add(element.ToArray());
                    }
                }
            }
        }

        Assert.True(frames.IsClosed);
        return elements;
    }

    // The role of the instructions says nothing, and a text result means the same under either of its words.
    private static string Shape(string json)
    {
        var root = JsonNode.Parse(json)!.AsObject();
        root["systemInstruction"]?.AsObject().Remove("role");
        return Said.Canonical(root)!.ToJsonString();
    }

    private static bool IsJson(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = System.Text.Json.JsonDocument.Parse(body);
            return document.RootElement.TryGetProperty("candidates", out _);
        }
        catch (System.Text.Json.JsonException)
        {
            return false;
        }
    }
}
