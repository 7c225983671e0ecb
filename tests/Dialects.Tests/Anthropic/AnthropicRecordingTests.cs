using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Dialects.Anthropic;
using Gateway.Dialects.Chat;
using Gateway.Dialects.OpenAI;

namespace Gateway.Dialects.Tests.Anthropic;

/// <summary>Every recording in this dialect is read to what it says, and written again says the same.</summary>
public sealed class AnthropicRecordingTests(ITestOutputHelper output)
{
    private static readonly AnswerContext _context = new() { Id = "x", Model = "m", Created = DateTimeOffset.UnixEpoch, PromptTokenEstimate = 7 };

    // Not an answer whose meaning is certain: a second message begins within the first, which official clients take for an error too.
    private static readonly string[] _broken = ["spliced-message-start"];

    // The model was cut off within the arguments of a call: a stream can pass them on, a whole answer has no place for half an object.
    private static readonly string[] _halfCall = ["incomplete_partial_json"];

    [Fact]
    public void Plain_answers_are_read_and_written_again()
    {
        var count = 0;
        foreach (var recording in AnthropicRecordings.All().Where(static r => !r.IsStream && r.Status == 200))
        {
            if (!IsMessage(recording))
            {
                output.WriteLine($"no message: {recording.Name}");
                continue;
            }

            var expected = AnthropicSummary.OfMessage(recording.Body).ToString();
            Assert.True(AnthropicDialect.Instance.TryReadAnswer(recording.Body, out var answer), recording.Name);
            AssertSame(expected, AnthropicSummary.Of(answer), recording.Name);
            var written = new ArrayBufferWriter<byte>();
            AnthropicDialect.Instance.WriteAnswer(answer, _context, written);
            AssertSame(expected, AnthropicSummary.OfMessage(written.WrittenSpan.ToArray()), recording.Name);
            count++;
        }

        output.WriteLine($"{count} plain answers");
        Assert.True(count >= 120, $"{count}");
    }

    [Fact]
    public void Streams_are_read_and_written_again_however_they_are_cut()
    {
        var random = new Random(7);
        var count = 0;
        foreach (var recording in AnthropicRecordings.All().Where(static r => r.IsStream && r.Status == 200 && !_broken.Any(r.Name.Contains)))
        {
            var sizes = Enumerable.Range(0, 50).Select(_ => random.Next(1, 60)).ToArray();
            var events = Read(recording.Body, sizes, out var whole);
            Assert.True(whole, recording.Name + " is cut");
            AssertStream(recording.Name, AnthropicSummary.OfStream(recording.Body), events, plain: !_halfCall.Any(recording.Name.Contains));
            count++;
        }

        output.WriteLine($"{count} streams");
        Assert.True(count >= 75, $"{count}");
    }

    [Fact]
    public void A_second_message_within_the_first_is_an_error()
    {
        foreach (var recording in AnthropicRecordings.All().Where(static r => _broken.Any(r.Name.Contains)))
        {
            var reader = AnthropicDialect.Instance.CreateStreamReader();
            var events = new List<ChatEvent>();
            Assert.All(AnthropicSummary.Payloads(recording.Body, [40]), p => Assert.True(reader.Read(default, p, events)));
            Assert.Equal(ChatErrorKind.Api, events[^1].Error?.Kind);
            Assert.False(reader.Complete(events));
        }
    }

    [Fact]
    public void The_scanner_finds_the_same_usage_and_the_terminator()
    {
        foreach (var recording in AnthropicRecordings.All().Where(static r => r.IsStream && r.Status == 200 && !_broken.Any(r.Name.Contains)))
        {
            var scan = default(AnthropicStreamScan);
            var last = AnthropicEventKind.Empty;
            foreach (var payload in AnthropicSummary.Payloads(recording.Body, [1000]))
            {
                last = scan.Read(payload);
                Assert.NotEqual(AnthropicEventKind.Malformed, last);
            }

            Assert.Equal(AnthropicEventKind.Terminal, last);
            var expected = Read(recording.Body, [1000], out _).Last(static e => e.Kind == ChatEventKind.Usage).Usage;
            var billed = scan.Tokens;
            Assert.True(billed.Total >= expected.Total && (billed == expected || recording.Name.Contains("compaction", StringComparison.Ordinal)), recording.Name);
        }
    }

    [Fact]
    public void Usage_of_plain_answers_is_found_in_their_bytes()
    {
        foreach (var recording in AnthropicRecordings.All().Where(static r => !r.IsStream && r.Status == 200).Where(IsMessage))
        {
            var has = JsonNode.Parse(recording.Body)!["usage"] is not null;
            Assert.Equal(has ? AnswerUsage.Found : AnswerUsage.Absent, AnthropicUsage.ReadAnswer(recording.Body, out var counts));
            AnthropicDialect.Instance.TryReadAnswer(recording.Body, out var answer);
            Assert.True(counts == (answer.Usage ?? default) || recording.Name.Contains("compaction", StringComparison.Ordinal), recording.Name);
        }
    }

    [Fact]
    public void Error_answers_are_read()
    {
        foreach (var recording in AnthropicRecordings.All().Where(static r => r.Status != 200))
        {
            var error = AnthropicDialect.Instance.ReadError(recording.Status, recording.Body);
            Assert.Equal(recording.Status, error.Status);
            Assert.Equal(recording.Status == 429 ? ChatErrorKind.RateLimit : ChatErrorKind.InvalidRequest, error.Kind);
            Assert.Equal(recording.Status == 429 ? "rate_limit_error" : "invalid_request_error", error.Type);
            Assert.NotEmpty(error.Message);
        }
    }

    [Fact]
    public void Recorded_requests_keep_their_shape()
    {
        var count = 0;
        foreach (var recording in AnthropicRecordings.All().Concat(AnthropicRecordings.Binary()).Where(static r => r.Request is not null && r.Status != 400))
        {
            var expected = JsonNode.Parse(recording.Request!)!.AsObject();
            var inPath = !expected.ContainsKey("model");
            var model = (string?)expected["model"] ?? "claude-sonnet-4-5";
            var location = inPath ? new RequestLocation(model, (bool?)expected["stream"] ?? false) : default;
            Assert.Null(AnthropicDialect.Instance.ReadRequest(Encoding.UTF8.GetBytes(recording.Request!), location, out var request));
            var drops = new DropList();
            var written = new ArrayBufferWriter<byte>();
            var provider = (string?)expected["anthropic_version"] is { } version && version.StartsWith("bedrock", StringComparison.Ordinal) ? "bedrock" : "vertex";
            Assert.Null(AnthropicDialect.Instance.WriteRequest(request, new RequestTarget { Model = model, ModelInPath = inPath, Provider = inPath ? provider : "anthropic" }, written, drops));
            Assert.Equal(AnthropicSummary.Canonical(Normal(expected)), AnthropicSummary.Canonical(Normal(JsonNode.Parse(written.WrittenSpan)!.AsObject())));
            Assert.Empty(drops.Names);
            count++;
        }

        output.WriteLine($"{count} requests");
        Assert.True(count >= 90, $"{count}");
    }

    internal static void AssertStream(string name, AnthropicSummary expected, List<ChatEvent> events, bool plain)
    {
        var assembler = new AnswerAssembler(DialectId.Anthropic);
        var writer = AnthropicDialect.Instance.CreateStreamWriter(_context);
        var written = new ArrayBufferWriter<byte>();
        foreach (var e in events)
        {
            assembler.Add(e);
            writer.Write(e, written);
        }

        var answer = assembler.Build();
        AssertSame(expected.ToString(), AnthropicSummary.Of(answer), name);
        AnthropicStreamOrder.Check(written.WrittenSpan.ToArray());
        AssertSame(expected.ToString(), AnthropicSummary.OfStream(written.WrittenSpan.ToArray()), name);
        if (plain)
        {
            var message = new ArrayBufferWriter<byte>();
            AnthropicDialect.Instance.WriteAnswer(answer, _context, message);
            AssertSame(expected.ToString(), AnthropicSummary.OfMessage(message.WrittenSpan.ToArray()), name);
        }
    }

    private static List<ChatEvent> Read(byte[] body, int[] sizes, out bool whole)
    {
        var reader = AnthropicDialect.Instance.CreateStreamReader();
        var events = new List<ChatEvent>();
        foreach (var payload in AnthropicSummary.Payloads(body, sizes))
        {
            Assert.True(reader.Read(default, payload, events), Encoding.UTF8.GetString(payload));
        }

        whole = reader.Complete(events);
        return events;
    }

    private static bool IsMessage(AnthropicRecording recording) => (string?)JsonNode.Parse(recording.Body)!["type"] == "message";

    private static void AssertSame(string expected, AnthropicSummary actual, string name)
    {
        if (expected != actual.ToString())
        {
            Assert.Fail($"{name}\nexpected {expected}\nactual {actual}");
        }
    }

    /// <summary>The form in which two requests that say the same are equal: content as lists, defaults left out.</summary>
    private static JsonObject Normal(JsonObject request)
    {
        request["system"] = AsBlocks(request["system"]);
        var messages = new JsonArray();
        foreach (var message in request["messages"]!.AsArray().Select(static m => m!.DeepClone()))
        {
            message["content"] = AsBlocks(message["content"]);
            if (messages.LastOrDefault() is { } before && (string?)before["role"] == (string?)message["role"])
            {
                foreach (var block in message["content"]!.AsArray())
                {
                    before["content"]!.AsArray().Add(block!.DeepClone());
                }

                continue;
            }

            messages.Add(message);
        }

        request["messages"] = messages;
        foreach (var message in messages)
        {
            foreach (var block in message!["content"]!.AsArray().OfType<JsonObject>())
            {
                if ((string?)block["type"] == "tool_result")
                {
                    block["content"] = AsBlocks(block["content"]);
                    if ((bool?)block["is_error"] == false)
                    {
                        block.Remove("is_error");
                    }
                }

                // Which code on the provider's side called the tool means nothing to another provider, and to its own the bytes go as they are.
                block.Remove("caller");
            }
        }

        if (request["tool_choice"] is { } choice && (bool?)choice["disable_parallel_tool_use"] == false)
        {
            choice.AsObject().Remove("disable_parallel_tool_use");
        }

        foreach (var name in request.Where(static m => m.Value is null).Select(static m => m.Key).ToList())
        {
            request.Remove(name);
        }

        return request;
    }

    private static JsonNode? AsBlocks(JsonNode? content) =>
        content is JsonValue text ? new JsonArray(new JsonObject { ["type"] = "text", ["text"] = text.GetValue<string>() }) : content?.DeepClone();
}
