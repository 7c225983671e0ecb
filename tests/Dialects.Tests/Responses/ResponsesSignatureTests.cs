using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Dialects.Chat;
using Gateway.Dialects.OpenAI;
using Gateway.Dialects.Responses;

namespace Gateway.Dialects.Tests.Responses;

/// <summary>Signatures and encrypted reasoning find their way home through callers of another dialect.</summary>
public sealed class ResponsesSignatureTests
{
    [Fact]
    public void Encrypted_reasoning_of_openai_comes_back_with_its_id_through_a_chat_caller()
    {
        var answerBody = """{"id":"resp_1","status":"completed","output":[{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"hm"}],"encrypted_content":"gAAA"},{"type":"function_call","id":"fc_1","call_id":"c1","name":"f","arguments":"{}"}]}"""u8.ToArray();
        Assert.True(ResponsesDialect.Instance.TryReadAnswer(answerBody, out var answer));
        var chat = new ArrayBufferWriter<byte>();
        OpenAIChatDialect.Instance.WriteAnswer(answer, RecordedResponsesTests.Context, chat);
        var message = JsonNode.Parse(chat.WrittenSpan)!["choices"]![0]!["message"]!.DeepClone();
        var next = new JsonObject
        {
            ["model"] = "m", ["reasoning_effort"] = "low",
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "q" }, message, new JsonObject { ["role"] = "tool", ["tool_call_id"] = "c1", ["content"] = "r" }),
        };
        Assert.Null(OpenAIChatDialect.Instance.ReadRequest(Encoding.UTF8.GetBytes(next.ToJsonString()), default, out var request));
        var written = new ArrayBufferWriter<byte>();
        Assert.Null(ResponsesDialect.Instance.WriteRequest(request, new RequestTarget { Model = "gpt-5", Provider = "openai" }, written, new DropList()));
        var item = JsonNode.Parse(written.WrittenSpan)!["input"]!.AsArray().Single(static i => i!["type"]!.GetValue<string>() == "reasoning")!;
        Assert.Equal(("rs_1", "gAAA", "hm"), (item["id"]!.GetValue<string>(), item["encrypted_content"]!.GetValue<string>(), item["summary"]![0]!["text"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("think", "sig", null)]
    [InlineData("", "sig", null)]
    [InlineData("", null, "redacted")]
    [InlineData("think", "sig", "redacted")]
    public void Signed_and_redacted_thinking_comes_back_through_a_responses_caller(string text, string? signature, string? encrypted)
    {
        var answer = new ChatAnswer { Origin = DialectId.Anthropic, Choices = { new ChatChoice { Finish = FinishReason.ToolCalls } } };
        answer.Choices[0].Parts.Add(new ReasoningPart
        {
            Text = text,
            Signature = signature is null ? null : new Signature(DialectId.Anthropic, signature),
            Encrypted = encrypted is null ? null : new Signature(DialectId.Anthropic, encrypted),
        });
        answer.Choices[0].Parts.Add(new ToolCallPart { Id = "c1", Name = "f", Arguments = "{}", Signature = new Signature(DialectId.Gemini, "thought") });
        foreach (var body in (byte[][])[Whole(answer), Streamed(answer)])
        {
            var next = new JsonObject { ["model"] = "m", ["input"] = JsonNode.Parse(body)!["output"]!.DeepClone() };
            Assert.Null(ResponsesDialect.Instance.ReadRequest(Encoding.UTF8.GetBytes(next.ToJsonString()), default, out var request));
            var parts = Assert.Single(request.Messages).Parts;
            Assert.Equal(2, parts.Count);
            var reasoning = Assert.IsType<ReasoningPart>(parts[0]);
            Assert.Equal((text, signature, encrypted), (reasoning.Text, reasoning.Signature?.Value, reasoning.Encrypted?.Value));
            Assert.Equal(DialectId.Anthropic, (reasoning.Signature ?? reasoning.Encrypted)!.Origin);
            Assert.Equal(new Signature(DialectId.Gemini, "thought"), Assert.IsType<ToolCallPart>(parts[1]).Signature);
        }
    }

    private static byte[] Whole(ChatAnswer answer) => RecordedResponsesTests.WritePlain(answer);

    private static byte[] Streamed(ChatAnswer answer)
    {
        var frames = Pairs.StreamPlayback.Frames(Pairs.StreamPlayback.Write(ResponsesDialect.Instance, AnswerPlayer.Play(answer, 2), RecordedResponsesTests.Context), new Random(1));
        return Encoding.UTF8.GetBytes(JsonNode.Parse(frames[^1].Payload.Span)!["response"]!.ToJsonString());
    }
}
