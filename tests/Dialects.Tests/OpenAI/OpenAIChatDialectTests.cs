using System.Buffers;
using System.Text;
using Gateway.Dialects.Chat;
using Gateway.Dialects.OpenAI;

namespace Gateway.Dialects.Tests.OpenAI;

public sealed class OpenAIChatDialectTests
{
    private static readonly AnswerContext _context = new() { Id = "1", Model = "m", Created = DateTimeOffset.UnixEpoch, IncludeUsage = true };

    [Fact]
    public void The_registry_knows_the_dialect_and_refuses_numbers_it_does_not_know()
    {
        Assert.Same(OpenAIChatDialect.Instance, ChatDialects.Get(DialectId.OpenAIChat));
        Assert.Throws<ArgumentOutOfRangeException>(() => ChatDialects.Get((DialectId)99));
    }

    [Fact]
    public void A_text_goes_through_request_answer_and_stream()
    {
        var dialect = OpenAIChatDialect.Instance;
        var body = """{"model":"a","messages":[{"role":"system","content":"s"},{"role":"user","content":"hi"}],"max_tokens":5}"""u8.ToArray();
        Assert.Null(dialect.ReadRequest(body, default, out var request));
        var written = new ArrayBufferWriter<byte>();
        Assert.Null(dialect.WriteRequest(request, new RequestTarget { Model = "b", Provider = "openai" }, written, new DropList()));
        Assert.Equal(
            """{"model":"b","messages":[{"role":"system","content":"s"},{"role":"user","content":"hi"}],"max_completion_tokens":5}""",
            Encoding.UTF8.GetString(written.WrittenSpan));

        var answerBody = """{"id":"x","object":"chat.completion","created":1,"model":"b","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":2,"completion_tokens":3,"total_tokens":5}}"""u8.ToArray();
        Assert.True(dialect.TryReadAnswer(answerBody, out var answer));
        Assert.Equal("hello", Assert.IsType<TextPart>(Assert.Single(answer.Choices[0].Parts)).Text);

        var stream = new ArrayBufferWriter<byte>();
        var writer = dialect.CreateStreamWriter(_context);
        foreach (var e in AnswerPlayer.Play(answer, 2))
        {
            writer.Write(e, stream);
        }

        var reader = dialect.CreateStreamReader();
        var assembler = new AnswerAssembler(DialectId.OpenAIChat);
        var events = new List<ChatEvent>();
        foreach (var line in Encoding.UTF8.GetString(stream.WrittenSpan).Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.True(reader.Read(default, Encoding.UTF8.GetBytes(line[6..]), events));
        }

        Assert.True(reader.Complete(events));
        events.ForEach(e => assembler.Add(e));
        var again = assembler.Build();
        Assert.True(assembler.IsComplete);
        Assert.Equal("hello", Assert.IsType<TextPart>(Assert.Single(again.Choices[0].Parts)).Text);
        Assert.Equal(answer.Usage, again.Usage);
        Assert.Equal(FinishReason.Stop, again.Choices[0].Finish);
    }
}
