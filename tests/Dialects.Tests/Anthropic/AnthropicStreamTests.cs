using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Dialects.Anthropic;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Tests.Anthropic;

public sealed class AnthropicStreamTests
{
    private static readonly AnswerContext _context = new() { Id = "1", Model = "alias", Created = DateTimeOffset.UnixEpoch, PromptTokenEstimate = 77 };

    [Fact]
    public void Calls_that_come_interleaved_are_written_one_after_the_other()
    {
        var sse = Write(
            new() { Kind = ChatEventKind.Start, Id = "chatcmpl-1" },
            Part(ChatEventKind.PartStart, 0, PartKind.ToolCall, id: "a", name: "f"),
            Part(ChatEventKind.Delta, 0, PartKind.ToolCall, "{\"x\":"),
            Part(ChatEventKind.PartStart, 1, PartKind.ToolCall, id: "b", name: "g"),
            Part(ChatEventKind.Delta, 1, PartKind.ToolCall, "{\"y\":"),
            Part(ChatEventKind.Delta, 0, PartKind.ToolCall, "1}"),
            Part(ChatEventKind.Delta, 1, PartKind.ToolCall, "2}"),
            Part(ChatEventKind.PartEnd, 0, PartKind.ToolCall),
            Part(ChatEventKind.PartEnd, 1, PartKind.ToolCall),
            new() { Kind = ChatEventKind.Finish, Finish = FinishReason.ToolCalls },
            new() { Kind = ChatEventKind.Usage, Usage = new TokenCounts { Input = 3, CacheRead = 4, Output = 5, Reasoning = 6 } },
            new() { Kind = ChatEventKind.End });
        AnthropicStreamOrder.Check(sse);
        Assert.Equal("text: \nthinking: \nothers: call a f {\"x\":1}\ncall b g {\"y\":2}\nfinish: tool_use \nusage: 3+4+0 -> 11", AnthropicSummary.OfStream(sse).ToString());
        var start = Payloads(sse)[0]["message"]!;
        Assert.Equal("msg_chatcmpl-1", (string)start["id"]!);
        Assert.Equal("alias", (string)start["model"]!);
        Assert.Equal(77, (int)start["usage"]!["input_tokens"]!);
    }

    [Fact]
    public void Input_tokens_that_are_known_at_the_start_are_told_there()
    {
        var sse = Write(
            new() { Kind = ChatEventKind.Start, Id = "msg_1" },
            new() { Kind = ChatEventKind.Usage, Usage = new TokenCounts { Input = 3, CacheWrite = 2 } },
            new() { Kind = ChatEventKind.Finish, Finish = FinishReason.Stop },
            new() { Kind = ChatEventKind.End });
        var usage = Payloads(sse)[0]["message"]!["usage"]!;
        Assert.Equal(3, (int)usage["input_tokens"]!);
        Assert.Equal(2, (int)usage["cache_creation_input_tokens"]!);
        Assert.Equal("msg_1", (string)Payloads(sse)[0]["message"]!["id"]!);
    }

    [Fact]
    public void An_error_ends_the_stream_without_its_terminator()
    {
        var sse = Encoding.UTF8.GetString(Write(
            new() { Kind = ChatEventKind.Start },
            Part(ChatEventKind.PartStart, 0, PartKind.Text),
            Part(ChatEventKind.Delta, 0, PartKind.Text, "x"),
            new() { Kind = ChatEventKind.Error, Error = new ChatError { Status = 529, Kind = ChatErrorKind.Overloaded, Message = "busy" } },
            new() { Kind = ChatEventKind.End }));
        Assert.EndsWith("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"busy\"}}\n\n", sse, StringComparison.Ordinal);
        Assert.DoesNotContain("message_stop", sse, StringComparison.Ordinal);
    }

    [Fact]
    public void Free_text_for_a_tool_is_wrapped_piece_by_piece()
    {
        var pieces = (string[])["say \"", "\uD83D", "\uDE00", "\n\\"];
        var events = new List<ChatEvent> { new() { Kind = ChatEventKind.Start }, new() { Kind = ChatEventKind.PartStart, PartKind = PartKind.ToolCall, Id = "a", Name = "f", Flag = true } };
        events.AddRange(pieces.Select(static p => Part(ChatEventKind.Delta, 0, PartKind.ToolCall, p)));
        events.AddRange([Part(ChatEventKind.PartEnd, 0, PartKind.ToolCall), new() { Kind = ChatEventKind.Finish, Finish = FinishReason.ToolCalls }, new() { Kind = ChatEventKind.End }]);
        var json = string.Concat(Payloads(Write([.. events])).Select(static e => (string?)e["delta"]?["partial_json"]));
        Assert.Equal(string.Concat(pieces), (string)JsonNode.Parse(json)!["input"]!);
    }

    [Fact]
    public void Parts_without_content_make_no_empty_block()
    {
        var sse = Write(
            new() { Kind = ChatEventKind.Start },
            Part(ChatEventKind.PartStart, 0, PartKind.Reasoning),
            Part(ChatEventKind.PartEnd, 0, PartKind.Reasoning),
            Part(ChatEventKind.PartStart, 1, PartKind.Text),
            Part(ChatEventKind.Delta, 1, PartKind.Text, ""),
            Part(ChatEventKind.PartEnd, 1, PartKind.Text),
            new() { Kind = ChatEventKind.Finish, Finish = FinishReason.Stop },
            new() { Kind = ChatEventKind.End });
        Assert.Equal(["message_start", "message_delta", "message_stop"], Payloads(sse).Select(static e => (string)e["type"]!));
    }

    [Fact]
    public void Proofs_of_other_providers_find_their_way_home()
    {
        var gemini = new Signature(DialectId.Gemini, "abc+/=");
        var openai = new Signature(DialectId.OpenAIResponses, "enc");
        var answer = new ChatAnswer { Origin = DialectId.Gemini };
        var choice = new ChatChoice { Finish = FinishReason.ToolCalls };
        answer.Choices.Add(choice);
        choice.Parts.AddRange(
        [
            new ReasoningPart { Text = "t", Signature = gemini },
            new ReasoningPart { Text = "summary", IsSummary = true, Encrypted = openai },
            new TextPart("x") { Signature = gemini },
            new ToolCallPart { Id = "a", Name = "f", Signature = gemini },
        ]);
        var plain = new ArrayBufferWriter<byte>();
        AnthropicDialect.Instance.WriteAnswer(answer, _context, plain);
        AssertHome(JsonNode.Parse(plain.WrittenSpan)!["content"]!);

        var assembled = AnthropicSummary.OfStream(Write([.. AnswerPlayer.Play(answer, 2)]));
        Assert.Equal(AnthropicSummary.OfMessage(plain.WrittenSpan.ToArray()).ToString().Split("finish")[0], assembled.ToString().Split("finish")[0]);

        void AssertHome(JsonNode content)
        {
            var body = new JsonObject
            {
                ["model"] = "m",
                ["messages"] = new JsonArray(new JsonObject { ["role"] = "assistant", ["content"] = content.DeepClone() }),
            };
            Assert.Null(AnthropicDialect.Instance.ReadRequest(Encoding.UTF8.GetBytes(body.ToJsonString()), default, out var request));
            var parts = Assert.Single(request.Messages).Parts;
            Assert.Equal(gemini, Assert.IsType<ReasoningPart>(parts[0]).Signature);
            Assert.Equal("summary", Assert.IsType<ReasoningPart>(parts[1]).Text);
            Assert.Equal(openai, Assert.IsType<ReasoningPart>(parts[2]).Encrypted);
            Assert.Equal(gemini, Assert.IsType<TextPart>(parts[3]).Signature);
            Assert.Equal(gemini, Assert.IsType<ToolCallPart>(parts[4]).Signature);
        }
    }

    [Fact]
    public void Any_interleaving_of_parts_comes_out_in_order_and_whole()
    {
        var parts =
            from kinds in Gen.Elements(PartKind.Text, PartKind.Reasoning, PartKind.ToolCall).NonEmptyListOf()
            from order in Gen.Choose(0, 1000).ListOf(60)
            select (kinds: kinds.Take(6).ToArray(), order: order.ToArray());
        Prop.ForAll(parts.ToArbitrary(), c =>
        {
            var events = Interleave(c.kinds, c.order);
            var sse = Write([.. events]);
            AnthropicStreamOrder.Check(sse);
            var assembler = new AnswerAssembler(DialectId.OpenAIChat);
            events.ForEach(e => assembler.Add(e));
            var plain = new ArrayBufferWriter<byte>();
            AnthropicDialect.Instance.WriteAnswer(assembler.Build(), _context, plain);
            Assert.Equal(AnthropicSummary.OfMessage(plain.WrittenSpan.ToArray()).ToString(), AnthropicSummary.OfStream(sse).ToString());
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("""{"type":"ping"}""", AnthropicEventKind.Empty, 0)]
    [InlineData("", AnthropicEventKind.Empty, 0)]
    [InlineData("""{"type":"new_thing","x":[1]}""", AnthropicEventKind.Empty, 0)]
    [InlineData("""{"type":"message_start","message":{"usage":{"input_tokens":3}}}""", AnthropicEventKind.Start, 0)]
    [InlineData("""{"index":0,"delta":{"text":"abc","type":"text_delta"},"type":"content_block_delta"}""", AnthropicEventKind.Content, 3)]
    [InlineData("""{"type":"content_block_delta","delta":{"type":"input_json_delta","partial_json":"{}"}}""", AnthropicEventKind.Content, 2)]
    [InlineData("""{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":3}}""", AnthropicEventKind.Usage, 0)]
    [InlineData("""{"type":"message_stop"}""", AnthropicEventKind.Terminal, 0)]
    [InlineData("""{"type":"error","error":{"type":"overloaded_error","message":"x"}}""", AnthropicEventKind.Error, 0)]
    [InlineData("""{"type":"message_stop" """, AnthropicEventKind.Malformed, 0)]
    [InlineData("[]", AnthropicEventKind.Malformed, 0)]
    public void The_scanner_tells_the_kind(string payload, AnthropicEventKind kind, int textBytes)
    {
        var scan = default(AnthropicStreamScan);
        Assert.Equal(kind, scan.Read(Encoding.UTF8.GetBytes(payload)));
        Assert.Equal(textBytes, scan.TextBytes);
    }

    [Fact]
    public void The_scanner_adds_usage_up_and_keeps_the_input_when_the_end_says_zero()
    {
        var scan = default(AnthropicStreamScan);
        scan.Read("""{"type":"message_start","message":{"usage":{"input_tokens":3,"cache_read_input_tokens":10,"output_tokens":1}}}"""u8);
        scan.Read("""{"type":"message_delta","usage":{"input_tokens":0,"output_tokens":9,"output_tokens_details":{"thinking_tokens":4}}}"""u8);
        Assert.Equal(new TokenCounts { Input = 3, CacheRead = 10, Output = 5, Reasoning = 4 }, scan.Tokens);
    }

    [Fact]
    public void A_summary_made_of_the_conversation_is_billed_too()
    {
        var body = """{"usage":{"input_tokens":682,"output_tokens":1320,"iterations":[{"type":"compaction","input_tokens":60385,"output_tokens":592},{"type":"message","input_tokens":682,"output_tokens":1320}]}}"""u8;
        AnthropicUsage.ReadAnswer(body, out var counts);
        Assert.Equal(new TokenCounts { Input = 61067, Output = 1912 }, counts);
    }

    [Fact]
    public void The_tool_that_stands_for_a_schema_is_read_as_text()
    {
        var events = new List<ChatEvent>();
        var reader = AnthropicDialect.Instance.CreateStreamReader();
        foreach (var line in (string[])
        [
            """{"type":"message_start","message":{"id":"msg_1","usage":{"input_tokens":1}}}""",
            """{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"gateway_structured_output","input":{}}}""",
            """{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}}""",
            """{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"1}"}}""",
            """{"type":"content_block_stop","index":0}""",
            """{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":3}}""",
            """{"type":"message_stop"}""",
        ])
        {
            Assert.True(reader.Read(default, Encoding.UTF8.GetBytes(line), events));
        }

        Assert.True(reader.Complete(events));
        Assert.Equal("{\"a\":1}", string.Concat(events.Where(static e => e.PartKind == PartKind.Text).Select(static e => e.Text)));
        Assert.Equal(FinishReason.Stop, events.Single(static e => e.Kind == ChatEventKind.Finish).Finish);
    }

    [Fact]
    public void Damaged_events_never_throw()
    {
        var events = (string[])
        [
            """{"type":"message_start","message":{"id":"a","content":[{"type":"text","text":"x"}],"usage":{"input_tokens":1}}}""",
            """{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"n","input":{"a":1}}}""",
            """{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"a\":\"\ud83d\"}"}}""",
            """{"type":"content_block_delta","index":1,"delta":{"type":"citations_delta","citation":{"type":"x"}}}""",
            """{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":3}}""",
            """{"type":"error","error":{"type":"overloaded_error","message":"x"}}""",
        ];
        var random = new Random(3);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(events[random.Next(events.Length)]);
            for (var n = random.Next(3); n >= 0; n--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            var reader = AnthropicDialect.Instance.CreateStreamReader();
            var read = new List<ChatEvent>();
            reader.Read(default, bytes, read);
            reader.Complete(read);
            default(AnthropicStreamScan).Read(bytes);
            AnthropicDialect.Instance.TryReadAnswer(bytes, out _);
            AnthropicDialect.Instance.ReadRequest(bytes, default, out _);
            AnthropicDialect.Instance.ReadError(500, bytes);
        }
    }

    private static List<ChatEvent> Interleave(PartKind[] kinds, int[] order)
    {
        var events = new List<ChatEvent> { new() { Kind = ChatEventKind.Start } };
        var left = kinds.Select((kind, i) => new Queue<ChatEvent>(
        [
            Part(ChatEventKind.PartStart, i, kind, id: $"id{i}", name: "f"),
            Part(ChatEventKind.Delta, i, kind, kind == PartKind.ToolCall ? "{\"n\":" : "a" + i),
            Part(ChatEventKind.Delta, i, kind, kind == PartKind.ToolCall ? i + "}" : "b" + i),
            Part(ChatEventKind.PartEnd, i, kind),
        ])).ToList();
        var started = 0;
        var turn = 0;
        while (left.Exists(static q => q.Count > 0))
        {
            // Parts start in the order of their numbers.
            var pick = order[turn++ % order.Length] % (started + 1);
            var index = pick == started && started < left.Count ? started++ : left.FindIndex(0, Math.Max(started, 1), static q => q.Count is > 0 and < 4);
            if (index >= 0 && left[index].Count > 0)
            {
                events.Add(left[index].Dequeue());
            }
            else if (started < left.Count)
            {
                events.Add(left[started++].Dequeue());
            }
        }

        events.Add(new() { Kind = ChatEventKind.Finish, Finish = FinishReason.Stop });
        events.Add(new() { Kind = ChatEventKind.Usage, Usage = new TokenCounts { Input = 1, Output = 2 } });
        events.Add(new() { Kind = ChatEventKind.End });
        return events;
    }

    private static ChatEvent Part(ChatEventKind kind, int part, PartKind partKind, string? text = null, string? id = null, string? name = null) =>
        new() { Kind = kind, Part = part, PartKind = partKind, Text = text, Id = id, Name = name };

    private static byte[] Write(params ChatEvent[] events)
    {
        var writer = AnthropicDialect.Instance.CreateStreamWriter(_context);
        var output = new ArrayBufferWriter<byte>();
        foreach (var e in events)
        {
            writer.Write(e, output);
        }

        return output.WrittenSpan.ToArray();
    }

    private static List<JsonNode> Payloads(byte[] sse) => [.. AnthropicSummary.Payloads(sse, [9]).Select(static p => JsonNode.Parse(p)!)];
}
