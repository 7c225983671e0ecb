using System.Net;
using System.Text;
using System.Text.Json;
using Gateway.Recordings.Framing;

namespace Gateway.LlmSimulator.Tests.Native;

/// <summary>Dialects without an official .NET client here, and what all of them have in common.</summary>
public sealed class NativeTests
{
    private const string GeminiBody = """{"contents":[{"role":"user","parts":[{"text":"hello there"}]}],"tools":[{"functionDeclarations":[{"name":"weather","parameters":{"type":"OBJECT","properties":{"city":{"type":"STRING"}}}}]}],"generationConfig":{"thinkingConfig":{"includeThoughts":true}}}""";

    private const string ConverseBody = """{"messages":[{"role":"user","content":[{"text":"hello there"}]}],"toolConfig":{"tools":[{"toolSpec":{"name":"weather","inputSchema":{"json":{"type":"object","properties":{"city":{"type":"string"}}}}}}]},"additionalModelRequestFields":{"thinking":{"type":"enabled","budget_tokens":1024}}}""";

    private const string CohereTools = ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"weather\",\"parameters\":{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}}}}}]";

    [Fact]
    public async Task Gemini_streams_as_sse_and_as_an_array_what_it_answers_plain()
    {
        await using var client = await Client.StartAsync();
        var model = "/v1beta/models/" + Uri.EscapeDataString("sim?tokens=7&thinking=3&cached=1");
        var plain = await client.JsonAsync(model + ":generateContent", GeminiBody);
        var sse = Client.Data(await client.TextAsync(GeminiBody, model + ":streamGenerateContent?alt=sse")).ConvertAll(Client.Parse);
        var array = Client.Parse(await client.TextAsync(GeminiBody, model + ":streamGenerateContent")).EnumerateArray().ToList();
        Assert.Equal(TextOf([plain]), TextOf(sse));
        Assert.Equal(TextOf([plain]), TextOf(array));
        Assert.Equal("STOP", sse[^1].GetProperty("candidates")[0].GetProperty("finishReason").GetString());
        var usage = sse[^1].GetProperty("usageMetadata");
        Assert.Equal((3, 7, 3, 1, 13), (usage.GetProperty("promptTokenCount").GetInt32(), usage.GetProperty("candidatesTokenCount").GetInt32(), usage.GetProperty("thoughtsTokenCount").GetInt32(), usage.GetProperty("cachedContentTokenCount").GetInt32(), usage.GetProperty("totalTokenCount").GetInt32()));
        Assert.Equal("StreamGenerateContent", client.Host.Received[^1].Call);
    }

    [Fact]
    public async Task Converse_streams_binary_messages_with_right_checksums()
    {
        await using var client = await Client.StartAsync();
        var path = "/model/" + Uri.EscapeDataString("sim:0?thinking=3&tools=1&recut=9") + "/converse-stream";
        var messages = EventStreamFraming.Read(await BytesAsync(client, path, ConverseBody));
        var types = messages.Select(m => m.Headers[":event-type"]).ToList();
        Assert.Equal(("messageStart", "messageStop", "metadata"), (types[0], types[^2], types[^1]));
        var input = string.Concat(messages.Where(m => m.Headers[":event-type"] == "contentBlockDelta").Select(m => Client.Parse(Encoding.UTF8.GetString(m.Payload.Span)).GetProperty("delta")).Where(d => d.TryGetProperty("toolUse", out _)).Select(d => d.GetProperty("toolUse").GetProperty("input").GetString()));
        Assert.Equal("simulated value", Client.Parse(input).GetProperty("city").GetString());
        _ = await Assert.ThrowsAsync<InvalidDataException>(async () => EventStreamFraming.Read(await BytesAsync(client, "/model/" + Uri.EscapeDataString("sim?badCrc=2") + "/converse-stream", ConverseBody)));
    }

    [Fact]
    public async Task Cohere_streams_what_it_answers_plain_with_tool_calls()
    {
        await using var client = await Client.StartAsync();
        var plain = await client.JsonAsync("/v2/chat", Client.Chat("command?tools=2", CohereTools));
        Assert.Equal("TOOL_CALL", plain.GetProperty("finish_reason").GetString());
        var calls = plain.GetProperty("message").GetProperty("tool_calls");
        Assert.Equal(2, calls.GetArrayLength());
        var stream = await client.TextAsync(Client.Streamed("command?tools=2", CohereTools), "/v2/chat");
        var deltas = Client.Data(stream)[..^1].ConvertAll(Client.Parse).Where(e => e.GetProperty("type").GetString() == "tool-call-delta" && e.GetProperty("index").GetInt32() == 1);
        Assert.Equal(calls[1].GetProperty("function").GetProperty("arguments").GetString(), string.Concat(deltas.Select(d => d.GetProperty("delta").GetProperty("message").GetProperty("tool_calls").GetProperty("function").GetProperty("arguments").GetString())));
        Assert.EndsWith("data: [DONE]\n\n", stream, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/messages", """{"model":"sim?status=429","max_tokens":5,"messages":[{"role":"user","content":"x"}]}""", "rate_limit_error", "anthropic-ratelimit-requests-reset")]
    [InlineData("/v1/responses", """{"model":"sim?status=429","input":"x"}""", "rate_limit_exceeded", "x-ratelimit-reset-requests")]
    [InlineData("/v1beta/models/sim%3Fstatus=429:generateContent", """{"contents":[{"parts":[{"text":"x"}]}]}""", "RESOURCE_EXHAUSTED", "retry-after")]
    [InlineData("/model/sim%3Fstatus=429/converse", """{"messages":[{"role":"user","content":[{"text":"x"}]}]}""", "Too many requests", "x-amzn-errortype")]
    [InlineData("/v2/chat", """{"model":"sim?status=429","messages":[{"role":"user","content":"x"}]}""", "limited to", "retry-after")]
    public async Task Errors_are_the_dialects_own_with_its_headers(string path, string body, string says, string header)
    {
        await using var client = await Client.StartAsync();
        using var response = await PostAsync(client, path, body);
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Contains(says, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.True(response.Headers.Contains(header), header);
        Assert.True(response.Headers.Contains("retry-after"));
    }

    [Theory]
    [InlineData("/v1/messages", """{"model":"m","messages":[{"role":"user","content":"x"}]}""", "max_tokens: Field required")]
    [InlineData("/v1/messages", """{"model":"m","max_tokens":5,"messages":[{"role":"system","content":"x"}]}""", "Unexpected role")]
    [InlineData("/v1/messages", """{"model":"m","max_tokens":5,"n":2,"messages":[{"role":"user","content":"x"}]}""", "n: Extra inputs are not permitted")]
    [InlineData("/v1/messages", """{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]},{"role":"user","content":"y"}]}""", "without `tool_result`")]
    [InlineData("/v1/messages", """{"model":"m","max_tokens":5,"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"y"}]}]}""", "unexpected `tool_use_id`")]
    [InlineData("/v1/messages", """{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"thinking","thinking":"a","signature":"b"}]},{"role":"user","content":"y"}]}""", "Invalid `signature`")]
    [InlineData("/v1beta/models/m:generateContent", """{"contents":[{"role":"assistant","parts":[{"text":"x"}]}]}""", "valid role")]
    [InlineData("/v1beta/models/m:generateContent", """{"contents":[{"parts":[{"text":"x"}]}],"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"object","additionalProperties":false}}]}]}""", "Unknown name \\u0022additionalProperties\\u0022")]
    [InlineData("/v1beta/models/m:generateContent", """{"contents":[{"parts":[{"text":"x"}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":{}}}]},{"parts":[{"text":"y"}]}]}""", "function response parts")]
    [InlineData("/model/m/converse", """{"messages":[{"role":"user","content":[{"text":"x"}]},{"role":"user","content":[{"text":"y"}]}]}""", "must alternate")]
    [InlineData("/model/m/converse", """{"messages":[{"role":"user","content":[{"text":" "}]}]}""", "is blank")]
    [InlineData("/model/m/converse", """{"messages":[{"role":"user","content":[{"text":"x"}]},{"role":"assistant","content":[{"toolUse":{"toolUseId":"a","name":"f","input":{}}}]},{"role":"user","content":[{"toolResult":{"toolUseId":"a","content":[{"text":"y"}]}}]}]}""", "toolConfig field must be defined")]
    [InlineData("/v2/chat", """{"model":"m","messages":[{"role":"tool","tool_call_id":"a","content":"x"}]}""", "does not match any tool call")]
    [InlineData("/v2/chat", """{"model":"m","max_completion_tokens":5,"messages":[{"role":"user","content":"x"}]}""", "unknown field")]
    [InlineData("/v1/responses", """{"model":"m","messages":[]}""", "Unknown parameter: 'messages'")]
    [InlineData("/v1/responses", """{"model":"m","input":[{"type":"function_call_output","call_id":"c","output":"x"}]}""", "No tool call found")]
    [InlineData("/v1/responses", """{"model":"m","input":[{"role":"user","content":[{"type":"text","text":"x"}]}]}""", "Invalid value: 'text'")]
    [InlineData("/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":[{"type":"input_text","text":"x"}]}]}""", "Invalid value: 'input_text'")]
    [InlineData("/v1/chat/completions", """{"model":"m","messages":[{"role":"model","content":"x"}]}""", "Invalid value: 'model'")]
    public async Task Requests_that_the_provider_would_refuse_are_refused(string path, string body, string says)
    {
        await using var client = await Client.StartAsync();
        using var response = await PostAsync(client, path, body);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True((int)response.StatusCode is 400 or 422, text);
        Assert.Contains(says.Replace("\\u0022", "\\\"", StringComparison.Ordinal), text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/messages", """{"model":"sim?KNOBS","max_tokens":99,"stream":true,"messages":[{"role":"user","content":"x"}]}""")]
    [InlineData("/v1/responses", """{"model":"sim?KNOBS","stream":true,"input":"x"}""")]
    [InlineData("/v1beta/models/sim%3FKNOBS:streamGenerateContent?alt=sse", """{"contents":[{"parts":[{"text":"x"}]}]}""")]
    [InlineData("/model/sim%3FKNOBS/converse-stream", """{"messages":[{"role":"user","content":[{"text":"x"}]}]}""")]
    [InlineData("/v2/chat", """{"model":"sim?KNOBS","stream":true,"messages":[{"role":"user","content":"x"}]}""")]
    public async Task Streams_break_where_they_are_told_to_in_every_dialect(string path, string body)
    {
        await using var client = await Client.StartAsync();
        Task<byte[]> GetAsync(string knobs) => BytesAsync(client, path.Replace("KNOBS", knobs, StringComparison.Ordinal), body.Replace("KNOBS", knobs, StringComparison.Ordinal));
        var whole = await GetAsync("tokens=5");
        var unfinished = await GetAsync("tokens=5&noDone");
        Assert.Equal(whole[..unfinished.Length].Length, unfinished.Length);
        Assert.True(unfinished.Length < whole.Length);
        Assert.Equal(40, (await GetAsync("tokens=5&truncate=40")).Length);
        _ = await Assert.ThrowsAnyAsync<HttpRequestException>(() => GetAsync("tokens=5&cut=60"));
        Assert.NotEqual(whole, await GetAsync("tokens=5&malformed=2"));
        Assert.NotEqual(whole, await GetAsync("tokens=5&streamError=3"));
        Assert.Contains("x_extra", Encoding.UTF8.GetString(await GetAsync("tokens=5&extra=1")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Embeddings_are_the_same_vectors_in_every_dialect()
    {
        await using var client = await Client.StartAsync();
        var openai = (await client.JsonAsync("/v1/embeddings", """{"model":"e?dims=4","input":"a"}""")).GetProperty("data")[0].GetProperty("embedding").GetRawText();
        var cohere = (await client.JsonAsync("/v2/embed", """{"model":"e?dims=4","texts":["a"],"input_type":"search_query"}""")).GetProperty("embeddings").GetProperty("float")[0].GetRawText();
        var gemini = (await client.JsonAsync("/v1beta/models/e%3Fdims=4:embedContent", """{"content":{"parts":[{"text":"a"}]}}""")).GetProperty("embedding").GetProperty("values").GetRawText();
        var vertex = (await client.JsonAsync("/v1/projects/p/locations/l/publishers/google/models/e%3Fdims=4:predict", """{"instances":[{"content":"a"}]}""")).GetProperty("predictions")[0].GetProperty("embeddings").GetProperty("values").GetRawText();
        var titan = (await client.JsonAsync("/model/amazon.titan%3Fdims=4/invoke", """{"inputText":"a"}""")).GetProperty("embedding").GetRawText();
        Assert.Equal([openai, openai, openai, openai], [cohere, gemini, vertex, titan]);
    }

    [Fact]
    public async Task Reranking_orders_by_shared_words_in_each_providers_shape()
    {
        await using var client = await Client.StartAsync();
        const string Body = ""","query":"red cat","documents":["blue dog","a red cat","red dog"],"top_n":2}""";
        Assert.Equal(1, (await client.JsonAsync("/v2/rerank", "{\"model\":\"rerank-v3.5\"" + Body)).GetProperty("results")[0].GetProperty("index").GetInt32());
        Assert.Equal(2, (await client.JsonAsync("/v1/rerank", "{\"model\":\"rerank-2.5\"" + Body)).GetProperty("data").GetArrayLength());
        Assert.True((await client.JsonAsync("/v1/rerank", "{\"model\":\"jina-reranker\"" + Body)).TryGetProperty("results", out _));
    }

    private static string TextOf(IEnumerable<JsonElement> answers) => string.Concat(answers.SelectMany(a => a.GetProperty("candidates")[0].GetProperty("content").GetProperty("parts").EnumerateArray()).Where(p => !p.TryGetProperty("thought", out _)).Select(p => p.GetProperty("text").GetString()));

    private static async Task<byte[]> BytesAsync(Client client, string path, string body)
    {
        using var response = await PostAsync(client, path, body);
        return await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<HttpResponseMessage> PostAsync(Client client, string path, string body)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, client.Host.RootUrl + path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("anthropic-version", "2023-06-01");
        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
