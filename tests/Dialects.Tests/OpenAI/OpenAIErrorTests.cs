using System.Buffers;
using System.Text;
using Gateway.Dialects.Chat;
using Gateway.Dialects.OpenAI;
using Gateway.Recordings;

namespace Gateway.Dialects.Tests.OpenAI;

public sealed class OpenAIErrorTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(400, """{"error":{"message":"This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}""", ChatErrorKind.ContextLength)]
    [InlineData(400, """{"object":"error","message":"Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length","type":"invalid_request_error","param":null,"code":"3051"}""", ChatErrorKind.ContextLength)]
    [InlineData(400, """{"error":{"code":400,"message":"the request exceeds the available context size. try increasing the context size","type":"exceed_context_size_error"}}""", ChatErrorKind.ContextLength)]
    [InlineData(400, """{"error":{"message":"Please reduce the length of the messages or completion.","type":"invalid_request_error","code":"context_length_exceeded"}}""", ChatErrorKind.ContextLength)]
    [InlineData(413, """{"error":{"message":"Request too large for model `llama` on tokens per minute (TPM): Limit 6000, Requested 7000, please reduce your message size and try again.","type":"tokens","code":"rate_limit_exceeded"}}""", ChatErrorKind.RateLimit)]
    [InlineData(413, "<html>Request Entity Too Large</html>", ChatErrorKind.TooLarge)]
    [InlineData(429, """{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}""", ChatErrorKind.Quota)]
    [InlineData(429, """[{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details.","status":"RESOURCE_EXHAUSTED"}}]""", ChatErrorKind.RateLimit)]
    [InlineData(429, """{"error":{"message":"Rate limit reached for gpt-4o on requests per min (RPM)","type":"requests","code":"rate_limit_exceeded"}}""", ChatErrorKind.RateLimit)]
    [InlineData(429, """{"error":{"message":"The engine is currently overloaded, please try again later","type":"engine_overloaded_error"}}""", ChatErrorKind.Overloaded)]
    [InlineData(402, """{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}""", ChatErrorKind.Quota)]
    [InlineData(429, """{"error":{"code":"1113","message":"Insufficient balance or no resource package. Please recharge."}}""", ChatErrorKind.Quota)]
    [InlineData(429, """[{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details. Please retry in 35.4s.","status":"RESOURCE_EXHAUSTED"}}]""", ChatErrorKind.RateLimit)]
    [InlineData(429, """{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details. Please retry in 35.4s."}}""", ChatErrorKind.RateLimit)]
    [InlineData(429, """{"error":{"message":"Quota exceeded for requests per minute, see billing details","type":"quota"}}""", ChatErrorKind.RateLimit)]
    [InlineData(429, """{"error":{"message":"Token quota per day reached","type":"quota"}}""", ChatErrorKind.RateLimit)]
    [InlineData(429, """{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","code":"insufficient_quota"}}""", ChatErrorKind.Quota)]
    [InlineData(429, """{"error":{"message":"You exceeded your current quota, please check your plan and billing details."}}""", ChatErrorKind.Quota)]
    [InlineData(429, """{"error":{"message":"Your prepayment credits are depleted.","status":"RESOURCE_EXHAUSTED"}}""", ChatErrorKind.Quota)]
    [InlineData(402, """{"error":{"message":"This request requires more credits, or fewer max_tokens.","code":402}}""", ChatErrorKind.Quota)]
    [InlineData(400, """{"error":{"message":"The response was filtered due to the prompt triggering Azure OpenAI's content management policy.","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}""", ChatErrorKind.ContentFilter)]
    [InlineData(403, """{"error":{"message":"x/y requires moderation. Your input was flagged for \"violence\".","code":403,"metadata":{"reasons":["violence"]}}}""", ChatErrorKind.ContentFilter)]
    [InlineData(403, """{"code":"The caller does not have permission to execute the specified operation","error":"Content violates usage guidelines."}""", ChatErrorKind.ContentFilter)]
    [InlineData(400, """{"code":"Client specified an invalid argument","error":"Incorrect API key provided: xa***. You can obtain an API key from https://console.x.ai."}""", ChatErrorKind.Authentication)]
    [InlineData(401, """{"error":{"code":"401","message":"Access denied due to invalid subscription key or wrong API endpoint."}}""", ChatErrorKind.Authentication)]
    [InlineData(401, """{"message":"Unauthorized","request_id":"r"}""", ChatErrorKind.Authentication)]
    [InlineData(404, """{"error":{"message":"The model `x` does not exist or you do not have access to it.","type":"invalid_request_error","param":null,"code":"model_not_found"}}""", ChatErrorKind.NotFound)]
    [InlineData(400, """{"object":"error","message":"Invalid model: x","type":"invalid_model","param":null,"code":"1500"}""", ChatErrorKind.NotFound)]
    [InlineData(404, """{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}""", ChatErrorKind.NotFound)]
    [InlineData(422, """{"object":"error","message":{"detail":[{"type":"missing","loc":["body","messages"],"msg":"Field required","input":{}}]},"type":"invalid_request_error"}""", ChatErrorKind.InvalidRequest)]
    [InlineData(422, """{"detail":[{"loc":["body","model"],"msg":"field required"}]}""", ChatErrorKind.InvalidRequest)]
    [InlineData(400, """{"success":false,"errors":[{"code":5007,"message":"No such model @cf/x or task"}],"messages":[]}""", ChatErrorKind.NotFound)]
    [InlineData(500, """{"error":"model runner has unexpectedly stopped"}""", ChatErrorKind.Api)]
    [InlineData(503, """{"error":"Model too busy, unable to get response in less than 60 second(s)"}""", ChatErrorKind.Overloaded)]
    [InlineData(529, "", ChatErrorKind.Overloaded)]
    [InlineData(504, "upstream request timeout", ChatErrorKind.Timeout)]
    [InlineData(502, "<!DOCTYPE html><html><body>Bad gateway</body></html>", ChatErrorKind.Api)]
    [InlineData(403, """{"error":{"message":"Country, region, or territory not supported","type":"request_forbidden","code":"unsupported_country_region_territory"}}""", ChatErrorKind.Permission)]
    [InlineData(400, "null", ChatErrorKind.InvalidRequest)]
    public void Errors_of_many_providers_are_told_apart(int status, string body, ChatErrorKind kind)
    {
        var error = OpenAIChatDialect.Instance.ReadError(status, Encoding.UTF8.GetBytes(body));
        Assert.Equal(kind, error.Kind);
        Assert.Equal(status, error.Status);
        Assert.DoesNotContain('<', error.Message);
    }

    [Theory]
    [InlineData("""[{"error":{"code":429,"message":"quota","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.Help"},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"35s"}]}}]""", 35_000)]
    [InlineData("""{"error":{"message":"Rate limit reached. Please try again in 1m30.5s. Visit the page."}}""", 90_500)]
    [InlineData("""{"error":{"message":"Please retry in 120ms."}}""", 120)]
    [InlineData("""{"error":{"message":"Please retry in 2 minutes"}}""", 120_000)]
    [InlineData("""{"error":{"message":"Please try again in a while"}}""", -1)]
    [InlineData("""{"error":{"message":"Please try again in 5 parsecs"}}""", -1)]
    [InlineData("""{"error":{"message":"try again in 99999999999999999999d"}}""", -1)]
    public void A_wait_that_only_the_body_tells_is_read(string body, int milliseconds)
    {
        var error = OpenAIChatDialect.Instance.ReadError(429, Encoding.UTF8.GetBytes(body));
        Assert.Equal(milliseconds < 0 ? null : TimeSpan.FromMilliseconds(milliseconds), error.RetryAfter);
        Assert.False(error.NamesExhaustedAccount);
    }

    [Fact]
    public void The_words_of_a_provider_behind_a_router_are_kept()
    {
        var error = OpenAIChatDialect.Instance.ReadError(400, """{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"prompt is too long: 300000 tokens > 200000 maximum","provider_name":"Anthropic"}}}"""u8.ToArray());
        Assert.Equal(ChatErrorKind.ContextLength, error.Kind);
        Assert.Contains("300000", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_in_a_stream_has_a_status_by_its_kind()
    {
        var reader = OpenAIChatDialect.Instance.CreateStreamReader();
        var events = new List<ChatEvent>();
        Assert.True(reader.Read(default, """{"error":{"message":"Rate limit reached","type":"tokens","code":"rate_limit_exceeded"}}"""u8, events));
        Assert.Equal(429, Assert.Single(events).Error!.Status);
        Assert.False(reader.Complete(events));
    }

    [Fact]
    public void Recorded_errors_are_classified_and_written_with_their_words()
    {
        Assert.SkipUnless(Corpus.IsPresent, "The recordings are not on this machine.");
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var recording in Corpus.All.Chats.Where(static r => r.IsError && r.DialectId is DialectId.OpenAIChat or DialectId.OpenAIResponses or DialectId.OpenAICompletions && r.IsError))
        {
            var error = OpenAIChatDialect.Instance.ReadError(recording.Status, recording.ResponseBody);
            var name = $"{recording.Status} {error.Code ?? error.Type} {error.Kind}: {error.Message[..Math.Min(60, error.Message.Length)]}";
            counts[name] = counts.GetValueOrDefault(name) + 1;
            Assert.NotEqual(ChatErrorKind.Api, recording.Status < 500 ? error.Kind : ChatErrorKind.Overloaded);
            var written = new ArrayBufferWriter<byte>();
            OpenAIChatDialect.Instance.WriteError(error, written);
            var again = OpenAIChatDialect.Instance.ReadError(recording.Status, written.WrittenMemory);
            Assert.Equal((error.Kind, error.Message), (again.Kind, again.Message));
        }

        output.WriteLine(string.Join("\n", counts.Select(static c => $"{c.Value} x {c.Key}")));
        Assert.NotEmpty(counts);
    }
}
