using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Dialects.Bedrock;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Tests.Anthropic;

namespace Gateway.Dialects.Tests.Bedrock;

public sealed class BedrockRequestTests
{
    private const string Sonnet = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";

    [Fact]
    public void A_request_with_all_there_is_keeps_its_shape()
    {
        const string Body =
            """
            {
              "system": [{"text":"Be brief."},{"cachePoint":{"type":"default","ttl":"1h"}}],
              "messages": [
                {"role":"user","content":[
                  {"text":"x"},
                  {"image":{"format":"jpeg","source":{"bytes":"AAAA"}}},
                  {"document":{"format":"pdf","name":"a","source":{"bytes":"AAAA"},"citations":{"enabled":true}}},
                  {"video":{"format":"mp4","source":{"s3Location":{"uri":"s3://b/v.mp4"}}}},
                  {"cachePoint":{"type":"default"}}]},
                {"role":"assistant","content":[
                  {"reasoningContent":{"reasoningText":{"text":"hm","signature":"s"}}},
                  {"reasoningContent":{"redactedContent":"AAEC"}},
                  {"toolUse":{"toolUseId":"t1","name":"f","input":{"a":1}}}]},
                {"role":"user","content":[{"toolResult":{"toolUseId":"t1","content":[{"text":"5"},{"image":{"format":"png","source":{"bytes":"AAAA"}}}],"status":"error"}}]}
              ],
              "inferenceConfig": {"maxTokens":3000,"stopSequences":["END"]},
              "toolConfig": {
                "tools": [{"toolSpec":{"name":"f","description":"d","inputSchema":{"json":{"type":"object","properties":{"a":{"type":"integer"}}}}}},{"cachePoint":{"type":"default"}}],
                "toolChoice": {"auto":{}}},
              "additionalModelRequestFields": {"thinking":{"type":"enabled","budget_tokens":1500},"anthropic_beta":["x"]},
              "outputConfig": {"textFormat":{"type":"json_schema","structure":{"jsonSchema":{"schema":"{\"type\":\"object\"}","name":"n","description":"d"}}}},
              "requestMetadata": {"k":"v"},
              "serviceTier": {"type":"flex"},
              "guardrailConfig": {"guardrailIdentifier":"g","guardrailVersion":"1"}
            }
            """;
        Assert.Null(BedrockConverseDialect.Instance.ReadRequest(Encoding.UTF8.GetBytes(Body), new RequestLocation(Sonnet, true), out var request));
        Assert.Equal(Sonnet, request.Model);
        Assert.True(request.Stream);
        var drops = new DropList();
        AssertJson(Body, Write(request, drops: drops));
        Assert.Empty(drops.Names);
    }

    [Fact]
    public void Content_only_Bedrock_knows_reaches_other_dialects_as_what_it_is()
    {
        const string Body =
            """
            {"messages":[{"role":"user","content":[
              {"guardContent":{"text":{"text":"guarded","qualifiers":["query"]}}},
              {"searchResult":{"source":"https://x","title":"T","content":[{"text":"found"}]}},
              {"toolResult":{"toolUseId":"t","content":[{"json":{"a":1}}]}}]}]}
            """;
        Assert.Null(BedrockConverseDialect.Instance.ReadRequest(Encoding.UTF8.GetBytes(Body), new RequestLocation("m", false), out var request));
        Assert.Equal([ChatRole.Tool, ChatRole.User], request.Messages.Select(static m => m.Role));
        Assert.Equal("{\"a\":1}", Assert.IsType<TextPart>(Assert.IsType<ToolResultPart>(request.Messages[0].Parts[0]).Content[0]).Text);
        Assert.Equal("guarded", Assert.IsType<TextPart>(request.Messages[1].Parts[0]).Text);
        var found = Assert.IsType<MediaPart>(request.Messages[1].Parts[1]);
        Assert.Equal(("found", "T", "https://x"), (found.Text, found.Name, found.Context));
    }

    [Fact]
    public void Media_without_a_form_are_listed_and_documents_get_legal_names()
    {
        var request = new ChatRequest { Origin = DialectId.OpenAIChat };
        Say(
            request,
            ChatRole.User,
            new MediaPart(MediaKind.Image) { Url = "https://x/y.png" },
            new MediaPart(MediaKind.Document) { MediaType = "application/pdf", Data = "AAAA", Name = "my__report.v2.pdf" },
            new MediaPart(MediaKind.Document) { Text = "ä", MediaType = "text/markdown", Name = "my report v2.md" },
            new MediaPart(MediaKind.Document) { MediaType = "application/zip", Data = "AAAA" });
        var drops = new DropList();
        AssertJson(
            """
            [
              {"document":{"format":"pdf","name":"my report v2","source":{"bytes":"AAAA"}}},
              {"document":{"format":"md","name":"my report v2 (2)","source":{"bytes":"w6Q="}}},
              {"text":"."}
            ]
            """,
            Write(request, drops: drops)["messages"]![0]!["content"]);
        Assert.Equal(["messages.image", "messages.document"], drops.Names);
    }

    [Theory]
    [InlineData(Sonnet, "low", """{"thinking":{"type":"enabled","budget_tokens":2048}}""")]
    [InlineData("anthropic.claude-opus-4-6-v1", "high", """{"thinking":{"type":"adaptive"},"output_config":{"effort":"high"}}""")]
    [InlineData("us.amazon.nova-2-lite-v1:0", "xhigh", """{"reasoningConfig":{"type":"enabled","maxReasoningEffort":"high"}}""")]
    [InlineData("openai.gpt-oss-120b-1:0", "minimal", """{"reasoning_effort":"low"}""")]
    [InlineData("meta.llama3-3-70b-instruct-v1:0", "low", null)]
    public void Reasoning_is_asked_for_in_each_familys_words(string model, string effort, string? fields)
    {
        var request = Ask("x");
        request.Reasoning = new ReasoningOptions { Effort = effort };
        var drops = new DropList();
        var body = Write(request, model, drops);
        AssertJson(fields ?? "null", body["additionalModelRequestFields"]);
        Assert.Equal(fields is null ? ["reasoning_effort"] : [], drops.Names);
        Assert.Equal(model == Sonnet ? 6144 : null, (int?)body["inferenceConfig"]?["maxTokens"]);
    }

    [Theory]
    [InlineData(Sonnet, """{"top_k":5}""")]
    [InlineData("amazon.nova-pro-v1:0", """{"inferenceConfig":{"topK":5}}""")]
    [InlineData("meta.llama3-3-70b-instruct-v1:0", null)]
    public void Top_k_lies_where_the_model_looks_for_it(string model, string? fields)
    {
        var request = Ask("x");
        request.TopK = 5;
        var drops = new DropList();
        AssertJson(fields ?? "null", Write(request, model, drops)["additionalModelRequestFields"]);
        Assert.Equal(fields is null, drops.Names.Contains("top_k"));
    }

    [Theory]
    [InlineData("amazon.nova-pro-v1:0", """{"tool":{"name":"gateway_structured_output"}}""")]
    [InlineData("meta.llama3-3-70b-instruct-v1:0", """{"auto":{}}""")]
    [InlineData("anthropic.claude-opus-4-7", """{"tool":{"name":"gateway_structured_output"}}""")]
    public void A_tool_stands_for_the_schema_where_the_model_takes_none(string model, string choice)
    {
        var request = Ask("x");
        request.Format = new ResponseFormat { Kind = ResponseFormatKind.JsonSchema, Name = "n", Schema = JsonElement.Parse("""{"type":"object","properties":{"a":{"type":"integer"}}}""") };
        var body = Write(request, model);
        Assert.Null(body["outputConfig"]);
        AssertJson(choice, body["toolConfig"]!["toolChoice"]);
        AssertJson("""{"type":"object","properties":{"a":{"type":"integer"}}}""", body["toolConfig"]!["tools"]![0]!["toolSpec"]!["inputSchema"]!["json"]);

        var native = Write(request)["outputConfig"]!["textFormat"]!["structure"]!["jsonSchema"]!;
        AssertJson("""{"type":"object","properties":{"a":{"type":"integer"}},"additionalProperties":false}""", JsonNode.Parse((string)native["schema"]!));
    }

    [Fact]
    public void Tools_that_must_not_be_called_are_left_out_unless_the_conversation_called_them()
    {
        var request = Ask("x");
        request.Tools.Add(new ToolDefinition { Name = "f" });
        request.ToolChoice = new ToolChoice { Mode = ToolChoiceMode.None };
        Assert.Null(Write(request)["toolConfig"]);

        Say(request, ChatRole.Assistant, new ToolCallPart { Id = new string('a', 80), Name = "f" });
        Say(request, ChatRole.Tool, new ToolResultPart { CallId = new string('a', 80), Content = { new TextPart("5") } });
        var drops = new DropList();
        var body = Write(request, drops: drops);
        Assert.Equal(["tool_choice"], drops.Names);
        var id = (string)body["messages"]![1]!["content"]![0]!["toolUse"]!["toolUseId"]!;
        Assert.True(id.Length <= 64);
        Assert.Equal(id, (string)body["messages"]![2]!["content"]![0]!["toolResult"]!["toolUseId"]!);

        request.Tools.Clear();
        Assert.Equal("f", (string)Write(request)["toolConfig"]!["tools"]![0]!["toolSpec"]!["name"]!);
    }

    [Fact]
    public void Markers_of_the_cache_go_only_to_models_that_take_them()
    {
        var request = Ask("x");
        request.Messages[0].Parts[0].Cache = new CacheMarker("1h");
        request.Tools.Add(new ToolDefinition { Name = "f", Cache = new CacheMarker(null) });
        Assert.Equal("1h", (string)Write(request)["messages"]![0]!["content"]![1]!["cachePoint"]!["ttl"]!);
        var nova = Write(request, "amazon.nova-pro-v1:0");
        Assert.NotNull(nova["messages"]![0]!["content"]![1]!["cachePoint"]);
        Assert.Single(nova["toolConfig"]!["tools"]!.AsArray());
        Assert.DoesNotContain("cachePoint", Write(request, "meta.llama3-3-70b-instruct-v1:0").ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_there_is_no_form_for_is_listed()
    {
        var request = Ask("x");
        request.Seed = 1;
        request.EndUser = "u";
        request.ParallelToolCalls = false;
        request.Tools.Add(new ToolDefinition { Name = "f" });
        request.Tools.Add(new ToolDefinition { Name = "web_search", Kind = ToolKind.Hosted });
        request.Temperature = 1.5;
        var drops = new DropList();
        var body = Write(request, drops: drops);
        Assert.Equal(["tools.web_search", "parallel_tool_calls", "user", "seed"], drops.Names);
        AssertJson("""{"temperature":1}""", body["inferenceConfig"]);
    }

    [Theory]
    [InlineData("7", "m", null)]
    [InlineData("""{"messages":[]}""", "m", "messages")]
    [InlineData("""{"messages":[{"role":"user","content":[{"text":"x"}]}]}""", null, "modelId")]
    [InlineData("""{"messages":[{"role":"system","content":[{"text":"x"}]}]}""", "m", "messages[0].role")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}]}""", "m", "messages[0].content")]
    public void What_is_wrong_with_a_request_is_told_with_its_place(string body, string? model, string? param)
    {
        var problem = BedrockConverseDialect.Instance.ReadRequest(Encoding.UTF8.GetBytes(body), new RequestLocation(model, false), out _);
        Assert.NotNull(problem);
        Assert.Equal(param, problem.Param);
    }

    private static ChatRequest Ask(string text)
    {
        var request = new ChatRequest { Origin = DialectId.OpenAIChat };
        Say(request, ChatRole.User, new TextPart(text));
        return request;
    }

    private static void Say(ChatRequest request, ChatRole role, params ContentPart[] parts)
    {
        var message = new ChatMessage(role);
        message.Parts.AddRange(parts);
        request.Messages.Add(message);
    }

    private static JsonNode Write(ChatRequest request, string model = Sonnet, DropList? drops = null)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.Null(BedrockConverseDialect.Instance.WriteRequest(request, new RequestTarget { Model = model, ModelInPath = true, Provider = "bedrock" }, output, drops ?? new DropList()));
        return JsonNode.Parse(output.WrittenSpan)!;
    }

    private static void AssertJson(string expected, JsonNode? actual) => Assert.Equal(AnthropicSummary.Canonical(JsonNode.Parse(expected)), AnthropicSummary.Canonical(actual));
}
