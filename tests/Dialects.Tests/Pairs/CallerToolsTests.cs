using System.Buffers;
using System.Text;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Tests.Pairs;

/// <summary>Tools that a provider cannot be told of as the caller defined them come back to the caller as it knows them.</summary>
public sealed class CallerToolsTests
{
    private const string LongName = "mcp__a_server_with_a_long_name__and_a_tool_with_a_name_that_is_longer_still";

    [Theory]
    [InlineData(DialectId.Anthropic)]
    [InlineData(DialectId.Gemini)]
    [InlineData(DialectId.BedrockConverse)]
    [InlineData(DialectId.Cohere)]
    [InlineData(DialectId.OpenAIResponses)]
    public void A_name_that_the_provider_refuses_is_fitted_everywhere_and_comes_back(DialectId provider)
    {
        foreach (var name in (string[])["clock.now", LongName, "1st tool", "ümlaut"])
        {
            var request = Request(new ToolDefinition { Name = name });
            request.ToolChoice = new ToolChoice { Mode = ToolChoiceMode.Named, Name = name };
            request.Messages.Add(Message(ChatRole.Assistant, new ToolCallPart { Id = "call_1", Name = name, Arguments = "{}" }));
            request.Messages.Add(Message(ChatRole.Tool, new ToolResultPart { CallId = "call_1", Content = { new TextPart("ok") } }));
            var output = new ArrayBufferWriter<byte>();
            var dialect = ChatDialects.Get(provider);
            Assert.Null(dialect.WriteRequest(request, PairGolden.Target(provider, reasons: false), output, new DropList()));
            Assert.Null(dialect.ReadRequest(output.WrittenMemory, PairGolden.Location, out var sent));
            var fitted = Assert.Single(sent.Tools).Name;
            Assert.Matches(provider == DialectId.Gemini ? "^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$" : "^[a-zA-Z0-9_-]{1,64}$", fitted);
            Assert.Equal(fitted, sent.Messages.SelectMany(static m => m.Parts).OfType<ToolCallPart>().Single().Name);
            if (sent.ToolChoice is { Mode: ToolChoiceMode.Named } choice)
            {
                Assert.Equal(fitted, choice.Name);
            }

            Assert.Equal(name, Told(DialectId.OpenAIChat, request, provider, fitted, "{}").Name);
        }
    }

    [Theory]
    [InlineData("""{"input":"ls -l\n\"ä😀\u00e4\ud83d\ude00\\"}""", "ls -l\n\"ä😀ä😀\\")]
    [InlineData(""" { "input" : "" } """, "")]
    [InlineData("""{"input":"a","reason":"because"}""", "a")]
    [InlineData("""{"reason":"because","input":"a"}""", "a")]
    [InlineData("""{"patch":"a"}""", "a")]
    [InlineData("{}", "")]
    [InlineData("", "")]
    [InlineData("plain words", "plain words")]
    [InlineData("""{"a":1,"b":"x"}""", """{"a":1,"b":"x"}""")]
    [InlineData("""{"input":"cut of""", "cut of")]
    [InlineData("""{"input":"half \ud83d"}""", "half \uFFFD")]
    public void Free_text_comes_out_of_the_object_however_it_is_cut(string arguments, string text)
    {
        foreach (var caller in (DialectId[])[DialectId.OpenAIChat, DialectId.OpenAIResponses])
        {
            var request = Request(new ToolDefinition { Name = "shell", Kind = ToolKind.Custom });
            var whole = Told(caller, request, DialectId.Anthropic, "shell", arguments);
            Assert.True(whole.IsCustom);
            Assert.Equal(text, whole.Arguments);
            for (var size = 1; size <= arguments.Length; size++)
            {
                var streamed = Streamed(caller, request, "shell", arguments, size);
                Assert.True(streamed.IsCustom);
                Assert.Equal(text, streamed.Arguments);
            }
        }
    }

    [Fact]
    public void Text_is_told_as_it_arrives()
    {
        var request = Request(new ToolDefinition { Name = "shell", Kind = ToolKind.Custom });
        var writer = ChatDialects.Get(DialectId.OpenAIChat).CreateStreamWriter(Context(request));
        var output = new ArrayBufferWriter<byte>();
        writer.Write(new ChatEvent { Kind = ChatEventKind.Start }, output);
        writer.Write(new ChatEvent { Kind = ChatEventKind.PartStart, PartKind = PartKind.ToolCall, Id = "c", Name = "shell" }, output);
        writer.Write(new ChatEvent { Kind = ChatEventKind.Delta, PartKind = PartKind.ToolCall, Text = "{\"input\":\"first" }, output);
        Assert.Contains("first", Encoding.UTF8.GetString(output.WrittenSpan), StringComparison.Ordinal);
    }

    [Fact]
    public void A_response_that_failed_is_an_error()
    {
        var body = """{"id":"resp_1","object":"response","status":"failed","error":{"code":"rate_limit_exceeded","message":"Slow down."},"output":[]}""";
        Assert.True(ChatDialects.Get(DialectId.OpenAIResponses).TryReadAnswer(Encoding.UTF8.GetBytes(body), out var answer));
        Assert.Equal(ChatErrorKind.RateLimit, answer.Error!.Kind);
        Assert.Equal("Slow down.", answer.Error.Message);
    }

    private static ToolCallPart Told(DialectId caller, ChatRequest request, DialectId provider, string name, string arguments)
    {
        var dialect = ChatDialects.Get(caller);
        var output = new ArrayBufferWriter<byte>();
        dialect.WriteAnswer(Answer(provider, name, arguments), Context(request), output);
        Assert.True(dialect.TryReadAnswer(output.WrittenMemory, out var told));
        return told.Choices[0].Parts.OfType<ToolCallPart>().Single();
    }

    private static ToolCallPart Streamed(DialectId caller, ChatRequest request, string name, string arguments, int size)
    {
        var dialect = ChatDialects.Get(caller);
        var written = StreamPlayback.Write(dialect, AnswerPlayer.Play(Answer(DialectId.Anthropic, name, arguments), size), Context(request));
        return StreamPlayback.ReadSse(dialect, written, new Random(1)).Assemble(caller).Build().Choices[0].Parts.OfType<ToolCallPart>().Single();
    }

    private static ChatAnswer Answer(DialectId provider, string name, string arguments)
    {
        var choice = new ChatChoice { Finish = FinishReason.ToolCalls };
        choice.Parts.Add(new ToolCallPart { Id = "call_1", Name = name, Arguments = arguments });
        var answer = new ChatAnswer { Origin = provider };
        answer.Choices.Add(choice);
        return answer;
    }

    private static AnswerContext Context(ChatRequest request) =>
        new() { Id = "golden", Model = "public", Created = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000), Request = request };

    private static ChatRequest Request(ToolDefinition tool)
    {
        var request = new ChatRequest { Origin = DialectId.OpenAIChat, Model = "public", Messages = { Message(ChatRole.User, new TextPart("Go.")) } };
        request.Tools.Add(tool);
        return request;
    }

    private static ChatMessage Message(ChatRole role, ContentPart part)
    {
        var message = new ChatMessage(role);
        message.Parts.Add(part);
        return message;
    }
}
