using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Dialects.Chat;
using Gateway.Dialects.OpenAI;
using Gateway.Dialects.Tests.Contract;

namespace Gateway.Dialects.Tests.OpenAI;

/// <summary>Streams of compatible providers that are odd in ways the recordings do not all show.</summary>
public sealed class OpenAIStreamReaderTests
{
    [Fact]
    public void Pieces_of_parallel_calls_may_interleave()
    {
        var choice = Read(
            Calls("""{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}},{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":""}}"""),
            Calls("""{"index":1,"function":{"arguments":"{\"y\":"}},{"index":0,"function":{"arguments":"{\"x\":"}}"""),
            Calls("""{"index":0,"function":{"arguments":"1}"}}"""), Calls("""{"index":1,"function":{"arguments":"2}"}}"""), Finish("tool_calls"));
        Assert.Equal([("a", "f", "{\"x\":1}"), ("b", "g", "{\"y\":2}")], CallsOf(choice));
    }

    [Fact]
    public void Calls_without_index_or_with_one_index_for_all_are_told_apart()
    {
        var choice = Read(Calls("""{"id":"a","function":{"name":"f","arguments":"{}"}}"""), Calls("""{"id":"b","function":{"name":"f","arguments":"{"}}"""), Calls("""{"function":{"arguments":"}"}}"""), Finish("stop"));
        Assert.Equal([("a", "f", "{}"), ("b", "f", "{}")], CallsOf(choice));
        Assert.Equal(FinishReason.ToolCalls, choice.Finish);

        choice = Read(Calls("""{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}},{"index":0,"id":"b","function":{"name":"g","arguments":"{}"}}"""), Finish("tool_calls"));
        Assert.Equal([("a", "f", "{}"), ("b", "g", "{}")], CallsOf(choice));
    }

    [Fact]
    public void A_name_may_come_after_the_id_and_an_id_not_at_all()
    {
        var choice = Read(
            Calls("""{"index":0,"id":"a","function":{"arguments":"{"}}"""), Calls("""{"index":0,"function":{"name":"f","arguments":"}"}}"""),
            Calls("""{"index":1,"function":{"name":"g","arguments":{"x":1}}}"""), Finish("tool_calls"));
        var calls = CallsOf(choice);
        Assert.Equal(("a", "f", "{}"), calls[0]);
        Assert.Equal("{\"x\":1}", calls[1].Arguments);
        Assert.StartsWith("call_", calls[1].Id, StringComparison.Ordinal);
    }

    [Fact]
    public void A_call_ends_as_soon_as_the_next_begins_where_its_arguments_are_whole()
    {
        var events = Events(
            Calls("""{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":\"}\"}"}}"""), Calls("""{"index":1,"id":"b","function":{"name":"g","arguments":"{"}}"""), Calls("""{"index":1,"function":{"arguments":"}"}}"""), Finish("tool_calls"));
        var kinds = events.Where(static e => e.PartKind == PartKind.ToolCall).Select(static e => (e.Kind, e.Part)).ToList();
        Assert.True(kinds.IndexOf((ChatEventKind.PartEnd, 0)) < kinds.IndexOf((ChatEventKind.PartStart, 1)));
    }

    [Fact]
    public void The_older_function_call_is_one_tool_call()
    {
        var choice = Read(Delta("""{"role":"assistant","function_call":{"name":"f","arguments":""}}"""), Delta("""{"function_call":{"arguments":"{}"}}"""), Finish("function_call"));
        Assert.Equal(("f", "{}"), (CallsOf(choice)[0].Name, CallsOf(choice)[0].Arguments));
        Assert.Equal(FinishReason.ToolCalls, choice.Finish);
    }

    [Fact]
    public void Reasoning_that_is_told_twice_is_read_once()
    {
        var choice = Read(
            Delta("""{"reasoning":"a","reasoning_details":[{"type":"reasoning.text","text":"a","index":0,"format":"anthropic-claude-v1"}]}"""),
            Delta("""{"reasoning":"b","reasoning_details":[{"type":"reasoning.text","text":"b","index":0,"format":"anthropic-claude-v1"}]}"""),
            Delta("""{"reasoning_details":[{"type":"reasoning.text","signature":"s","index":0,"format":"anthropic-claude-v1"}]}"""), Delta("""{"content":"c"}"""), Finish("stop"));
        var reasoning = Assert.Single(choice.Parts.OfType<ReasoningPart>());
        Assert.Equal("ab", reasoning.Text);
        Assert.Equal(DialectId.OpenAIChat, reasoning.Signature!.Origin);

        choice = Read(Delta("""{"reasoning_content":"a"}"""), Delta("""{"reasoning_content":"b"}"""),
            Delta("""{"reasoning_details":[{"type":"reasoning.text","text":"ab","signature":"gw1:3:s","index":0}]}"""), Finish("stop"));
        reasoning = Assert.Single(choice.Parts.OfType<ReasoningPart>());
        Assert.Equal(("ab", new Signature(DialectId.Anthropic, "s")), (reasoning.Text, reasoning.Signature));
    }

    [Fact]
    public void A_seal_with_format_and_id_goes_back_as_it_came()
    {
        Assert.True(OpenAIChatDialect.Instance.TryReadAnswer(
            """{"choices":[{"message":{"content":"c","reasoning_details":[{"type":"reasoning.encrypted","data":"enc","format":"openai-responses-v1","id":"rs_1","index":0}]},"finish_reason":"stop"}]}"""u8.ToArray(), out var answer));
        var signature = Assert.IsType<ReasoningPart>(answer.Choices[0].Parts[0]).Encrypted!;
        var abroad = Signature.Read(DialectId.Anthropic, signature.For(DialectId.Anthropic));
        var request = new ChatRequest { Origin = DialectId.Anthropic };
        var message = new ChatMessage(ChatRole.Assistant);
        message.Parts.Add(new ReasoningPart { Encrypted = abroad });
        message.Parts.Add(new TextPart("c"));
        request.Messages.Add(message);
        Assert.Contains("""{"type":"reasoning.encrypted","data":"enc","format":"openai-responses-v1","id":"rs_1","index":0}""", Written(request, new RequestTarget { Model = "m", Provider = "openrouter" }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_stream_is_whole_with_its_terminator_only()
    {
        var events = new List<ChatEvent>();
        var reader = OpenAIChatDialect.Instance.CreateStreamReader();
        Assert.True(reader.Read(default, Bytes(Delta("""{"content":"a"}""")), events));
        Assert.True(reader.Read(default, Bytes(Finish("stop")), events));
        Assert.False(reader.Complete(events));

        reader = OpenAIChatDialect.Instance.CreateStreamReader();
        Assert.True(reader.Read(default, """{"id":"x","object":"chat.completion.done","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"""u8, events));
        Assert.True(reader.Complete(events));
    }

    [Fact]
    public void The_filters_that_azure_tells_first_begin_no_answer()
    {
        var events = Events("""{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[]}""", Delta("""{"role":"assistant","content":""}"""), Delta("""{"content":"a"}"""), Finish("stop"));
        Assert.Equal("x", events[0].Id);
    }

    [Theory]
    [InlineData("temperature", "\"hot\"")]
    [InlineData("max_tokens", "1.5")]
    [InlineData("stream", "1")]
    [InlineData("stop", "[1]")]
    [InlineData("messages", "{}")]
    [InlineData("messages", "[]")]
    [InlineData("tools", "{}")]
    [InlineData("tools[0]", "[{\"type\":\"function\"}]", "tools")]
    [InlineData("tool_choice", "\"some\"")]
    [InlineData("response_format.type", "{\"type\":\"xml\"}", "response_format")]
    [InlineData("messages[0].role", "[{\"role\":\"boss\",\"content\":\"x\"}]", "messages")]
    [InlineData("messages[0].content", "[{\"role\":\"user\",\"content\":1}]", "messages")]
    [InlineData("messages[0].content[1]", "[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"image_url\"}]}]", "messages")]
    [InlineData("messages[0].tool_call_id", "[{\"role\":\"tool\",\"content\":\"x\"}]", "messages")]
    public void A_wrong_member_of_a_request_is_named(string param, string value, string? member = null)
    {
        member ??= param;
        var body = member == "messages" ? "{\"model\":\"m\",\"messages\":" + value + "}" : "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"" + member + "\":" + value + "}";
        Assert.Equal(param, OpenAIChatDialect.Instance.ReadRequest(Bytes(body), default, out _)!.Param);
    }

    [Fact]
    public void Limits_of_openai_are_kept()
    {
        var request = new ChatRequest { Origin = DialectId.Anthropic, MaxOutputTokens = 32_000 };
        request.Stop.AddRange(["1", "2", "3", "4", "5"]);
        var message = new ChatMessage(ChatRole.Assistant);
        message.Parts.Add(new ToolCallPart { Id = new string('i', 64), Name = "f" });
        request.Messages.Add(message);
        var result = new ChatMessage(ChatRole.Tool);
        result.Parts.Add(new ToolResultPart { CallId = new string('i', 64) });
        request.Messages.Add(result);
        var json = JsonNode.Parse(Written(request, new RequestTarget { Model = "gpt-4o", Provider = "openai", MaxOutputTokens = 16_384 }))!;
        var id = json["messages"]![0]!["tool_calls"]![0]!["id"]!.GetValue<string>();
        Assert.True(id.Length <= 40);
        Assert.Equal(id, json["messages"]![1]!["tool_call_id"]!.GetValue<string>());
        Assert.Equal(4, json["stop"]!.AsArray().Count);
        Assert.Equal(16_384, json["max_completion_tokens"]!.GetValue<int>());
    }

    private static string Written(ChatRequest request, RequestTarget target)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.Null(OpenAIChatDialect.Instance.WriteRequest(request, target, output, new DropList()));
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static ChatChoice Read(params string[] payloads)
    {
        var assembler = new AnswerAssembler(DialectId.OpenAIChat);
        Events(payloads).ForEach(e => assembler.Add(e));
        return Assert.Single(assembler.Build().Choices);
    }

    private static List<ChatEvent> Events(params string[] payloads)
    {
        var events = new List<ChatEvent>();
        var reader = OpenAIChatDialect.Instance.CreateStreamReader();
        foreach (var payload in (string[])[.. payloads, "[DONE]"])
        {
            Assert.True(reader.Read(default, Bytes(payload), events));
        }

        Assert.True(reader.Complete(events));
        EventOrder.Check(events);
        return events;
    }

    private static List<(string Id, string Name, string Arguments)> CallsOf(ChatChoice choice) => [.. choice.Parts.OfType<ToolCallPart>().Select(static c => (c.Id, c.Name, c.Arguments))];

    private static string Calls(string calls) => Delta("{\"tool_calls\":[" + calls + "]}");

    private static string Delta(string delta) => "{\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":" + delta + ",\"finish_reason\":null}]}";

    private static string Finish(string reason) => "{\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"" + reason + "\"}]}";

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
