using System.Text;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Framing;
using Gateway.Dialects.Sse;

namespace Gateway.Edge.Tests.Inbound;

/// <summary>A client of one dialect: its addresses, its requests, and its way to read answers.</summary>
internal sealed class Caller(DialectId dialect)
{
    public IChatDialect Dialect { get; } = ChatDialects.Get(dialect);

    public string Path(string model, bool stream) => dialect switch
    {
        DialectId.OpenAIChat => "/v1/chat/completions",
        DialectId.OpenAICompletions => "/v1/completions",
        DialectId.OpenAIResponses => "/v1/responses",
        DialectId.Anthropic => "/v1/messages?beta=true",
        DialectId.Gemini => $"/v1beta/models/{Uri.EscapeDataString(model)}:{(stream ? "streamGenerateContent?alt=sse" : "generateContent")}",
        DialectId.BedrockConverse => $"/model/{Uri.EscapeDataString(model)}/{(stream ? "converse-stream" : "converse")}",
        _ => "/v2/chat",
    };

    public string Body(string model, string text, bool stream, bool tools = false)
    {
        var words = JsonSerializer.Serialize(text);
        var head = $"\"model\":{JsonSerializer.Serialize(model)}" + (stream ? ",\"stream\":true" : "");
        const string schema = """{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}""";
        var body = dialect switch
        {
            DialectId.OpenAICompletions => """{HEAD,"max_tokens":500,"prompt":WORDS}""",
            DialectId.OpenAIResponses => """{HEAD,"max_output_tokens":500,"input":WORDS TOOLS}""",
            DialectId.Gemini => """{"contents":[{"role":"user","parts":[{"text":WORDS}]}],"generationConfig":{"maxOutputTokens":500}TOOLS}""",
            DialectId.BedrockConverse => """{"messages":[{"role":"user","content":[{"text":WORDS}]}],"inferenceConfig":{"maxTokens":500}TOOLS}""",
            _ => """{HEAD,"max_tokens":500,"messages":[{"role":"user","content":WORDS}]TOOLS}""",
        };
        var offered = !tools ? "" : dialect switch
        {
            DialectId.OpenAIResponses => ""","tools":[{"type":"function","name":"weather","parameters":SCHEMA}]""",
            DialectId.Anthropic => ""","tools":[{"name":"weather","input_schema":SCHEMA}]""",
            DialectId.Gemini => ""","tools":[{"functionDeclarations":[{"name":"weather","parameters":SCHEMA}]}]""",
            DialectId.BedrockConverse => ""","toolConfig":{"tools":[{"toolSpec":{"name":"weather","inputSchema":{"json":SCHEMA}}}]}""",
            _ => ""","tools":[{"type":"function","function":{"name":"weather","parameters":SCHEMA}}]""",
        };
        return body.Replace("TOOLS", offered, StringComparison.Ordinal).Replace("SCHEMA", schema, StringComparison.Ordinal)
            .Replace("HEAD", head, StringComparison.Ordinal).Replace("WORDS", words, StringComparison.Ordinal);
    }

    public Task<HttpResponseMessage> AskAsync(EdgeHost edge, string model, bool stream = false, string text = "hello there", bool tools = false) =>
        edge.PostAsync(Path(model, stream), Body(model, text, stream, tools));

    public async Task<ChatAnswer> AnswerAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode} {Encoding.UTF8.GetString(body)}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.True(Dialect.TryReadAnswer(body, out var answer), Encoding.UTF8.GetString(body));
        return answer;
    }

    /// <summary>The error of an answer, after checking that it has the dialect's shape.</summary>
    public async Task<ChatError> ErrorAsync(HttpResponseMessage response, int status)
    {
        var body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        var text = Encoding.UTF8.GetString(body);
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode} {text}");
        var json = JsonElement.Parse(body);
        switch (dialect)
        {
            case DialectId.Anthropic:
                Assert.Equal("error", json.GetProperty("type").GetString());
                Assert.False(string.IsNullOrEmpty(json.GetProperty("error").GetProperty("type").GetString()));
                break;
            case DialectId.Gemini:
                Assert.Equal(status, json.GetProperty("error").GetProperty("code").GetInt32());
                Assert.False(string.IsNullOrEmpty(json.GetProperty("error").GetProperty("status").GetString()));
                break;
            case DialectId.BedrockConverse or DialectId.Cohere:
                Assert.False(string.IsNullOrEmpty(json.GetProperty("message").GetString()));
                break;
            default:
                Assert.False(string.IsNullOrEmpty(json.GetProperty("error").GetProperty("message").GetString()));
                break;
        }

        return Dialect.ReadError(status, body);
    }

    /// <summary>The events of a stream, and whether its connection broke off.</summary>
    public async Task<(List<ChatEvent> Events, bool IsWhole, bool IsBroken)> EventsAsync(HttpResponseMessage response)
    {
        if (!response.IsSuccessStatusCode)
        {
            Assert.Fail($"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
        }

        var events = new List<ChatEvent>();
        var reader = Dialect.CreateStreamReader();
        var isBroken = false;
        await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        using IFrameReader frames = response.Content.Headers.ContentType?.MediaType switch
        {
            "text/event-stream" => new SseFrameReader(),
            "application/vnd.amazon.eventstream" => new EventStreamFrameReader(),
            _ => new JsonFrameReader(),
        };
        try
        {
            while (await body.ReadAsync(frames.GetMemory(), TestContext.Current.CancellationToken) is var count && count > 0)
            {
                frames.Advance(count);
                while (frames.TryRead(out var frame))
                {
                    var opened = frames.Open(frame);
                    Assert.True(reader.Read(opened.EventName.Span, opened.Payload.Span, events), Encoding.UTF8.GetString(frame.Span));
                }
            }
        }
        catch (Exception e) when (e is HttpIOException or IOException or HttpRequestException)
        {
            isBroken = true;
        }

        var isWhole = !isBroken && reader.Complete(events);
        return (events, isWhole, isBroken);
    }

    /// <summary>
    /// True when the connection breaks off after the error event of a stream, because clients of the dialect do not raise on the event: those of OpenAI's chat never do, those
    /// of Responses and Cohere take it for one event among others, which is no more than the provider itself does where it told the error.
    /// </summary>
    public bool BreaksOff(string fault) => dialect switch
    {
        DialectId.OpenAIChat or DialectId.OpenAICompletions or DialectId.Cohere => true,
        DialectId.OpenAIResponses => !fault.StartsWith("streamError", StringComparison.Ordinal),
        _ => false,
    };

    public async Task<ChatAnswer> StreamedAsync(HttpResponseMessage response)
    {
        var (events, isWhole, _) = await EventsAsync(response);
        Assert.True(isWhole, "the stream is not whole: " + string.Join(' ', events.Select(static e => e.Kind)));
        var assembler = new AnswerAssembler(dialect);
        foreach (var e in events)
        {
            assembler.Add(e);
        }

        Assert.True(assembler.IsComplete);
        Assert.Null(assembler.Error);
        return assembler.Build();
    }

    public static string Text(ChatAnswer answer) => string.Concat(answer.Choices[0].Parts.OfType<TextPart>().Select(static p => p.Text));
}
