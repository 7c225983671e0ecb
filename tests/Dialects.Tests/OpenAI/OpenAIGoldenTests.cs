using System.Buffers;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.OpenAI;

namespace Gateway.Dialects.Tests.OpenAI;

/// <summary>Requests and answers that have every kind of part, as OpenAI chat and its compatible providers get them.</summary>
public sealed class OpenAIGoldenTests
{
    private static readonly AnswerContext _context = new() { Id = "golden", Model = "gpt-public", Created = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000), IncludeUsage = true };

    [Theory]
    [InlineData("openai", "gpt-4o")]
    [InlineData("openai", "gpt-5-mini")]
    [InlineData("mistral", "mistral-large-latest")]
    [InlineData("deepseek", "deepseek-chat")]
    [InlineData("openrouter", "anthropic/claude-sonnet-4")]
    [InlineData("zai", "glm-4.7")]
    [InlineData("hosted_vllm", "qwen3")]
    public void A_request_from_another_dialect(string provider, string model)
    {
        var output = new ArrayBufferWriter<byte>();
        var drops = new DropList();
        Assert.Null(OpenAIChatDialect.Instance.WriteRequest(Request(), new RequestTarget { Model = model, Provider = provider }, output, drops));
        Golden.CheckJson($"openai-chat/request-{provider}-{model.Replace('/', '-')}", output.WrittenSpan);
        Golden.CheckText($"openai-chat/request-{provider}-{model.Replace('/', '-')}.dropped.txt", JsonSerializer.SerializeToUtf8Bytes(drops.Names));
    }

    [Fact]
    public void An_answer_from_another_dialect()
    {
        var output = new ArrayBufferWriter<byte>();
        OpenAIChatDialect.Instance.WriteAnswer(Answer(), _context, output);
        Golden.CheckJson("openai-chat/answer", output.WrittenSpan);
    }

    [Fact]
    public void A_stream_from_another_dialect()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = OpenAIChatDialect.Instance.CreateStreamWriter(_context);
        foreach (var e in AnswerPlayer.Play(Answer(), 12))
        {
            writer.Write(e, output);
        }

        Golden.CheckText("openai-chat/stream.sse", output.WrittenSpan);
    }

    [Fact]
    public void A_stream_that_broke()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = OpenAIChatDialect.Instance.CreateStreamWriter(_context);
        foreach (var e in AnswerPlayer.Play(Answer(), 12).Take(5))
        {
            writer.Write(e, output);
        }

        writer.WriteError(new ChatError { Status = 502, Kind = ChatErrorKind.Api, Message = "The provider broke off.", Code = "upstream_cut", Details = [new("fault", "\"upstream\"")] }, output);
        Golden.CheckText("openai-chat/stream-cut.sse", output.WrittenSpan);
    }

    [Fact]
    public void A_request_in_every_form_that_callers_use_is_read()
    {
        Assert.Null(OpenAIChatDialect.Instance.ReadRequest(Golden.Input("openai-chat/every-member.in.json"), default, out var request));
        var output = new ArrayBufferWriter<byte>();
        var drops = new DropList();
        Assert.Null(OpenAIChatDialect.Instance.WriteRequest(request, new RequestTarget { Model = "gpt-4o", Provider = "openai" }, output, drops));
        Assert.Empty(drops.Names);
        Golden.CheckJson("openai-chat/every-member.out", output.WrittenSpan);
    }

    [Fact]
    public void The_older_function_calls_are_read_as_tools()
    {
        Assert.Null(OpenAIChatDialect.Instance.ReadRequest(Golden.Input("openai-chat/functions.in.json"), default, out var request));
        var output = new ArrayBufferWriter<byte>();
        Assert.Null(OpenAIChatDialect.Instance.WriteRequest(request, new RequestTarget { Model = "gpt-4o", Provider = "openai" }, output, new DropList()));
        Golden.CheckJson("openai-chat/functions.out", output.WrittenSpan);
    }

    private static ChatRequest Request()
    {
        var request = new ChatRequest
        {
            Origin = DialectId.Anthropic, Model = "public", Stream = true, MaxOutputTokens = 2000, Temperature = 0.3, TopP = 0.9, TopK = 40, Seed = 7, EndUser = "u-1",
            Reasoning = new ReasoningOptions { Enabled = true, BudgetTokens = 3000 }, ServiceTier = "standard_only", ParallelToolCalls = false,
            ToolChoice = new ToolChoice { Mode = ToolChoiceMode.Required },
            Format = new ResponseFormat { Kind = ResponseFormatKind.JsonSchema, Schema = Json("""{"type":"object"}""") },
        };
        request.Stop.Add("END");
        request.Metadata["team"] = "blue";
        request.Extensions.Add(new RequestExtension("context_management", Json("{}")));
        request.Tools.Add(new ToolDefinition { Name = "weather", Description = "tells the weather", Parameters = Json("""{"type":"object","properties":{"city":{"type":"string"}}}"""), Cache = new CacheMarker("1h") });
        request.Tools.Add(new ToolDefinition { Name = "web_search", Kind = ToolKind.Hosted, Raw = Json("""{"type":"web_search_20250305","name":"web_search"}""") });
        Add(request, ChatRole.System, new TextPart("Be brief.") { Cache = new CacheMarker(null) }, new TextPart("Answer in German."));
        Add(request, ChatRole.User, new TextPart("What is this?"), new MediaPart(MediaKind.Image) { MediaType = "image/png", Data = "aW1n" },
            new MediaPart(MediaKind.Image) { Url = "https://example.com/a.jpg" }, new MediaPart(MediaKind.Document) { MediaType = "application/pdf", Data = "cGRm", Name = "a.pdf" },
            new MediaPart(MediaKind.Document) { Text = "plain words", Name = "notes" }, new MediaPart(MediaKind.Document) { Url = "https://example.com/b.pdf" },
            new MediaPart(MediaKind.Document) { FileId = "file_1" }, new MediaPart(MediaKind.Audio) { MediaType = "audio/mpeg", Data = "bXAz" });
        Add(request, ChatRole.Assistant,
            new ReasoningPart { Text = "Theirs.", Signature = new Signature(DialectId.Anthropic, "sig-a") },
            new ReasoningPart { Text = "Ours.", Signature = new Signature(DialectId.OpenAIChat, "sig-o") },
            new ReasoningPart { Encrypted = new Signature(DialectId.OpenAIChat, """detail:{"format":"openai-responses-v1","id":"rs_1","value":"enc"}""") },
            new TextPart("I look."),
            new ToolCallPart { Id = "toolu_01A", Name = "weather", Arguments = """{"city":"Ulm"}""", Signature = new Signature(DialectId.Gemini, "sig-g") },
            new ToolCallPart { Id = "toolu_01B", Name = "weather" });
        Add(request, ChatRole.Tool, Result("toolu_01A", new TextPart("sunny"), new MediaPart(MediaKind.Image) { MediaType = "image/png", Data = "bWFw" }), Result("toolu_01B", new TextPart("failed")));
        Add(request, ChatRole.User, new TextPart("Go on."));
        return request;
    }

    private static ChatAnswer Answer()
    {
        var answer = new ChatAnswer
        {
            Origin = DialectId.Anthropic, Id = "msg_1", Model = "claude", ServiceTier = "standard",
            Usage = new TokenCounts { Input = 10, CacheRead = 20, CacheWrite = 5, Output = 7, Reasoning = 3, AudioInput = 2, AudioOutput = 1 },
        };
        var first = new ChatChoice { Finish = FinishReason.ToolCalls };
        first.Parts.Add(new ReasoningPart { Text = "Let me think about it.", Signature = new Signature(DialectId.Anthropic, "sig-a") });
        first.Parts.Add(new ReasoningPart { Encrypted = new Signature(DialectId.Anthropic, "redacted") });
        var text = new TextPart("The weather in Ulm, with <markup> & \"quotes\" 😀.");
        text.Citations.Add(new Citation { Url = "https://example.com", Title = "Example", CitedText = "weather" });
        text.Citations.Add(new Citation { Document = 0, CitedText = "no address" });
        first.Parts.Add(text);
        first.Parts.Add(new OpaquePart(DialectId.Anthropic, "server_tool_use", Json("""{"type":"server_tool_use"}""")));
        first.Parts.Add(new ToolCallPart { Id = "toolu_01", Name = "weather", Arguments = """{"city":"Ulm"}""", Signature = new Signature(DialectId.Gemini, "sig-g") });
        first.Parts.Add(new ToolCallPart { Id = "toolu_02", Name = "now" });
        first.Parts.Add(new ToolCallPart { Id = "toolu_03", Name = "shell", Arguments = "ls -l", IsCustom = true });
        first.Parts.Add(new MediaPart(MediaKind.Image) { MediaType = "image/png", Data = "aW1n" });
        first.Parts.Add(new MediaPart(MediaKind.Audio) { Id = "audio_1", Data = "YXVk", Transcript = "hello" });
        answer.Choices.Add(first);
        var second = new ChatChoice { Index = 1, Finish = FinishReason.Refusal };
        second.Parts.Add(new RefusalPart("I cannot do that."));
        answer.Choices.Add(second);
        return answer;
    }

    private static void Add(ChatRequest request, ChatRole role, params ReadOnlySpan<ContentPart> parts)
    {
        var message = new ChatMessage(role);
        foreach (var part in parts)
        {
            message.Parts.Add(part);
        }

        request.Messages.Add(message);
    }

    private static ToolResultPart Result(string id, params ReadOnlySpan<ContentPart> content)
    {
        var result = new ToolResultPart { CallId = id };
        foreach (var part in content)
        {
            result.Content.Add(part);
        }

        return result;
    }

    private static JsonElement Json(string json) => JsonElement.Parse(json);
}
