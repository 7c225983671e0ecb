using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Dialects.Chat;
using Gateway.Dialects.OpenAI.Compatible;
using Gateway.Dialects.Tests.Contract;
using Gateway.Dialects.Tests.Schemas;
using Gateway.Recordings;

namespace Gateway.Dialects.Tests.OpenAI.Compatible;

public sealed class AnswerNormaliserTests(ITestOutputHelper output)
{
    private const string Head = "\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\"";

    [Theory]
    [InlineData("""{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}""")]
    [InlineData("""{"error":{"message":"no"}}""")]
    [InlineData("""{"id":"x","object":"text_completion","choices":[{"text":"a","index":0}]}""")]
    [InlineData("not json")]
    [InlineData("{\"choices\":[")]
    [InlineData("[1,2]")]
    [InlineData("")]
    public void What_conforms_or_is_no_answer_stays_as_it_is(string body)
    {
        var to = new ArrayBufferWriter<byte>();
        Assert.False(New().TryNormalise(Encoding.UTF8.GetBytes(body), to));
        Assert.Equal(0, to.WrittenCount);
    }

    [Theory]
    [InlineData("[DONE]")]
    [InlineData("{" + Head + ""","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"unknown":[1,{"a":2}]}""")]
    [InlineData("{" + Head + ""","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":""}}]},"finish_reason":null}]}""")]
    [InlineData("""{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0}]}""")]
    [InlineData("""{"error":{"message":"overloaded"}}""")]
    public void A_chunk_that_conforms_stays_as_it_is(string payload)
    {
        var to = new ArrayBufferWriter<byte>();
        Assert.False(New().TryNormaliseChunk(Encoding.UTF8.GetBytes(payload), to));
        Assert.Equal(0, to.WrittenCount);
    }

    [Theory]
    [InlineData(
        """{"choices":[{"message":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"a"},{"type":"text","text":"b"}]},"finish_reason":"model_length","x":1}],"y":2}""",
        """{"id":"chatcmpl-i","object":"chat.completion","created":7,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"ab","reasoning_content":"hm"},"finish_reason":"length","x":1}],"y":2}""")]
    [InlineData(
        """{"id":"x","object":"chat.completion","created":1.5,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"c","function":{"name":"f","arguments":{"a":1}}}]},"finish_reason":null}]}""",
        """{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},"finish_reason":"tool_calls"}]}""")]
    [InlineData(
        """{"id":"x","object":"chat.completion","created":1,"model":"m","choices":null,"x_groq":{"usage":{"prompt_tokens":1}}}""",
        """{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":0,"total_tokens":1},"x_groq":{"usage":{"prompt_tokens":1}}}""")]
    public void An_answer_is_brought_into_form(string body, string expected)
    {
        var to = new ArrayBufferWriter<byte>();
        Assert.True(New().TryNormalise(Encoding.UTF8.GetBytes(body), to));
        Assert.Equal(JsonNode.Parse(expected)!.ToJsonString(), JsonNode.Parse(to.WrittenSpan)!.ToJsonString());
    }

    [Fact]
    public void Tool_calls_of_a_stream_get_types_ids_and_indexes_that_hold()
    {
        var calls = Calls(
            """[{"id":"a","function":{"name":"f","arguments":"{}"}}]""",
            """[{"id":"b","function":{"name":"g","arguments":"{"}}]""",
            """[{"function":{"arguments":"}"}}]""",
            """[{"index":0,"id":"c","type":"function","function":{"name":"h","arguments":"{}"}}]""");
        Assert.Equal(
        [
            """[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]""",
            """[{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":"{"}}]""",
            """[{"index":1,"function":{"arguments":"}"}}]""",
            """[{"index":2,"id":"c","type":"function","function":{"name":"h","arguments":"{}"}}]""",
        ], calls);
    }

    [Fact]
    public void Calls_that_share_an_index_are_told_apart_by_their_ids()
    {
        var calls = Calls(
            """[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]""",
            """[{"index":0,"id":"b","type":"function","function":{"name":"g","arguments":""}}]""",
            """[{"index":0,"function":{"arguments":"{}"}}]""");
        Assert.Contains("\"index\":0", calls[0], StringComparison.Ordinal);
        Assert.Contains("\"index\":1", calls[1], StringComparison.Ordinal);
        Assert.Contains("\"index\":1", calls[2], StringComparison.Ordinal);
    }

    [Fact]
    public void A_chunk_that_conforms_costs_no_allocation()
    {
        var payload = Encoding.UTF8.GetBytes("{" + Head + ""","system_fingerprint":"fp","choices":[{"index":0,"delta":{"content":" and so on"},"logprobs":null,"finish_reason":null}],"usage":null}""");
        var normaliser = New();
        var to = new ArrayBufferWriter<byte>();
        normaliser.TryNormaliseChunk(payload, to);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            normaliser.TryNormaliseChunk(payload, to);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Recorded_answers_conform_afterwards_and_say_the_same()
    {
        Assert.SkipUnless(Corpus.IsPresent, "The recordings are not on this machine.");
        var counts = new SortedDictionary<string, (int Answers, int Changed)>(StringComparer.Ordinal);
        foreach (var recording in Corpus.All.Chats.Where(static r => r is { DialectId: DialectId.OpenAIChat, IsError: false }))
        {
            var changed = recording.IsStream ? CheckStream(recording) : CheckPlain(recording);
            var (answers, before) = counts.GetValueOrDefault(recording.Provider);
            counts[recording.Provider] = (answers + 1, before + (changed ? 1 : 0));
        }

        output.WriteLine(string.Join(", ", counts.Select(static c => $"{c.Key} {c.Value.Changed}/{c.Value.Answers}")));
        Assert.Equal(0, counts["openai"].Changed);
        Assert.True(counts["mistral"].Changed > 0);
    }

    private static bool CheckPlain(Recording recording)
    {
        var to = new ArrayBufferWriter<byte>();
        var changed = New().TryNormalise(recording.ResponseBody.Span, to);
        var now = changed ? to.WrittenSpan.ToArray() : recording.ResponseBody.ToArray();
        var json = JsonNode.Parse(now)!;
        Assert.Equal(SeenAnswer.OfAnswer(JsonNode.Parse(recording.ResponseBody.Span)!), SeenAnswer.OfAnswer(json));
        Assert.Empty(JsonSchemaChecker.OpenAI?.Check("CreateChatCompletionResponse", json).Where(IsOurs) ?? []);
        Assert.False(New().TryNormalise(now, new ArrayBufferWriter<byte>()), recording.Id);
        return changed;
    }

    private static bool CheckStream(Recording recording)
    {
        var payloads = SseWire.Read(recording.ResponseBody, new Random(1), 4096).ConvertAll(static f => f.Payload);
        var normaliser = New();
        var again = New();
        var now = new List<string>();
        var any = false;
        foreach (var payload in payloads)
        {
            var to = new ArrayBufferWriter<byte>();
            var changed = normaliser.TryNormaliseChunk(payload, to);
            any |= changed;
            var bytes = changed ? to.WrittenSpan.ToArray() : payload;
            now.Add(Encoding.UTF8.GetString(bytes));
            Assert.False(again.TryNormaliseChunk(bytes, new ArrayBufferWriter<byte>()), recording.Id);
            if (bytes[0] == (byte)'{' && changed)
            {
                Assert.Empty(JsonSchemaChecker.OpenAI?.Check("CreateChatCompletionStreamResponse", JsonNode.Parse(bytes)).Where(IsOurs) ?? []);
            }
        }

        Assert.Equal(SeenAnswer.OfStream(payloads.Select(Encoding.UTF8.GetString)), SeenAnswer.OfStream(now));
        return any;
    }

    /// <summary>Tiers of other names are read by the clients as text.</summary>
    private static bool IsOurs(string problem) => !problem.StartsWith("$.service_tier", StringComparison.Ordinal);

    private static List<string> Calls(params string[] toolCalls)
    {
        var normaliser = New();
        return [.. toolCalls.Select(calls =>
        {
            var to = new ArrayBufferWriter<byte>();
            var payload = Encoding.UTF8.GetBytes("{" + Head + ",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":" + calls + "},\"finish_reason\":null}]}");
            var json = JsonNode.Parse(normaliser.TryNormaliseChunk(payload, to) ? to.WrittenSpan.ToArray() : payload)!;
            return json["choices"]![0]!["delta"]!["tool_calls"]!.ToJsonString();
        })];
    }

    private static AnswerNormaliser New() => new("i", "m", 7);
}
