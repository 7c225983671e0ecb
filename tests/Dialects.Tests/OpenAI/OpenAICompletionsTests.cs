using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Dialects.Chat;
using Gateway.Dialects.OpenAI.Completions;
using Gateway.Dialects.Tests.Contract;
using Gateway.Dialects.Tests.Schemas;
using Gateway.Recordings;

namespace Gateway.Dialects.Tests.OpenAI;

public sealed class OpenAICompletionsTests
{
    private static readonly OpenAICompletionsDialect _dialect = OpenAICompletionsDialect.Instance;

    private static readonly AnswerContext _context = new() { Id = "1", Model = "m", Created = DateTimeOffset.UnixEpoch, IncludeUsage = true };

    [Theory]
    [InlineData("\"once\"")]
    [InlineData("[\"once\"]")]
    public void A_prompt_is_a_message_of_the_user_and_comes_back(string prompt)
    {
        Assert.Null(Read("{\"model\":\"a\",\"prompt\":" + prompt + ",\"max_tokens\":9,\"stop\":\"x\",\"suffix\":\"end\",\"best_of\":2,\"logprobs\":3}", out var request));
        Assert.Equal("once", Assert.IsType<TextPart>(Assert.Single(Assert.Single(request.Messages).Parts)).Text);
        Assert.Equal(["suffix"], request.Extensions.Where(static e => e.Essential).Select(static e => e.Name));

        var written = new ArrayBufferWriter<byte>();
        Assert.Null(_dialect.WriteRequest(request, new RequestTarget { Model = "b" }, written, new DropList()));
        Assert.Equal("""{"model":"b","prompt":"once","max_tokens":9,"stop":["x"],"suffix":"end","best_of":2,"logprobs":3}""", Encoding.UTF8.GetString(written.WrittenSpan));
    }

    [Theory]
    [InlineData("[\"a\",\"b\"]")]
    [InlineData("[1,2,3]")]
    [InlineData("null")]
    [InlineData("{}")]
    public void What_is_no_single_text_is_refused(string prompt) => Assert.Equal("prompt", Read("{\"model\":\"a\",\"prompt\":" + prompt + "}", out _)!.Param);

    [Fact]
    public void Another_dialect_refuses_a_suffix_rather_than_to_answer_another_question()
    {
        Read("""{"model":"a","prompt":"x","suffix":"y"}""", out var request);
        var problem = ChatDialects.Get(DialectId.OpenAIChat).WriteRequest(request, new RequestTarget { Model = "b" }, new ArrayBufferWriter<byte>(), new DropList());
        Assert.Equal("suffix", problem!.Param);
    }

    [Fact]
    public void A_conversation_is_refused_where_only_a_text_is_taken()
    {
        ChatDialects.Get(DialectId.OpenAIChat).ReadRequest("""{"model":"a","messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"}]}"""u8.ToArray(), default, out var request);
        Assert.NotNull(_dialect.WriteRequest(request, new RequestTarget { Model = "b" }, new ArrayBufferWriter<byte>(), new DropList()));
    }

    [Fact]
    public void The_prompt_is_repeated_where_the_caller_asked_for_it()
    {
        Read("""{"model":"a","prompt":"once","echo":true}""", out var request);
        var answer = new ChatAnswer { Origin = DialectId.Gemini };
        var choice = new ChatChoice();
        choice.Parts.Add(new ReasoningPart { Text = "hm" });
        choice.Parts.Add(new TextPart(" upon"));
        answer.Choices.Add(choice);
        var written = new ArrayBufferWriter<byte>();
        _dialect.WriteAnswer(answer, _context with { Request = request }, written);
        Assert.Equal("once upon", JsonNode.Parse(written.WrittenSpan)!["choices"]![0]!["text"]!.GetValue<string>());

        written.Clear();
        var writer = _dialect.CreateStreamWriter(_context with { Request = request });
        foreach (var e in AnswerPlayer.Play(answer, 2))
        {
            writer.Write(e, written);
        }

        Assert.StartsWith("choice 0 stop\ntext: once upon\n", SeenAnswer.OfStream(SseWire.Read(written.WrittenMemory, new Random(1), 9).Select(static f => Encoding.UTF8.GetString(f.Payload))), StringComparison.Ordinal);
    }

    [Fact]
    public void Recorded_completions_say_the_same_read_and_written_again()
    {
        Assert.SkipUnless(Corpus.IsPresent, "The recordings are not on this machine.");
        var checkedCount = 0;
        foreach (var recording in Corpus.All.Chats.Where(static r => r is { DialectId: DialectId.OpenAICompletions, IsError: false }))
        {
            var written = new ArrayBufferWriter<byte>();
            if (recording.IsStream)
            {
                var frames = SseWire.Read(recording.ResponseBody, new Random(1), 99);
                var events = new List<ChatEvent>();
                var reader = _dialect.CreateStreamReader();
                frames.ForEach(f => Assert.True(reader.Read(f.Name, f.Payload, events)));
                Assert.True(reader.Complete(events), recording.Id);
                EventOrder.Check(events);
                var writer = _dialect.CreateStreamWriter(_context);
                events.ForEach(e => writer.Write(e, written));
                Assert.Equal(Seen(frames), Seen(SseWire.Read(written.WrittenMemory, new Random(2), 99)));
            }
            else
            {
                Assert.True(_dialect.TryReadAnswer(recording.ResponseBody, out var answer), recording.Id);
                _dialect.WriteAnswer(answer, _context, written);
                var json = JsonNode.Parse(written.WrittenSpan)!;
                Assert.Equal(SeenAnswer.OfAnswer(JsonNode.Parse(recording.ResponseBody.Span)!), SeenAnswer.OfAnswer(json));
                Assert.Empty(JsonSchemaChecker.OpenAI?.Check("CreateCompletionResponse", json) ?? []);
            }

            checkedCount++;
        }

        Assert.True(checkedCount > 0);
    }

    private static string Seen(List<WireEvent> frames) => SeenAnswer.OfStream(frames.Select(static f => Encoding.UTF8.GetString(f.Payload)));

    private static DialectProblem? Read(string body, out ChatRequest request) => _dialect.ReadRequest(Encoding.UTF8.GetBytes(body), default, out request);
}
