using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Dialects.Anthropic;
using Gateway.Dialects.Bedrock;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Tests.Pairs;

/// <summary>Clients of Anthropic on Claude models of Bedrock, which go through Converse: what both can say survives both ways, turn after turn.</summary>
public sealed class ClaudeOnBedrockTests
{
    private const string Claude = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";

    [Fact]
    public void Thinking_with_its_signature_documents_and_cache_marks_come_back_as_they_went()
    {
        const string answer = """
            {"output":{"message":{"role":"assistant","content":[
              {"reasoningContent":{"reasoningText":{"text":"17*23 = 391.","signature":"EqQBCgIYAhIM"}}},
              {"reasoningContent":{"redactedContent":"EmwKAhgBEgy3"}},
              {"text":"391"},
              {"toolUse":{"toolUseId":"t1","name":"f","input":{"a":1}}}]}},
             "stopReason":"tool_use","usage":{"inputTokens":50,"outputTokens":60,"totalTokens":160,"cacheReadInputTokens":40,"cacheWriteInputTokens":10},"metrics":{"latencyMs":1}}
            """;
        Assert.True(BedrockConverseDialect.Instance.TryReadAnswer(Encoding.UTF8.GetBytes(answer), out var read));
        var given = new ArrayBufferWriter<byte>();
        AnthropicDialect.Instance.WriteAnswer(read, new AnswerContext { Id = "x", Model = "public", Created = DateTimeOffset.UnixEpoch }, given);
        var message = JsonNode.Parse(given.WrittenSpan)!;
        Assert.Equal(["thinking", "redacted_thinking", "text", "tool_use"], message["content"]!.AsArray().Select(static b => b!["type"]!.GetValue<string>()));
        Assert.Equal("17*23 = 391.", message["content"]![0]!["thinking"]!.GetValue<string>());
        Assert.Equal((50, 10, 40, 60), (Count(message, "input_tokens"), Count(message, "cache_creation_input_tokens"), Count(message, "cache_read_input_tokens"), Count(message, "output_tokens")));

        var body = """
            {"model":"public","max_tokens":16000,"thinking":{"type":"enabled","budget_tokens":10000},
             "tools":[{"name":"f","input_schema":{"type":"object","properties":{"a":{"type":"integer"}}},"cache_control":{"type":"ephemeral"}}],
             "messages":[
               {"role":"user","content":[
                 {"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0xLjQK"},"title":"Report","context":"of 2024","citations":{"enabled":true}},
                 {"type":"text","text":"What is 17 * 23?","cache_control":{"type":"ephemeral"}}]},
               {"role":"assistant","content":CONTENT},
               {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"5"}]}]}
            """.Replace("CONTENT", message["content"]!.ToJsonString(), StringComparison.Ordinal);
        var sent = Send(body, out var drops);
        Assert.Empty(drops.Names);
        var turns = sent["messages"]!.AsArray();
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(answer)!["output"]!["message"]!["content"], turns[1]!["content"]), turns[1]!.ToJsonString());
        Assert.Equal("JVBERi0xLjQK", turns[0]!["content"]![0]!["document"]!["source"]!["bytes"]!.GetValue<string>());
        Assert.True(turns[0]!["content"]![0]!["document"]!["citations"]!["enabled"]!.GetValue<bool>());
        Assert.NotNull(turns[0]!["content"]![2]!["cachePoint"]);
        Assert.NotNull(sent["toolConfig"]!["tools"]![1]!["cachePoint"]);
        Assert.Equal(10_000, sent["additionalModelRequestFields"]!["thinking"]!["budget_tokens"]!.GetValue<int>());
    }

    [Fact]
    public void A_stream_carries_the_signature_and_the_tokens_of_the_cache()
    {
        (string Name, string Payload)[] frames =
        [
            ("messageStart", """{"role":"assistant"}"""),
            ("contentBlockDelta", """{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"hm"}}}"""),
            ("contentBlockDelta", """{"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"EqQB"}}}"""),
            ("contentBlockStop", """{"contentBlockIndex":0}"""),
            ("contentBlockDelta", """{"contentBlockIndex":1,"delta":{"text":"391"}}"""),
            ("contentBlockStop", """{"contentBlockIndex":1}"""),
            ("messageStop", """{"stopReason":"end_turn"}"""),
            ("metadata", """{"usage":{"inputTokens":5,"outputTokens":6,"totalTokens":18,"cacheReadInputTokens":4,"cacheWriteInputTokens":3},"metrics":{"latencyMs":1}}"""),
        ];
        var reader = BedrockConverseDialect.Instance.CreateStreamReader();
        var events = new List<ChatEvent>();
        foreach (var (name, payload) in frames)
        {
            Assert.True(reader.Read(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(payload), events));
        }

        Assert.True(reader.Complete(events));
        var output = new ArrayBufferWriter<byte>();
        var writer = AnthropicDialect.Instance.CreateStreamWriter(new AnswerContext { Id = "x", Model = "public", Created = DateTimeOffset.UnixEpoch });
        foreach (var e in events)
        {
            writer.Write(e, output);
        }

        var given = Encoding.UTF8.GetString(output.WrittenSpan).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(static f => JsonNode.Parse(f[(f.IndexOf("data: ", StringComparison.Ordinal) + 6)..])!).ToList();
        var signature = given.Single(static e => e["delta"]?["type"]?.GetValue<string>() == "signature_delta")["delta"]!["signature"]!.GetValue<string>();
        var usage = given.Single(static e => e["type"]!.GetValue<string>() == "message_delta");
        Assert.Equal((5, 3, 4, 6), (Count(usage, "input_tokens"), Count(usage, "cache_creation_input_tokens"), Count(usage, "cache_read_input_tokens"), Count(usage, "output_tokens")));

        var sent = Send("""{"model":"public","max_tokens":16000,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"SIGNATURE"},{"type":"text","text":"391"}]},{"role":"user","content":"b"}],"thinking":{"type":"enabled","budget_tokens":2000}}""".Replace("SIGNATURE", signature, StringComparison.Ordinal), out _);
        Assert.Equal("EqQB", sent["messages"]![1]!["content"]![0]!["reasoningContent"]!["reasoningText"]!["signature"]!.GetValue<string>());
    }

    private static JsonNode Send(string body, out DropList drops)
    {
        Assert.Null(AnthropicDialect.Instance.ReadRequest(Encoding.UTF8.GetBytes(body), new RequestLocation(null, false), out var request));
        drops = new DropList();
        var output = new ArrayBufferWriter<byte>();
        Assert.Null(BedrockConverseDialect.Instance.WriteRequest(request, new RequestTarget { Model = Claude }, output, drops));
        return JsonNode.Parse(output.WrittenSpan)!;
    }

    private static int Count(JsonNode message, string name) => message["usage"]![name]!.GetValue<int>();
}
