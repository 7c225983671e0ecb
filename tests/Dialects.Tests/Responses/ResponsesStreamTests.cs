using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Responses;
using Gateway.Dialects.Tests.Pairs;

namespace Gateway.Dialects.Tests.Responses;

public sealed class ResponsesStreamTests
{
    private const string Created = """{"type":"response.created","response":{"id":"resp_1","model":"m","created_at":5,"status":"in_progress","output":[]}}""";

    [Fact]
    public void Each_part_has_its_events_in_order()
    {
        var answer = new ChatAnswer { Origin = DialectId.Anthropic, Id = "a", Usage = new TokenCounts { Input = 1, Output = 2, Reasoning = 3 } };
        var choice = new ChatChoice { Finish = FinishReason.ToolCalls };
        choice.Parts.Add(new ReasoningPart { Text = "hm" });
        var text = new TextPart("hi");
        text.Citations.Add(new Citation { Url = "https://x/", Title = "t", Start = 0, End = 2 });
        choice.Parts.Add(text);
        choice.Parts.Add(new RefusalPart("no"));
        choice.Parts.Add(new ToolCallPart { Id = "c1", Name = "f", Arguments = "{}" });
        choice.Parts.Add(new ToolCallPart { Id = "c2", Name = "g", Arguments = "free", IsCustom = true });
        answer.Choices.Add(choice);
        var events = Events(StreamPlayback.Write(ResponsesDialect.Instance, AnswerPlayer.Play(answer), RecordedResponsesTests.Context));
        Assert.Equal(Enumerable.Range(0, events.Count), events.Select(static e => e["sequence_number"]!.GetValue<int>()));
        Assert.Equal(
            """
            response.created
            response.in_progress
            response.output_item.added 0
            response.reasoning_summary_part.added 0
            response.reasoning_summary_text.delta 0
            response.reasoning_summary_text.done 0
            response.reasoning_summary_part.done 0
            response.output_item.done 0
            response.output_item.added 1
            response.content_part.added 1 0
            response.output_text.delta 1 0
            response.output_text.annotation.added 1 0
            response.output_text.done 1 0
            response.content_part.done 1 0
            response.content_part.added 1 1
            response.refusal.delta 1 1
            response.refusal.done 1 1
            response.content_part.done 1 1
            response.output_item.done 1
            response.output_item.added 2
            response.function_call_arguments.delta 2
            response.function_call_arguments.done 2
            response.output_item.done 2
            response.output_item.added 3
            response.custom_tool_call_input.delta 3
            response.custom_tool_call_input.done 3
            response.output_item.done 3
            response.completed
            """.ReplaceLineEndings("\n"),
            string.Join('\n', events.Select(static e => string.Join(' ', new[] { e["type"], e["output_index"], e["content_index"] }.OfType<JsonNode>()))));
        Assert.Equal(JsonNode.Parse(RecordedResponsesTests.WritePlain(answer))!.ToJsonString(), events[^1]["response"]!.ToJsonString());
    }

    [Fact]
    public void Calls_that_overlap_are_kept_apart()
    {
        ChatEvent[] steps =
        [
            new() { Kind = ChatEventKind.Start },
            new() { Kind = ChatEventKind.PartStart, Part = 0, PartKind = PartKind.ToolCall, Id = "a", Name = "f" },
            new() { Kind = ChatEventKind.PartStart, Part = 1, PartKind = PartKind.ToolCall, Id = "b", Name = "g" },
            new() { Kind = ChatEventKind.Delta, Part = 1, PartKind = PartKind.ToolCall, Text = "{\"b\":" },
            new() { Kind = ChatEventKind.Delta, Part = 0, PartKind = PartKind.ToolCall, Text = "{\"a\":1}" },
            new() { Kind = ChatEventKind.Delta, Part = 1, PartKind = PartKind.ToolCall, Text = "2}" },
            new() { Kind = ChatEventKind.PartEnd, Part = 1, PartKind = PartKind.ToolCall },
            new() { Kind = ChatEventKind.PartEnd, Part = 0, PartKind = PartKind.ToolCall },
            new() { Kind = ChatEventKind.Finish, Finish = FinishReason.ToolCalls },
            new() { Kind = ChatEventKind.End },
        ];
        var reading = StreamPlayback.ReadSse(ResponsesDialect.Instance, StreamPlayback.Write(ResponsesDialect.Instance, steps, RecordedResponsesTests.Context), new Random(1));
        Assert.True(reading.IsWhole);
        Assert.Equal(["f({\"a\":1})", "g({\"b\":2})"], AnswerDigest.Of(reading.Assemble(DialectId.OpenAIResponses).Build()).Calls);
    }

    [Fact]
    public void A_stream_that_says_everything_at_the_end_is_read_whole()
    {
        var (reading, digest) = Read(Created, Completed("""[{"type":"reasoning","id":"r","summary":[],"content":[{"type":"reasoning_text","text":"hm"}]},{"type":"message","content":[{"type":"output_text","text":"hi"}]},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}]"""));
        Assert.True(reading.IsWhole);
        Assert.Equal(("hm", "hi", FinishReason.ToolCalls), (digest.Reasoning, digest.Text, digest.Finish));
        Assert.Equal(["f({})"], digest.Calls);
    }

    [Fact]
    public void A_stream_without_deltas_is_read_from_the_ends_of_its_items()
    {
        var (_, digest) = Read(Created,
            """{"type":"response.output_item.done","output_index":0,"item":{"type":"message","content":[{"type":"output_text","text":"hi"}]}}""",
            """{"type":"response.output_item.done","output_index":1,"item":{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}}""",
            Completed("""[{"type":"message","content":[{"type":"output_text","text":"hi"}]},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}]"""));
        Assert.Equal("hi", digest.Text);
        Assert.Equal(["f({})"], digest.Calls);
    }

    [Fact]
    public void What_the_end_adds_to_the_deltas_is_told_once()
    {
        var (_, digest) = Read(Created,
            """{"type":"response.output_text.delta","item_id":"x","output_index":0,"content_index":0,"delta":"he"}""",
            """{"type":"response.output_text.done","item_id":"y","output_index":0,"content_index":0,"text":"hello"}""",
            """{"type":"response.something_new","output_index":0,"delta":"?"}""",
            Completed("""[{"type":"message","content":[{"type":"output_text","text":"hello you"}]}]"""), "[DONE]");
        Assert.Equal("hello you", digest.Text);
    }

    [Theory]
    [InlineData("""{"type":"error","code":"rate_limit_exceeded","message":"slow down","param":null,"sequence_number":1}""")]
    [InlineData("""{"type":"error","error":{"type":"tokens","code":"rate_limit_exceeded","message":"slow down","param":null}}""")]
    [InlineData("""{"type":"response.failed","response":{"status":"failed","error":{"code":"rate_limit_exceeded","message":"slow down"}}}""")]
    [InlineData("""{"type":"response.completed","response":{"status":"failed","output":[],"error":{"code":"rate_limit_exceeded","message":"slow down"}}}""")]
    public void A_failure_is_told_once_and_is_no_success(string failure)
    {
        var (reading, _) = Read(Created, """{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"he"}""", failure,
            """{"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"again"}}}""");
        Assert.False(reading.IsWhole);
        var error = Assert.Single(reading.Events, static e => e.Kind == ChatEventKind.Error).Error!;
        Assert.Equal((ChatErrorKind.RateLimit, "slow down", "rate_limit_exceeded"), (error.Kind, error.Message, error.Code));
    }

    [Theory]
    [InlineData(FinishReason.Stop, "completed", null)]
    [InlineData(FinishReason.StopSequence, "completed", null)]
    [InlineData(FinishReason.Length, "incomplete", "max_output_tokens")]
    [InlineData(FinishReason.ContentFilter, "incomplete", "content_filter")]
    [InlineData(FinishReason.Refusal, "incomplete", "content_filter")]
    [InlineData(FinishReason.Other, "incomplete", "MALFORMED")]
    public void The_ending_follows_the_finish_reason(FinishReason finish, string status, string? reason)
    {
        var answer = new ChatAnswer { Origin = DialectId.Gemini };
        answer.Choices.Add(new ChatChoice { Finish = finish, FinishDetail = finish == FinishReason.Other ? "MALFORMED" : null, Parts = { new TextPart("x") } });
        var last = Events(StreamPlayback.Write(ResponsesDialect.Instance, AnswerPlayer.Play(answer), RecordedResponsesTests.Context))[^1];
        Assert.Equal("response." + status, last["type"]!.GetValue<string>());
        Assert.Equal(status, last["response"]!["status"]!.GetValue<string>());
        Assert.Equal(reason, last["response"]!["incomplete_details"]?["reason"]!.GetValue<string>());
    }

    [Fact]
    public void A_broken_stream_ends_with_an_error_in_both_forms_and_a_failed_response()
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = ResponsesDialect.Instance.CreateStreamWriter(RecordedResponsesTests.Context);
        writer.Write(new ChatEvent { Kind = ChatEventKind.Start }, buffer);
        writer.Write(new ChatEvent { Kind = ChatEventKind.PartStart, PartKind = PartKind.Text }, buffer);
        writer.WriteError(new ChatError { Status = 502, Kind = ChatErrorKind.Api, Message = "cut", Code = "stream_cut", Details = [KeyValuePair.Create("fault", "\"upstream\"")] }, buffer);
        writer.Write(new ChatEvent { Kind = ChatEventKind.End }, buffer);
        var events = Events(buffer.WrittenSpan.ToArray());
        Assert.Equal(("error", "response.failed"), (events[^2]["type"]!.GetValue<string>(), events[^1]["type"]!.GetValue<string>()));
        Assert.Equal(("cut", "stream_cut", "upstream"),
            (events[^2]["message"]!.GetValue<string>(), events[^2]["error"]!["code"]!.GetValue<string>(), events[^2]["error"]!["fault"]!.GetValue<string>()));
        Assert.Equal("stream_cut", events[^1]["response"]!["error"]!["code"]!.GetValue<string>());
    }

    private static string Completed(string output) =>
        $$"""{"type":"response.completed","response":{"id":"resp_1","status":"completed","usage":{"input_tokens":1,"output_tokens":2},"output":{{output}} } }""";

    private static (StreamReading Reading, AnswerDigest Digest) Read(params string[] payloads)
    {
        var sse = string.Concat(payloads.Select(static p => $"data: {p}\n\n"));
        var reading = StreamPlayback.ReadSse(ResponsesDialect.Instance, Encoding.UTF8.GetBytes(sse), new Random(3));
        Assert.Null(reading.Invalid);
        Assert.Null(StreamOrder.Violation(reading.Events));
        return (reading, AnswerDigest.Of(reading.Assemble(DialectId.OpenAIResponses).Build()));
    }

    private static List<JsonNode> Events(byte[] stream) => [.. StreamPlayback.Frames(stream, new Random(2)).Select(static f => JsonNode.Parse(f.Payload.Span)!)];
}
