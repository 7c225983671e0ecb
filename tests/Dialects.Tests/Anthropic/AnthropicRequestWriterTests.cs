using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Dialects.Anthropic;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Tests.Anthropic;

public sealed class AnthropicRequestWriterTests
{
    private const string Sonnet = "claude-sonnet-4-5";

    [Fact]
    public void Instructions_go_to_the_system_prompt_and_turns_alternate()
    {
        var request = Ask(ChatRole.System, "Be brief.");
        Say(request, ChatRole.Assistant, new TextPart("Hello."));
        Say(request, ChatRole.User, new TextPart("One"), new TextPart("  "));
        Say(request, ChatRole.User, new TextPart("Two"));
        Say(request, ChatRole.Developer, new TextPart("In German."));
        Say(request, ChatRole.Assistant, new TextPart("Ja"), new ToolCallPart { Id = "a", Name = "f" });
        Say(request, ChatRole.User, new TextPart("and"));
        Say(request, ChatRole.Tool, new ToolResultPart { CallId = "a", Content = { new TextPart("5") } });
        Say(request, ChatRole.Assistant, new TextPart("Because \n"));
        AssertJson(
            """
            {
              "model": "claude-sonnet-4-5", "max_tokens": 4096,
              "system": [{"type":"text","text":"Be brief."}, {"type":"text","text":"In German."}],
              "messages": [
                {"role":"user","content":[{"type":"text","text":"."}]},
                {"role":"assistant","content":[{"type":"text","text":"Hello."}]},
                {"role":"user","content":[{"type":"text","text":"One"},{"type":"text","text":"Two"}]},
                {"role":"assistant","content":[{"type":"text","text":"Ja"},{"type":"tool_use","id":"a","name":"f","input":{}}]},
                {"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"text","text":"5"}]},{"type":"text","text":"and"}]},
                {"role":"assistant","content":[{"type":"text","text":"Because"}]}
              ],
              "tools": [{"name":"f","input_schema":{"type":"object","properties":{}}}],
              "tool_choice": {"type":"none"}
            }
            """,
            Write(request));
    }

    [Fact]
    public void Ids_that_are_not_legal_become_legal_the_same_way_in_call_and_result()
    {
        var request = Ask(ChatRole.User, "x");
        Say(request, ChatRole.Assistant, new ToolCallPart { Id = "functions.f:0", Name = "f", Arguments = """{"a":1}""" }, new ToolCallPart { Id = "functions.f:1", Name = "f" });
        Say(request, ChatRole.Tool, new ToolResultPart { CallId = "functions.f:0" }, new ToolResultPart { CallId = "functions.f:1", IsError = true });
        var messages = Write(request)["messages"]!;
        var first = (string)messages[1]!["content"]![0]!["id"]!;
        var second = (string)messages[1]!["content"]![1]!["id"]!;
        Assert.Matches("^[a-zA-Z0-9_-]+$", first);
        Assert.NotEqual(first, second);
        Assert.Equal(first, (string)messages[2]!["content"]![0]!["tool_use_id"]!);
        Assert.Equal(second, (string)messages[2]!["content"]![1]!["tool_use_id"]!);
        Assert.True((bool)messages[2]!["content"]![1]!["is_error"]!);
    }

    [Fact]
    public void Media_are_written_in_the_form_there_is_and_listed_where_there_is_none()
    {
        var request = new ChatRequest { Origin = DialectId.OpenAIChat };
        Say(
            request,
            ChatRole.User,
            new MediaPart(MediaKind.Image) { MediaType = "image/jpg", Data = "AAAA" },
            new MediaPart(MediaKind.Image) { Url = "https://x/y.png" },
            new MediaPart(MediaKind.Image) { Url = "gs://x/y.png" },
            new MediaPart(MediaKind.Document) { MediaType = "application/pdf", Data = "AAAA", Name = "a.pdf" },
            new MediaPart(MediaKind.Document) { MediaType = "text/csv", Data = Convert.ToBase64String("ä;b"u8), CitationsEnabled = true },
            new MediaPart(MediaKind.Document) { MediaType = "application/msword", Data = "AAAA" },
            new MediaPart(MediaKind.Document) { FileId = "file-1" },
            new MediaPart(MediaKind.Audio) { MediaType = "audio/wav", Data = "AAAA" });
        var drops = new DropList();
        var content = Write(request, drops: drops)["messages"]![0]!["content"]!;
        AssertJson(
            """
            [
              {"type":"image","source":{"type":"base64","media_type":"image/jpeg","data":"AAAA"}},
              {"type":"image","source":{"type":"url","url":"https://x/y.png"}},
              {"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"AAAA"},"title":"a.pdf"},
              {"type":"document","source":{"type":"text","media_type":"text/plain","data":"ä;b"},"citations":{"enabled":true}}
            ]
            """,
            content);
        Assert.Equal(["messages.image", "messages.document", "messages.audio"], drops.Names);
    }

    [Fact]
    public void Only_thoughts_of_its_own_are_shown_to_the_model()
    {
        var request = Ask(ChatRole.User, "x");
        Say(
            request,
            ChatRole.Assistant,
            new ReasoningPart { Text = "foreign", Signature = new Signature(DialectId.Gemini, "g") },
            new ReasoningPart { Text = "unsigned" },
            new ReasoningPart { Text = "own", Signature = new Signature(DialectId.Anthropic, "s") },
            new ReasoningPart { Encrypted = new Signature(DialectId.Anthropic, "e") },
            new ReasoningPart { Encrypted = new Signature(DialectId.OpenAIResponses, "o") },
            new TextPart("y"));
        var drops = new DropList();
        AssertJson(
            """[{"type":"thinking","thinking":"own","signature":"s"},{"type":"redacted_thinking","data":"e"},{"type":"text","text":"y"}]""",
            Write(request, drops: drops)["messages"]![1]!["content"]!);
        Assert.Empty(drops.Names);
    }

    [Theory]
    // With a budget.
    [InlineData(Sonnet, "minimal", null, null, """{"type":"enabled","budget_tokens":1024}""", null, 5120)]
    [InlineData(Sonnet, "low", null, null, """{"type":"enabled","budget_tokens":2048}""", null, 6144)]
    [InlineData(Sonnet, "medium", null, null, """{"type":"enabled","budget_tokens":8192}""", null, 12288)]
    [InlineData(Sonnet, "high", null, null, """{"type":"enabled","budget_tokens":16384}""", null, 20480)]
    [InlineData(Sonnet, "xhigh", null, null, """{"type":"enabled","budget_tokens":32768}""", null, 36864)]
    [InlineData(Sonnet, "none", null, null, """{"type":"disabled"}""", null, 4096)]
    [InlineData(Sonnet, null, 5000, null, """{"type":"enabled","budget_tokens":5000}""", null, 9096)]
    [InlineData(Sonnet, null, 5000, 6000, """{"type":"enabled","budget_tokens":5000}""", null, 6000)]
    [InlineData(Sonnet, null, 5000, 4000, """{"type":"enabled","budget_tokens":3200}""", null, 4000)]
    [InlineData(Sonnet, "high", null, 1024, null, null, 1024)]
    [InlineData("kimi-k2", "low", null, null, """{"type":"enabled","budget_tokens":2048}""", null, 6144)]
    [InlineData("claude-opus-4-5", "low", null, null, """{"type":"enabled","budget_tokens":2048}""", "low", 6144)]
    // As the model sees fit.
    [InlineData("claude-opus-4-6", "xhigh", null, null, """{"type":"adaptive"}""", "max", 4096)]
    [InlineData("claude-opus-4-6", null, 5000, null, """{"type":"enabled","budget_tokens":5000}""", null, 9096)]
    [InlineData("us.anthropic.claude-opus-4-7-v1:0", "xhigh", null, null, """{"type":"adaptive"}""", "xhigh", 4096)]
    [InlineData("claude-opus-4-7", null, 5000, 500, """{"type":"adaptive"}""", "medium", 500)]
    [InlineData("claude-sonnet-5", "minimal", null, null, """{"type":"adaptive"}""", "low", 4096)]
    [InlineData("claude-fable-5", "none", null, null, null, null, 4096)]
    // Not at all.
    [InlineData("claude-3-5-haiku-latest", "high", null, null, null, null, 4096)]
    [InlineData("claude-3-5-haiku-latest", "none", null, null, null, null, 4096)]
    public void Reasoning_becomes_what_the_model_takes(string model, string? effort, int? budget, int? cap, string? thinking, string? written, int maxTokens)
    {
        var request = Ask(ChatRole.User, "x");
        request.Reasoning = new ReasoningOptions { Effort = effort, BudgetTokens = budget };
        request.MaxOutputTokens = cap;
        var drops = new DropList();
        var body = Write(request, model, drops: drops);
        AssertJson(thinking ?? "null", body["thinking"]);
        Assert.Equal(written, (string?)body["output_config"]?["effort"]);
        Assert.Equal(maxTokens, (int)body["max_tokens"]!);
        Assert.Equal(thinking is null && effort is not null && model != "claude-3-5-haiku-latest" || (effort == "high" && thinking is null), drops.Names.Contains("reasoning_effort"));
    }

    [Theory]
    [InlineData(null, null, 4096)]
    [InlineData(null, 64000, 64000)]
    [InlineData(100, 64000, 100)]
    [InlineData(100000, 64000, 64000)]
    public void The_cap_on_output_is_obligatory(int? asked, int? limit, int expected)
    {
        var request = Ask(ChatRole.User, "x");
        request.MaxOutputTokens = asked;
        Assert.Equal(expected, (int)Write(request, limit: limit)["max_tokens"]!);
    }

    [Fact]
    public void A_forced_tool_and_a_turn_without_its_thoughts_switch_thinking_off()
    {
        var forced = Ask(ChatRole.User, "x");
        forced.Reasoning = new ReasoningOptions { Effort = "high" };
        forced.Tools.Add(new ToolDefinition { Name = "f" });
        forced.ToolChoice = new ToolChoice { Mode = ToolChoiceMode.Required };
        var drops = new DropList();
        var body = Write(forced, drops: drops);
        Assert.Null(body["thinking"]);
        Assert.Equal("any", (string)body["tool_choice"]!["type"]!);
        Assert.Equal(["reasoning_effort"], drops.Names);

        var bare = Ask(ChatRole.User, "x");
        bare.Reasoning = new ReasoningOptions { Effort = "high" };
        bare.Tools.Add(new ToolDefinition { Name = "f" });
        Say(bare, ChatRole.Assistant, new ToolCallPart { Id = "a", Name = "f" });
        Say(bare, ChatRole.Tool, new ToolResultPart { CallId = "a" });
        Assert.Null(Write(bare)["thinking"]);
        Assert.NotNull(Write(bare, "claude-opus-4-6")["thinking"]);
        bare.Messages[1].Parts.Insert(0, new ReasoningPart { Text = "t", Signature = new Signature(DialectId.Anthropic, "s") });
        Assert.NotNull(Write(bare)["thinking"]);
    }

    [Theory]
    [InlineData(Sonnet, 1.7, null, null, false, """{"temperature":1}""", "")]
    [InlineData(Sonnet, 0.2, 0.5, 3, false, """{"temperature":0.2,"top_k":3}""", "top_p")]
    [InlineData(Sonnet, 1.0, 0.5, null, false, """{"top_p":0.5}""", "")]
    [InlineData(Sonnet, 0.5, 1.0, null, false, """{"temperature":0.5}""", "")]
    [InlineData(Sonnet, 0.2, null, 3, true, "{}", "temperature,top_k")]
    [InlineData("claude-3-7-sonnet-20250219", 0.2, 0.5, null, false, """{"temperature":0.2,"top_p":0.5}""", "")]
    [InlineData("claude-opus-4-7", 0.2, null, 3, false, "{}", "temperature,top_k")]
    [InlineData("claude-opus-4-7", 1.0, 1.0, null, false, "{}", "")]
    public void Sampling_is_what_the_model_takes(string model, double? temperature, double? topP, int? topK, bool thinks, string expected, string dropped)
    {
        var request = Ask(ChatRole.User, "x");
        request.Temperature = temperature;
        request.TopP = topP;
        request.TopK = topK;
        request.Reasoning = thinks ? new ReasoningOptions { Effort = "low" } : null;
        var drops = new DropList();
        var body = Write(request, model, drops: drops);
        var sampling = new JsonObject();
        foreach (var name in (string[])["temperature", "top_p", "top_k"])
        {
            if (body[name] is { } value)
            {
                sampling[name] = value.DeepClone();
            }
        }

        AssertJson(expected, sampling);
        Assert.Equal(dropped, string.Join(",", drops.Names));
    }

    [Fact]
    public void A_schema_is_fitted_for_models_with_structured_output()
    {
        var request = Ask(ChatRole.User, "x");
        request.Format = Schema("""{"type":"object","properties":{"n":{"type":"integer","minimum":1,"description":"count"},"d":{"oneOf":[{"type":"string","format":"date"},{"type":"null"}]}},"required":["n"]}""");
        AssertJson(
            """
            {"format":{"type":"json_schema","schema":{
              "type":"object",
              "properties":{"n":{"type":"integer","description":"count (minimum: 1)"},"d":{"anyOf":[{"type":"string","format":"date"},{"type":"null"}]}},
              "required":["n"],
              "additionalProperties":false}}}
            """,
            Write(request)["output_config"]);
    }

    [Theory]
    [InlineData("claude-3-7-sonnet-20250219", "anthropic", """{"type":"object","properties":{"n":{"type":"integer"}}}""")]
    [InlineData(Sonnet, "vertex", """{"type":"object","properties":{"n":{"type":"integer"}}}""")]
    [InlineData(Sonnet, "anthropic", """{"type":"object","additionalProperties":{"type":"integer"}}""")]
    public void Elsewhere_a_tool_stands_for_the_schema_and_its_call_is_read_as_text(string model, string provider, string schema)
    {
        var request = Ask(ChatRole.User, "x");
        request.Format = Schema(schema);
        var body = Write(request, model, provider: provider);
        Assert.Null(body["output_config"]);
        AssertJson("""{"type":"tool","name":"gateway_structured_output"}""", body["tool_choice"]);
        AssertJson(schema, body["tools"]![0]!["input_schema"]);

        var answer = """{"id":"msg_1","type":"message","content":[{"type":"tool_use","id":"t","name":"gateway_structured_output","input":{"n":1}}],"stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":2}}""";
        Assert.True(AnthropicDialect.Instance.TryReadAnswer(Encoding.UTF8.GetBytes(answer), out var read));
        Assert.Equal("""{"n":1}""", Assert.IsType<TextPart>(Assert.Single(read.Choices[0].Parts)).Text);
        Assert.Equal(FinishReason.Stop, read.Choices[0].Finish);
    }

    [Fact]
    public void Markers_of_the_cache_stay_where_they_are()
    {
        var request = new ChatRequest { Origin = DialectId.BedrockConverse };
        Say(request, ChatRole.System, new TextPart("s") { Cache = new CacheMarker("1h") });
        Say(request, ChatRole.User, new TextPart("x") { Cache = new CacheMarker(null) });
        Say(request, ChatRole.Assistant, new ToolCallPart { Id = "a", Name = "f", Cache = new CacheMarker("5m") });
        Say(request, ChatRole.Tool, new ToolResultPart { CallId = "a", Cache = new CacheMarker("5m") });
        Say(request, ChatRole.User, new TextPart(" ") { Cache = new CacheMarker(null) });
        request.Tools.Add(new ToolDefinition { Name = "f", Cache = new CacheMarker(null) });
        var body = Write(request);
        Assert.Equal("1h", (string)body["system"]![0]!["cache_control"]!["ttl"]!);
        Assert.NotNull(body["tools"]![0]!["cache_control"]);
        Assert.All(body["messages"]!.AsArray(), static m => Assert.NotNull(m!["content"]![0]!["cache_control"]));
    }

    [Fact]
    public void What_there_is_no_form_for_is_listed_in_the_callers_words()
    {
        var request = Ask(ChatRole.User, "x", DialectId.Gemini);
        request.Seed = 1;
        request.Choices = 2;
        request.FrequencyPenalty = 0.5;
        request.PresencePenalty = 0;
        request.LogProbabilities = true;
        request.ServiceTier = "flex";
        request.Tools.Add(new ToolDefinition { Name = "googleSearch", Kind = ToolKind.Hosted });
        request.Extensions.Add(new RequestExtension("safetySettings", JsonElement.Parse("[]")));
        var drops = new DropList();
        var body = Write(request, drops: drops);
        Assert.Null(body["tools"]);
        Assert.Equal(
            ["safetySettings", "tools.googleSearch", "service_tier", "generationConfig.frequencyPenalty", "generationConfig.seed", "generationConfig.candidateCount", "generationConfig.responseLogprobs"],
            drops.Names);
    }

    [Fact]
    public void What_an_answer_cannot_be_without_is_a_problem()
    {
        var request = Ask(ChatRole.User, "x", DialectId.OpenAIResponses);
        request.Extensions.Add(new RequestExtension("previous_response_id", JsonElement.Parse("\"r\""), Essential: true));
        var problem = AnthropicDialect.Instance.WriteRequest(request, new RequestTarget { Model = Sonnet }, new ArrayBufferWriter<byte>(), new DropList());
        Assert.Equal("previous_response_id", problem?.Param);
    }

    [Fact]
    public void Tools_with_free_text_take_it_as_a_member()
    {
        var request = Ask(ChatRole.User, "x");
        request.Tools.Add(new ToolDefinition { Name = "patch", Kind = ToolKind.Custom, Description = "Applies it." });
        request.ParallelToolCalls = false;
        Say(request, ChatRole.Assistant, new ToolCallPart { Id = "a", Name = "patch", IsCustom = true, Arguments = "*** {\"" });
        var body = Write(request);
        AssertJson("""[{"name":"patch","description":"Applies it.","input_schema":{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}}]""", body["tools"]);
        AssertJson("""{"type":"auto","disable_parallel_tool_use":true}""", body["tool_choice"]);
        Assert.Equal("*** {\"", (string)body["messages"]![1]!["content"]![0]!["input"]!["input"]!);
    }

    [Fact]
    public void Clouds_have_the_model_in_the_address()
    {
        var request = Ask(ChatRole.User, "x");
        request.Stream = true;
        AssertJson("""{"anthropic_version":"vertex-2023-10-16","max_tokens":4096,"stream":true,"messages":[{"role":"user","content":[{"type":"text","text":"x"}]}]}""", Write(request, provider: "vertex", inPath: true));
        AssertJson("""{"anthropic_version":"bedrock-2023-05-31","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","text":"x"}]}]}""", Write(request, provider: "bedrock", inPath: true));
    }

    private static ResponseFormat Schema(string schema) => new() { Kind = ResponseFormatKind.JsonSchema, Name = "s", Schema = JsonElement.Parse(schema), Strict = true };

    private static ChatRequest Ask(ChatRole role, string text, DialectId origin = DialectId.OpenAIChat)
    {
        var request = new ChatRequest { Origin = origin };
        Say(request, role, new TextPart(text));
        return request;
    }

    private static void Say(ChatRequest request, ChatRole role, params ContentPart[] parts)
    {
        var message = new ChatMessage(role);
        message.Parts.AddRange(parts);
        request.Messages.Add(message);
    }

    private static JsonNode Write(ChatRequest request, string model = Sonnet, int? limit = null, string provider = "anthropic", bool inPath = false, DropList? drops = null)
    {
        var output = new ArrayBufferWriter<byte>();
        var target = new RequestTarget { Model = model, MaxOutputTokens = limit, Provider = provider, ModelInPath = inPath };
        Assert.Null(AnthropicDialect.Instance.WriteRequest(request, target, output, drops ?? new DropList()));
        return JsonNode.Parse(output.WrittenSpan)!;
    }

    private static void AssertJson(string expected, JsonNode? actual) => Assert.Equal(AnthropicSummary.Canonical(JsonNode.Parse(expected)), AnthropicSummary.Canonical(actual));
}
