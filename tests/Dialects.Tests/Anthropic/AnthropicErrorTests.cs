using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Dialects.Anthropic;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Tests.Anthropic;

public sealed class AnthropicErrorTests
{
    [Theory]
    [InlineData(400, "invalid_request_error", "messages: at least one message is required", ChatErrorKind.InvalidRequest)]
    [InlineData(400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum", ChatErrorKind.ContextLength)]
    [InlineData(400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API.", ChatErrorKind.Quota)]
    [InlineData(400, "invalid_request_error", "Output blocked by content filtering policy", ChatErrorKind.ContentFilter)]
    [InlineData(401, "authentication_error", "invalid x-api-key", ChatErrorKind.Authentication)]
    [InlineData(402, "billing_error", "x", ChatErrorKind.Quota)]
    [InlineData(403, "permission_error", "x", ChatErrorKind.Permission)]
    [InlineData(404, "not_found_error", "model: x", ChatErrorKind.NotFound)]
    [InlineData(413, "request_too_large", "x", ChatErrorKind.TooLarge)]
    [InlineData(429, "rate_limit_error", "x", ChatErrorKind.RateLimit)]
    [InlineData(500, "api_error", "x", ChatErrorKind.Api)]
    [InlineData(504, "timeout_error", "x", ChatErrorKind.Timeout)]
    [InlineData(529, "overloaded_error", "Overloaded", ChatErrorKind.Overloaded)]
    public void An_error_is_read_and_written_again(int status, string type, string message, ChatErrorKind kind)
    {
        var body = $$$"""{"type":"error","error":{"type":"{{{type}}}","message":"{{{message}}}"},"request_id":"r"}""";
        var error = AnthropicDialect.Instance.ReadError(status, Encoding.UTF8.GetBytes(body));
        Assert.Equal((status, kind, message, type), (error.Status, error.Kind, error.Message, error.Type));
        var output = new ArrayBufferWriter<byte>();
        AnthropicDialect.Instance.WriteError(error, output);
        var written = JsonNode.Parse(output.WrittenSpan)!;
        Assert.Equal("error", (string)written["type"]!);
        Assert.Equal(message, (string)written["error"]!["message"]!);
        Assert.Equal(kind == ChatErrorKind.Quota ? "billing_error" : type, (string)written["error"]!["type"]!);

        var events = new List<ChatEvent>();
        AnthropicDialect.Instance.CreateStreamReader().Read("error"u8, Encoding.UTF8.GetBytes(body), events);
        var inStream = Assert.Single(events).Error!;
        Assert.Equal((status, kind), (inStream.Status, inStream.Kind));
    }

    [Theory]
    [InlineData(502, "<html>Bad gateway</html>", ChatErrorKind.Api, "<html>Bad gateway</html>")]
    [InlineData(503, "", ChatErrorKind.Overloaded, "The provider answered with status 503.")]
    [InlineData(403, """[{"x":1}]""", ChatErrorKind.Permission, """[{"x":1}]""")]
    [InlineData(404, """{"message":"no"}""", ChatErrorKind.NotFound, "no")]
    public void Whatever_comes_is_an_error(int status, string body, ChatErrorKind kind, string message)
    {
        var error = AnthropicDialect.Instance.ReadError(status, Encoding.UTF8.GetBytes(body));
        Assert.Equal((kind, message), (error.Kind, error.Message));
    }

    [Fact]
    public void The_gateways_own_details_are_members_of_the_error()
    {
        var output = new ArrayBufferWriter<byte>();
        var error = new ChatError { Status = 402, Kind = ChatErrorKind.Quota, Message = "m", Code = "budget_exceeded", Details = [new("fault", "\"client\"")] };
        AnthropicDialect.Instance.WriteError(error, output);
        Assert.Equal("""{"type":"error","error":{"type":"billing_error","message":"m","code":"budget_exceeded","fault":"client"}}""", Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Theory]
    [InlineData("[]", null)]
    [InlineData("""{"messages":[{"role":"user","content":"x"}]}""", "model")]
    [InlineData("""{"model":"m"}""", "messages")]
    [InlineData("""{"model":"m","messages":[{"role":"robot","content":"x"}]}""", "messages[0].role")]
    [InlineData("""{"model":"m","messages":[{"role":"user"}]}""", "messages[0].content")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":[{"text":"x"}]}]}""", "messages[0].content[0].type")]
    [InlineData("""{"model":"m","system":7,"messages":[{"role":"user","content":"x"}]}""", "system")]
    public void What_is_wrong_with_a_request_is_told_with_its_place(string body, string? param)
    {
        var problem = AnthropicDialect.Instance.ReadRequest(Encoding.UTF8.GetBytes(body), default, out _);
        Assert.NotNull(problem);
        Assert.Equal(param, problem.Param);
    }
}
