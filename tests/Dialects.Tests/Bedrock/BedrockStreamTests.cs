using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Dialects.Bedrock;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Tests.Bedrock;

public sealed class BedrockStreamTests
{
    private static readonly AnswerContext _context = new() { Id = "1", Model = "m", Created = DateTimeOffset.UnixEpoch };

    [Fact]
    public void Calls_that_come_interleaved_are_written_one_after_the_other()
    {
        var events = Write(
            new() { Kind = ChatEventKind.Start },
            Part(ChatEventKind.PartStart, 0, PartKind.ToolCall, id: "a", name: "f"),
            Part(ChatEventKind.PartStart, 1, PartKind.ToolCall, id: "b", name: "g"),
            Part(ChatEventKind.Delta, 1, PartKind.ToolCall, "{\"y\":2}"),
            Part(ChatEventKind.Delta, 0, PartKind.ToolCall, "{\"x\":1}"),
            Part(ChatEventKind.PartEnd, 1, PartKind.ToolCall),
            Part(ChatEventKind.PartEnd, 0, PartKind.ToolCall),
            new() { Kind = ChatEventKind.Finish, Finish = FinishReason.ToolCalls },
            new() { Kind = ChatEventKind.Usage, Usage = new TokenCounts { Input = 3, CacheRead = 4, Output = 5, Reasoning = 6 } },
            new() { Kind = ChatEventKind.End });
        Assert.Equal(
            [
                """messageStart {"role":"assistant"}""",
                """contentBlockStart {"start":{"toolUse":{"toolUseId":"a","name":"f"}},"contentBlockIndex":0}""",
                """contentBlockDelta {"delta":{"toolUse":{"input":"{\"x\":1}"}},"contentBlockIndex":0}""",
                """contentBlockStop {"contentBlockIndex":0}""",
                """contentBlockStart {"start":{"toolUse":{"toolUseId":"b","name":"g"}},"contentBlockIndex":1}""",
                """contentBlockDelta {"delta":{"toolUse":{"input":"{\"y\":2}"}},"contentBlockIndex":1}""",
                """contentBlockStop {"contentBlockIndex":1}""",
                """messageStop {"stopReason":"tool_use"}""",
                """metadata {"usage":{"inputTokens":3,"outputTokens":11,"totalTokens":18,"cacheReadInputTokens":4,"cacheWriteInputTokens":0},"metrics":{"latencyMs":0}}""",
            ],
            events);
    }

    [Fact]
    public void An_error_ends_the_stream_as_an_exception()
    {
        var events = Write(
            new() { Kind = ChatEventKind.Start },
            Part(ChatEventKind.PartStart, 0, PartKind.Text),
            Part(ChatEventKind.Delta, 0, PartKind.Text, "x"),
            new() { Kind = ChatEventKind.Error, Error = new ChatError { Status = 429, Kind = ChatErrorKind.RateLimit, Message = "slow" } },
            new() { Kind = ChatEventKind.End });
        Assert.Equal("""throttlingException {"message":"slow"}""", events[^1]);
        Assert.DoesNotContain(events, static e => e.StartsWith("messageStop", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("throttlingException", """{"message":"slow"}""", 429, ChatErrorKind.RateLimit)]
    [InlineData("modelStreamErrorException", """{"message":"x","originalStatusCode":503}""", 503, ChatErrorKind.Api)]
    [InlineData("serviceUnavailableException", "{}", 503, ChatErrorKind.Overloaded)]
    [InlineData("validationException", """{"message":"Input is too long for requested model."}""", 400, ChatErrorKind.ContextLength)]
    [InlineData("internalServerException", """{"message":"x"}""", 500, ChatErrorKind.Api)]
    public void Exceptions_are_errors(string name, string payload, int status, ChatErrorKind kind)
    {
        var events = new List<ChatEvent>();
        var reader = BedrockConverseDialect.Instance.CreateStreamReader();
        Assert.True(reader.Read(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(payload), events));
        var error = Assert.Single(events).Error!;
        Assert.Equal((status, kind), (error.Status, error.Kind));
        Assert.NotEmpty(error.Message);
        Assert.False(reader.Complete(events));
        Assert.Equal(ConverseEventKind.Error, default(ConverseStreamScan).Read(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(payload)));
    }

    [Theory]
    [InlineData(400, "ValidationException:http://internal.amazon.com/coral/x/", """{"message":"The provided model identifier is invalid."}""", ChatErrorKind.InvalidRequest)]
    [InlineData(400, "ServiceQuotaExceededException", """{"message":"x"}""", ChatErrorKind.RateLimit)]
    [InlineData(403, "AccessDeniedException", """{"Message":"You don't have access to the model."}""", ChatErrorKind.Permission)]
    [InlineData(403, "ExpiredTokenException", """{"message":"x"}""", ChatErrorKind.Authentication)]
    [InlineData(403, null, """{"__type":"com.amazon.coral.service#UnrecognizedClientException","message":"x"}""", ChatErrorKind.Authentication)]
    [InlineData(404, "ResourceNotFoundException", """{"message":"x"}""", ChatErrorKind.NotFound)]
    [InlineData(408, "ModelTimeoutException", """{"message":"x"}""", ChatErrorKind.Timeout)]
    [InlineData(424, "ModelErrorException", """{"message":"x"}""", ChatErrorKind.Api)]
    [InlineData(424, null, """{"message":"x"}""", ChatErrorKind.Api)]
    [InlineData(429, "ModelNotReadyException", """{"message":"x"}""", ChatErrorKind.Overloaded)]
    [InlineData(429, null, "", ChatErrorKind.RateLimit)]
    [InlineData(502, null, "<html>", ChatErrorKind.Api)]
    public void Errors_are_told_by_their_header_first(int status, string? header, string body, ChatErrorKind kind)
    {
        var error = BedrockConverseDialect.ReadError(status, Encoding.UTF8.GetBytes(body), header);
        Assert.Equal((status, kind), (error.Status, error.Kind));
        Assert.NotEmpty(error.Message);
    }

    [Fact]
    public void Errors_name_their_type_where_clients_look_for_it()
    {
        foreach (var kind in Enum.GetValues<ChatErrorKind>())
        {
            var output = new ArrayBufferWriter<byte>();
            BedrockConverseDialect.Instance.WriteError(new ChatError { Status = 400, Kind = kind, Message = "m", Code = "c" }, output);
            var body = JsonNode.Parse(output.WrittenSpan)!;
            Assert.Equal(BedrockConverseDialect.ErrorType(kind), (string)body["__type"]!);
            Assert.Equal("m", (string)body["message"]!);
            Assert.Null(body["code"]);
        }
    }

    [Fact]
    public void Proofs_of_other_providers_find_their_way_home()
    {
        var gemini = new Signature(DialectId.Gemini, "abc+/=");
        var anthropic = new Signature(DialectId.Anthropic, "enc");
        var answer = new ChatAnswer { Origin = DialectId.Gemini };
        var choice = new ChatChoice { Finish = FinishReason.ToolCalls };
        answer.Choices.Add(choice);
        choice.Parts.AddRange(
        [
            new ReasoningPart { Text = "t", Signature = gemini },
            new ReasoningPart { Encrypted = anthropic },
            new TextPart("x") { Signature = gemini },
            new ToolCallPart { Id = "a", Name = "f", Signature = gemini },
        ]);
        var plain = new ArrayBufferWriter<byte>();
        BedrockConverseDialect.Instance.WriteAnswer(answer, _context, plain);
        var content = JsonNode.Parse(plain.WrittenSpan)!["output"]!["message"]!["content"]!;
        foreach (var blob in content.AsArray().Select(static b => (string?)b!["reasoningContent"]?["redactedContent"]).OfType<string>())
        {
            Convert.FromBase64String(blob);
        }

        var body = new JsonObject { ["messages"] = new JsonArray(new JsonObject { ["role"] = "assistant", ["content"] = content.DeepClone() }) };
        Assert.Null(BedrockConverseDialect.Instance.ReadRequest(Encoding.UTF8.GetBytes(body.ToJsonString()), new RequestLocation("m", false), out var request));
        var parts = Assert.Single(request.Messages).Parts;
        Assert.Equal(gemini, Assert.IsType<ReasoningPart>(parts[0]).Signature);
        Assert.Equal(anthropic, Assert.IsType<ReasoningPart>(parts[1]).Encrypted);
        Assert.Equal(gemini, Assert.IsType<TextPart>(parts[2]).Signature);
        Assert.Equal(gemini, Assert.IsType<ToolCallPart>(parts[3]).Signature);

        var streamed = Write([.. AnswerPlayer.Play(answer, 1)]);
        Assert.Equal(3, streamed.Count(static e => e.Contains("redactedContent", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_tool_that_stands_for_a_schema_is_read_as_text()
    {
        var events = new List<ChatEvent>();
        var reader = BedrockConverseDialect.Instance.CreateStreamReader();
        foreach (var line in (string[])
        [
            """{"contentBlockStart":{"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"t","name":"gateway_structured_output"}}}}""",
            """{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"toolUse":{"input":"{\"a\":1}"}}}}""",
            """{"contentBlockStop":{"contentBlockIndex":0}}""",
            """{"messageStop":{"stopReason":"tool_use"}}""",
        ])
        {
            Assert.True(reader.Read(default, Encoding.UTF8.GetBytes(line), events));
        }

        Assert.True(reader.Complete(events));
        Assert.Equal("{\"a\":1}", string.Concat(events.Where(static e => e.PartKind == PartKind.Text).Select(static e => e.Text)));
        Assert.Equal(FinishReason.Stop, events.Single(static e => e.Kind == ChatEventKind.Finish).Finish);
    }

    [Fact]
    public void A_stream_without_its_end_was_cut()
    {
        var events = new List<ChatEvent>();
        var reader = BedrockConverseDialect.Instance.CreateStreamReader();
        reader.Read("contentBlockDelta"u8, """{"contentBlockIndex":0,"delta":{"text":"x"}}"""u8, events);
        Assert.False(reader.Complete(events));
        Assert.Equal([ChatEventKind.Start, ChatEventKind.PartStart, ChatEventKind.Delta, ChatEventKind.PartEnd], events.Select(static e => e.Kind));
    }

    [Fact]
    public void Citations_keep_what_they_cite()
    {
        var body = """{"output":{"message":{"role":"assistant","content":[{"citationsContent":{"content":[{"text":"It is so."}],"citations":[{"title":"T","sourceContent":[{"text":"so"}],"location":{"web":{"url":"https://x","domain":"x"}}},{"location":{"documentPage":{"documentIndex":2,"start":1,"end":2}}}]}}]}},"stopReason":"end_turn","usage":{"inputTokens":1,"outputTokens":1,"totalTokens":2}}""";
        Assert.True(BedrockConverseDialect.Instance.TryReadAnswer(Encoding.UTF8.GetBytes(body), out var answer));
        var text = Assert.IsType<TextPart>(Assert.Single(answer.Choices[0].Parts));
        Assert.Equal(("https://x", "T", "so"), (text.Citations[0].Url, text.Citations[0].Title, text.Citations[0].CitedText));
        Assert.Equal(2, text.Citations[1].Document);
        var written = new ArrayBufferWriter<byte>();
        BedrockConverseDialect.Instance.WriteAnswer(answer, _context, written);
        var content = JsonNode.Parse(written.WrittenSpan)!["output"]!["message"]!["content"]!;
        Assert.Equal("It is so.", (string)content[0]!["text"]!);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(body)!["output"]!["message"]!["content"]![0]!["citationsContent"]!["citations"], content[1]!["citationsContent"]!["citations"]));
        Assert.True(BedrockConverseDialect.Instance.TryReadAnswer(written.WrittenMemory, out var again));
        Assert.Equal(2, Assert.IsType<TextPart>(Assert.Single(again.Choices[0].Parts)).Citations.Count);
    }

    [Fact]
    public void Damaged_events_never_throw()
    {
        var payloads = (string[])
        [
            """{"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"t","name":"n"}}}""",
            """{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"\ud83d","signature":"s"}}}""",
            """{"usage":{"inputTokens":1,"outputTokens":2},"metrics":{"latencyMs":1}}""",
            """{"stopReason":"end_turn","additionalModelResponseFields":{"stop_sequence":"x"}}""",
        ];
        var names = (string[])["contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata", "", "xException"];
        var random = new Random(3);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(payloads[random.Next(payloads.Length)]);
            for (var n = random.Next(3); n >= 0; n--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            var name = Encoding.UTF8.GetBytes(names[random.Next(names.Length)]);
            var reader = BedrockConverseDialect.Instance.CreateStreamReader();
            var events = new List<ChatEvent>();
            reader.Read(name, bytes, events);
            reader.Complete(events);
            default(ConverseStreamScan).Read(name, bytes);
            BedrockConverseDialect.Instance.TryReadAnswer(bytes, out _);
            BedrockConverseDialect.Instance.ReadRequest(bytes, new RequestLocation("m", false), out _);
            BedrockConverseDialect.Instance.ReadError(500, bytes);
            InvokeModelChunk.TryRead(bytes, out _);
        }
    }

    private static ChatEvent Part(ChatEventKind kind, int part, PartKind partKind, string? text = null, string? id = null, string? name = null) =>
        new() { Kind = kind, Part = part, PartKind = partKind, Text = text, Id = id, Name = name };

    private static List<string> Write(params ChatEvent[] events)
    {
        var writer = BedrockConverseDialect.Instance.CreateStreamWriter(_context);
        var output = new ArrayBufferWriter<byte>();
        foreach (var e in events)
        {
            writer.Write(e, output);
        }

        return [.. BedrockRecordings.Cut(output.WrittenSpan.ToArray(), [7]).Select(static e => e.Name + " " + Encoding.UTF8.GetString(e.Payload))];
    }
}
