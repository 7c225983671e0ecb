using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Gemini;
using Gateway.Recordings;

namespace Gateway.Dialects.Tests.Gemini;

public sealed class GeminiErrorTests
{
    [Theory]
    [InlineData(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", ChatErrorKind.Authentication)]
    [InlineData(400, "INVALID_ARGUMENT", "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).", ChatErrorKind.ContextLength)]
    [InlineData(400, "INVALID_ARGUMENT", "Unknown name", ChatErrorKind.InvalidRequest)]
    [InlineData(400, "FAILED_PRECONDITION", "User location is not supported for the API use.", ChatErrorKind.Permission)]
    [InlineData(401, "UNAUTHENTICATED", "x", ChatErrorKind.Authentication)]
    [InlineData(403, "PERMISSION_DENIED", "x", ChatErrorKind.Permission)]
    [InlineData(404, "NOT_FOUND", "models/x is not found", ChatErrorKind.NotFound)]
    [InlineData(429, "RESOURCE_EXHAUSTED", "x", ChatErrorKind.RateLimit)]
    [InlineData(500, "INTERNAL", "x", ChatErrorKind.Api)]
    [InlineData(503, "UNAVAILABLE", "The model is overloaded.", ChatErrorKind.Overloaded)]
    [InlineData(504, "DEADLINE_EXCEEDED", "x", ChatErrorKind.Timeout)]
    public void Kinds_are_told_apart(int status, string word, string message, ChatErrorKind kind)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new { error = new { code = status, message, status = word } });
        var error = GeminiDialect.Instance.ReadError(status, body);
        Assert.Equal((status, kind, message, word), (error.Status, error.Kind, error.Message, error.Type));
        Assert.Equal(error, GeminiDialect.Instance.ReadError(status, (byte[])[(byte)'[', .. body, (byte)']']));
    }

    [Fact]
    public void The_wait_is_read_from_the_body()
    {
        Assert.SkipUnless(Corpus.IsPresent, "recordings are absent");
        var recording = Corpus.All.Recordings.Single(static r => r.Id.Contains("google-429-retry-info", StringComparison.Ordinal));
        var error = GeminiDialect.Instance.ReadError(429, recording.ResponseBody);
        Assert.Equal((ChatErrorKind.RateLimit, TimeSpan.FromSeconds(34.4)), (error.Kind, error.RetryAfter));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>bad gateway</html>")]
    [InlineData("[]")]
    [InlineData("""{"error":"plain"}""")]
    [InlineData("""{"error":null}""")]
    [InlineData("\"\\ud800\"")]
    public void Whatever_comes_an_error_comes_out(string body)
    {
        var error = GeminiDialect.Instance.ReadError(502, Encoding.UTF8.GetBytes(body));
        Assert.Equal((502, ChatErrorKind.Api), (error.Status, error.Kind));
        Assert.NotEmpty(error.Message);
    }

    [Fact]
    public void The_gateway_s_errors_are_statuses_of_Google()
    {
        var output = new ArrayBufferWriter<byte>();
        GeminiDialect.Instance.WriteError(new ChatError
        {
            Status = 429, Kind = ChatErrorKind.RateLimit, Message = "slow", Code = "rate_limited", Param = "contents", RetryAfter = TimeSpan.FromSeconds(1.5),
            Details = [KeyValuePair.Create("fault", "\"client\""), KeyValuePair.Create("attempts", "[1]")],
        }, output);
        Assert.Equal(Said.Canonical("""
            {"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED","details":[
             {"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"rate_limited","metadata":{"fault":"client","attempts":"[1]"}},
             {"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"contents","description":"slow"}]},
             {"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1.5s"}]}}
            """), Said.Canonical(Encoding.UTF8.GetString(output.WrittenSpan)));
    }
}
