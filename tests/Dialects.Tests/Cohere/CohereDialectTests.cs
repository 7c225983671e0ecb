using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Cohere;
using Gateway.Recordings;

namespace Gateway.Dialects.Tests.Cohere;

public sealed class CohereDialectTests
{
    private static readonly AnswerContext _context = new() { Id = "1", Model = "m", Created = DateTimeOffset.UnixEpoch };

    private static IEnumerable<Recording> Answers => Corpus.All.Chats.Where(static r => r.DialectId == DialectId.Cohere && !r.IsError);

    [Fact]
    public void Recorded_answers_say_the_same_when_read_and_when_written_again()
    {
        Assert.SkipUnless(Corpus.IsPresent, "recordings are absent");
        var count = 0;
        foreach (var recording in Answers.Where(static r => !r.IsStream))
        {
            count++;
            var expected = CohereSaid.Plain(recording.ResponseBody);
            Assert.True(CohereDialect.Instance.TryReadAnswer(recording.ResponseBody, out var answer));
            Said.AssertSame(expected, Said.Of(answer), recording.Id);
            Said.AssertSame(expected, CohereSaid.Plain(Write(answer)), recording.Id + " written");
            Said.AssertSame(expected, CohereSaid.Stream(Pieces.SseEvents(Stream(AnswerPlayer.Play(answer, 5)), count)), recording.Id + " streamed");
            Assert.Equal(Dialects.OpenAI.AnswerUsage.Found, CohereUsage.ReadAnswer(recording.ResponseBody.Span, out var counts));
            Assert.Equal(expected.Usage, counts);
        }

        Assert.True(count >= 6, $"{count} answers");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Recorded_streams_say_the_same_however_they_are_cut(int seed)
    {
        Assert.SkipUnless(Corpus.IsPresent, "recordings are absent");
        var count = 0;
        foreach (var recording in Answers.Where(static r => r.IsStream))
        {
            count++;
            var wire = Pieces.SseEvents(recording.ResponseBody, seed + (count * 10));
            var expected = CohereSaid.Stream(wire);
            var events = Read(wire, out var whole);
            Assert.True(whole);
            var assembler = new AnswerAssembler(DialectId.Cohere);
            events.ForEach(e => assembler.Add(e));
            Said.AssertSame(expected, Said.Of(assembler.Build()), recording.Id);
            var again = Pieces.SseEvents(Stream(events), seed);
            Said.AssertSame(expected, CohereSaid.Stream(again), recording.Id + " written");
            // What is a plan and what is thinking stays so.
            Assert.Equal(wire.Count(static e => e.Name == "tool-plan-delta"), again.Count(static e => e.Name == "tool-plan-delta"));

            var scans = wire.ConvertAll(static e => CohereStreamScan.Read(e.Payload));
            Assert.Equal(expected.Usage, scans[^1].Tokens);
            Assert.Equal(CohereEventKind.End, scans[^1].Kind);
            Assert.All(scans.SkipLast(1), static s => Assert.Equal((CohereEventKind.Content, false), (s.Kind, s.HasUsage)));
            Assert.True(scans.Sum(static s => s.TextBytes) > 0);

            for (var kept = 0; kept < wire.Count; kept++)
            {
                Read(wire.Take(kept), out var cut);
                Assert.False(cut);
            }
        }

        Assert.True(count >= 4, $"{count} streams");
    }

    [Fact]
    public void A_request_read_and_written_again_is_the_same()
    {
        const string Body = """
            {"model":"command-a-reasoning-08-2025","stream":true,"messages":[
             {"role":"system","content":"s"},
             {"role":"user","content":[{"type":"text","text":"see"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA==","detail":"low"}}]},
             {"role":"assistant","tool_plan":"I will","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},{"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}]},
             {"role":"tool","tool_call_id":"a","content":"1"},
             {"role":"tool","tool_call_id":"b","content":"2"},
             {"role":"assistant","content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"three"}]},
             {"role":"user","content":"more"}],
             "documents":[{"id":"doc:0","data":{"title":"T","text":"body"}}],
             "tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{"x":{"type":"integer"}}}}}],
             "strict_tools":true,"tool_choice":"REQUIRED","max_tokens":9,"temperature":0.5,"p":0.9,"k":3,"seed":7,"frequency_penalty":0.1,"presence_penalty":0.2,
             "stop_sequences":["x"],"logprobs":true,"response_format":{"type":"json_object","json_schema":{"type":"object"}},"thinking":{"type":"enabled","token_budget":50},
             "safety_mode":"STRICT","citation_options":{"mode":"FAST"}}
            """;
        Assert.Null(CohereDialect.Instance.ReadRequest(Encoding.UTF8.GetBytes(Body), default, out var request));
        var drops = new DropList();
        Assert.Equal(Said.Canonical(Body), Said.Canonical(WriteRequest(request, "command-a-reasoning-08-2025", drops)));
        Assert.Empty(drops.Names);
    }

    [Fact]
    public void A_request_of_another_dialect_is_said_in_this_one()
    {
        var request = new ChatRequest
        {
            Origin = DialectId.OpenAIChat, TopP = 1, ToolChoice = new ToolChoice { Mode = ToolChoiceMode.Named, Name = "g" }, Reasoning = new ReasoningOptions { Effort = "high" },
            ParallelToolCalls = false, Choices = 2, EndUser = "u",
        };
        request.Messages.Add(new ChatMessage(ChatRole.Developer) { Parts = { new TextPart("dev") } });
        request.Messages.Add(new ChatMessage(ChatRole.User) { Parts = { new MediaPart(MediaKind.Document) { Text = "words", Name = "n" }, new TextPart("q"), new MediaPart(MediaKind.Audio) { Data = "AA==" } } });
        request.Messages.Add(new ChatMessage(ChatRole.Assistant) { Parts = { new ReasoningPart { Text = "foreign" }, new TextPart("let me see"), new ToolCallPart { Id = "1", Name = "g", Arguments = "free", IsCustom = true } } });
        request.Messages.Add(new ChatMessage(ChatRole.Tool) { Parts = { new ToolResultPart { CallId = "1", Content = { new TextPart("a"), new TextPart("b") } } } });
        request.Tools.Add(new ToolDefinition { Name = "f" });
        request.Tools.Add(new ToolDefinition { Name = "g", Kind = ToolKind.Custom });
        var drops = new DropList();
        Assert.Equal(Said.Canonical("""
            {"model":"command-a-03-2025","messages":[{"role":"system","content":"dev"},{"role":"user","content":"q"},
             {"role":"assistant","tool_plan":"let me see","tool_calls":[{"id":"1","type":"function","function":{"name":"g","arguments":"{\"input\":\"free\"}"}}]},
             {"role":"tool","tool_call_id":"1","content":"a\nb"}],
             "documents":[{"id":"doc:0","data":{"title":"n","text":"words"}}],
             "tools":[{"type":"function","function":{"name":"g","parameters":{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}}}],
             "tool_choice":"REQUIRED","p":0.99,"citation_options":{"mode":"OFF"}}
            """), Said.Canonical(WriteRequest(request, "command-a-03-2025", drops)));
        Assert.Equal(["messages.audio", "n", "parallel_tool_calls", "reasoning_effort", "user"], drops.Names.Order());
    }

    [Fact]
    public void Citations_are_kept_both_ways()
    {
        Assert.SkipUnless(Corpus.IsPresent, "recordings are absent");
        var recording = Corpus.All.Recordings.Single(static r => r.Id.Contains("cohere-citations", StringComparison.Ordinal));
        Assert.True(CohereDialect.Instance.TryReadAnswer(recording.ResponseBody, out var answer));
        static IEnumerable<(int?, int?, string?, string?, int?)> Show(ChatAnswer a) => ((TextPart)a.Choices[0].Parts[0]).Citations.Select(static c => (c.Start, c.End, c.Title, c.CitedText, c.Document));
        Assert.Equal((52, 71, "benefits.txt"), Show(answer).Select(static c => (c.Item1!.Value, c.Item2!.Value, c.Item3!)).First());
        Assert.True(CohereDialect.Instance.TryReadAnswer(Write(answer), out var again));
        Assert.Equal(Show(answer), Show(again));
        var assembler = new AnswerAssembler(DialectId.Cohere);
        Read(Pieces.SseEvents(Stream(AnswerPlayer.Play(answer)), 1), out _).ForEach(e => assembler.Add(e));
        Assert.Equal(Show(answer), Show(assembler.Build()));
    }

    [Fact]
    public void A_broken_stream_ends_as_a_failure()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = CohereDialect.Instance.CreateStreamWriter(_context);
        writer.Write(new ChatEvent { Kind = ChatEventKind.Start, Id = "x" }, output);
        writer.WriteError(new ChatError { Status = 502, Kind = ChatErrorKind.Api, Message = "cut" }, output);
        writer.Write(new ChatEvent { Kind = ChatEventKind.End }, output);
        var wire = Pieces.SseEvents(output.WrittenMemory, 1);
        Assert.Equal("""{"type":"message-end","delta":{"error":"cut","finish_reason":"ERROR"}}""", Encoding.UTF8.GetString(wire[^1].Payload));
        Assert.Equal(CohereEventKind.Error, CohereStreamScan.Read(wire[^1].Payload).Kind);
        var events = Read(wire, out var whole);
        Assert.False(whole);
        Assert.Equal("cut", events[^1].Error!.Message);
    }

    [Theory]
    [InlineData(401, """{"message":"invalid api token"}""", ChatErrorKind.Authentication)]
    [InlineData(404, """{"id":"1","message":"model 'x' not found"}""", ChatErrorKind.NotFound)]
    [InlineData(400, """{"message":"too many tokens: total 200000"}""", ChatErrorKind.ContextLength)]
    [InlineData(422, """{"message":"unknown field"}""", ChatErrorKind.InvalidRequest)]
    [InlineData(429, """{"message":"Please wait"}""", ChatErrorKind.RateLimit)]
    [InlineData(429, """{"message":"You are using a Trial key, which is limited to 1000 API calls / month."}""", ChatErrorKind.Quota)]
    [InlineData(500, "oops", ChatErrorKind.Api)]
    [InlineData(503, "[]", ChatErrorKind.Overloaded)]
    public void Errors_are_told_apart(int status, string body, ChatErrorKind kind)
    {
        var error = CohereDialect.Instance.ReadError(status, Encoding.UTF8.GetBytes(body));
        Assert.Equal((status, kind), (error.Status, error.Kind));
        var output = new ArrayBufferWriter<byte>();
        CohereDialect.Instance.WriteError(error with { Details = [KeyValuePair.Create("fault", "\"upstream\"")] }, output);
        Assert.Equal((error.Message, "upstream"), (JsonElement.Parse(output.WrittenSpan).GetProperty("message").GetString(), JsonElement.Parse(output.WrittenSpan).GetProperty("fault").GetString()));
    }

    [Theory]
    [InlineData("""{"model":"m"}""", "messages")]
    [InlineData("""{"messages":[{"role":"x"}]}""", "messages[0].role")]
    [InlineData("""{"messages":[{"role":"tool","content":""}]}""", "messages[0].tool_call_id")]
    [InlineData("""{"messages":[{"role":"user","content":""}],"tools":[{}]}""", "tools[0].function.name")]
    [InlineData("[", null)]
    public void What_is_wrong_is_said_with_its_place(string body, string? param)
    {
        var problem = CohereDialect.Instance.ReadRequest(Encoding.UTF8.GetBytes(body), default, out _);
        Assert.NotNull(problem);
        Assert.Equal(param, problem.Param);
    }

    private static List<ChatEvent> Read(IEnumerable<(string Name, byte[] Payload)> wire, out bool whole)
    {
        var reader = CohereDialect.Instance.CreateStreamReader();
        var events = new List<ChatEvent>();
        foreach (var (name, payload) in wire)
        {
            Assert.True(reader.Read(Encoding.UTF8.GetBytes(name), payload, events));
        }

        whole = reader.Complete(events);
        return events;
    }

    private static ReadOnlyMemory<byte> Write(ChatAnswer answer)
    {
        var output = new ArrayBufferWriter<byte>();
        CohereDialect.Instance.WriteAnswer(answer, _context, output);
        return output.WrittenMemory;
    }

    private static ReadOnlyMemory<byte> Stream(IEnumerable<ChatEvent> events)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = CohereDialect.Instance.CreateStreamWriter(_context);
        foreach (var e in events)
        {
            writer.Write(e, output);
        }

        return output.WrittenMemory;
    }

    private static string WriteRequest(ChatRequest request, string model, DropList drops)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.Null(CohereDialect.Instance.WriteRequest(request, new RequestTarget { Model = model }, output, drops));
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
